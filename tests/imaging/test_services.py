import threading
import uuid

import pytest
from django.db import connection

from apps.core import clock
from apps.core.errors import FeatureNotInPlan, Invalid, LimitReached, WrongState
from apps.imaging import generation as work
from apps.imaging import services
from apps.imaging.contract import PictureText, PromptContract
from apps.imaging.models import Candidate, Generation, Rendition
from apps.media.models import Asset
from tests import factories

pytestmark = pytest.mark.django_db

WISH = PromptContract(text=PictureText(headline="Fresh buns"), candidates=2)


@pytest.fixture
def workspace():
    return factories.make_workspace(name="Lemon Tree")


def request(workspace, wish=WISH, **fields) -> Generation:
    return services.request_pictures(workspace=workspace, user=None, wish=wish, **fields)


def test_request_keeps_the_contract_with_the_brands_name_and_a_seed(workspace):
    made = request(workspace)

    assert (made.wish.brand_name, made.model, made.wish.seed > 0) == ("Lemon Tree", "canvas", True)
    assert [c.index for c in made.candidates.in_order()] == [0, 1]


def test_request_takes_the_brand_kit_over(workspace):
    factories.make_brand(
        workspace=workspace,
        primary="#1f6f54",
        visual_style="luxury",
        website="https://www.lemontree.cafe/",
        voice="own",
        voice_words="in long words " * 30,
        avoid=[{"term": "alcohol", "mode": "negative"}, {"term": "cheap", "mode": "replace", "instead": "fair"}],
    )

    wish = request(workspace, WISH.changed(text={"headline": "Cheap buns"})).wish

    assert (wish.colours, wish.visual_style, wish.signature) == (("#1f6f54",), "luxury", "lemontree.cafe")
    assert wish.avoid == ("alcohol",)
    assert wish.text.headline == "Fair buns"


def test_words_the_brand_blocks_are_not_drawn(workspace):
    factories.make_brand(workspace=workspace, avoid=[{"term": "miracle", "mode": "block"}])

    with pytest.raises(Invalid) as refusal:
        request(workspace, WISH.changed(text={"headline": "Buns", "body": "A miracle"}))
    assert list(refusal.value.fields) == ["body"]


def test_the_same_request_twice_is_one_wish(workspace):
    key = uuid.uuid4()

    assert request(workspace, request_key=key) == request(workspace, request_key=key)
    assert Candidate.objects.count() == 2


def test_a_wish_without_words_is_refused(workspace):
    with pytest.raises(Invalid):
        request(workspace, PromptContract())


def test_a_quality_above_the_plan_is_refused():
    free = factories.make_workspace(organization=factories.make_organization(plan="free"))

    with pytest.raises(FeatureNotInPlan):
        request(free, WISH.changed(quality="standard"))
    assert services.best_quality(free.organization) == "draft"


def test_a_model_that_is_not_built_is_refused(workspace):
    with pytest.raises(Invalid):
        request(workspace, WISH.changed(model="gpt-image-1-mini"))


def test_drafts_of_a_day_are_capped(workspace):
    with pytest.raises(LimitReached):
        for _ in range(2000):
            request(workspace, WISH.changed(candidates=4))
    assert Generation.objects.count() * 4 == Candidate.objects.count()


def test_candidates_are_drawn_measured_and_the_best_is_kept(workspace):
    made = request(workspace)
    for candidate in made.candidates.all():
        assert work.draw_candidate(candidate.pk)

    made.refresh_from_db()
    drawn = list(made.candidates.in_order())
    assert [c.state for c in drawn] == ["drawn", "drawn"]
    assert made.best == max(drawn, key=lambda c: (c.total, -c.index))
    assert drawn[0].scores["measured"] == 2  # this brand has no colours to look like
    assert drawn[0].alt_text == "Card by Lemon Tree: Fresh buns."


def test_drawing_twice_draws_once(workspace):
    candidate = request(workspace).candidates.first()

    assert [work.draw_candidate(candidate.pk), work.draw_candidate(candidate.pk)] == [True, False]


def test_a_candidate_whose_worker_died_is_asked_for_again_and_given_up_in_the_end(workspace):
    made = request(workspace, WISH.changed(candidates=1))
    candidate = made.candidates.get()
    for tries in (1, 2, 3):
        assert Candidate.objects.claim(candidate.pk).tries == tries
        assert work.forgotten() == []
        Candidate.objects.update(lease_until=clock.now())
        assert work.forgotten() == ([candidate.pk] if tries < 3 else [])

    candidate.refresh_from_db()
    assert (candidate.state, bool(candidate.problem)) == ("failed", True)


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_draws():
    candidate = factories.make_generation().candidates.get()
    won, together = [], threading.Barrier(8)

    def draw() -> None:
        together.wait()
        won.append(Candidate.objects.claim(candidate.pk) is not None)
        connection.close()

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1


def test_taking_a_candidate_makes_one_ready_asset_and_costs_nothing():
    candidate = factories.make_candidate()

    asset = services.take_candidate(candidate=candidate, user=None)
    again = services.take_candidate(candidate=Candidate.objects.get(pk=candidate.pk), user=None)

    assert (asset, asset.state, asset.kind, asset.alt_text) == (again, "ready", "generated", "Card by Lemon Tree")
    assert (asset.width, asset.height, asset.mime) == (1080, 1080, "image/png")
    assert Asset.objects.count() == 1


def test_the_description_can_be_changed_while_taking():
    asset = services.take_candidate(candidate=factories.make_candidate(), user=None, alt_text="Buns on a tray")

    assert asset.alt_text == "Buns on a tray"


def test_what_is_not_drawn_cannot_be_taken():
    with pytest.raises(WrongState):
        services.take_candidate(candidate=factories.make_candidate(drawn=False), user=None)


def test_discarding_removes_rows_and_files_but_not_what_was_taken(django_capture_on_commit_callbacks):
    candidate = factories.make_candidate()
    asset = services.take_candidate(candidate=candidate, user=None)
    storage, name = candidate.file.storage, candidate.file.name

    with django_capture_on_commit_callbacks(execute=True):
        services.discard_generation(generation=candidate.generation)

    assert not storage.exists(name)
    assert Asset.objects.get() == asset


def test_old_drawings_leave_and_taken_ones_stay():
    old = factories.make_candidate()
    kept = factories.make_candidate()
    services.take_candidate(candidate=kept, user=None)
    Generation.objects.update(created_at=clock.now() - work.KEPT * 2)

    assert work.clean() == 1
    assert list(Candidate.objects.all()) == [kept]
    assert not old.file.storage.exists(old.file.name)


def test_a_rendition_is_made_once_for_a_network():
    asset = services.take_candidate(candidate=factories.make_candidate(), user=None)

    first, again = (work.make_rendition(asset.pk, "bluesky") for _ in range(2))

    assert first == again
    assert first.bytes <= 1_000_000
    assert Rendition.objects.count() == 1


def test_a_card_is_drawn_anew_for_another_ratio_instead_of_cut():
    asset = services.take_candidate(candidate=factories.make_candidate(), user=None)

    rendition = work.make_rendition(asset.pk, "bluesky", "landscape")

    assert (rendition.width, rendition.height) == (1600, 900)
    from apps.imaging.rendering import render

    with asset.file.open("rb") as file:
        cut = render(file.read(), "bluesky", "landscape")
    with rendition.file.open("rb") as file:
        assert file.read() != cut.data


def test_more_of_a_wish_has_other_dice(workspace):
    made = request(workspace)

    more = services.request_more(generation=made, user=None)

    assert more.wish.seed != made.wish.seed
    assert more.wish.text == made.wish.text


def test_a_sample_is_drawn_by_the_worker_and_kept(workspace):
    wish = services.sample_wish(workspace=workspace, wish=PromptContract(colours=("#1f6f54",)))

    assert services.find_sample(wish, wait=0.01) is None
    work.draw_sample(services.sample_key(wish), wish.model_dump(mode="json"), 60)

    assert services.find_sample(wish)[8:12] == b"WEBP"
