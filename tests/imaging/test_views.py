import json
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.catalog import Role
from apps.imaging.models import Candidate, Generation
from apps.media.models import Asset
from tests import factories

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def workspace():
    return factories.make_workspace(name="Lemon Tree")


@pytest.fixture
def client(workspace) -> Client:
    return signed_in(workspace, Role.MEMBER)


def signed_in(workspace, role: str) -> Client:
    member = factories.make_membership(organization=workspace.organization, role=role)
    client = Client()
    client.force_login(member.user)
    return client


def link(name: str, workspace, **more) -> str:
    return reverse(name, kwargs={"workspace": workspace.slug, **more})


FILLED = {"kind": "announcement", "headline": "Fresh buns", "look": "", "mood": "", "size": "square"}


def test_the_maker_starts_from_a_posts_words(client, workspace):
    text = "20 % off every cake this weekend. Come by!"
    form = client.get(link("image_new", workspace), {"text": text, "network": "bluesky"}).context["form"]

    assert (form.kind, form["figure"].value(), form["headline"].value()) == (
        "offer",
        "20 %",
        "off every cake this weekend",
    )
    assert form["body"].value() == "Come by!"


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("quote", ["headline", "attribution"]), ("offer", ["kicker", "figure", "headline", "body", "action"])],
)
def test_a_kind_asks_only_for_its_own_words(client, workspace, kind, fields):
    form = client.get(link("image_new", workspace), {"kind": kind}).context["form"]

    assert [field.name for field in form.word_fields] == fields


def test_asking_leads_to_the_drawings(client, workspace):
    response = client.post(link("image_new", workspace), FILLED | {"request_key": uuid.uuid4(), "next": "/w/x/"})

    made = Generation.objects.get()
    assert response["Location"] == f"{made.get_absolute_url()}?next=%2Fw%2Fx%2F"
    assert made.candidates.count() == 4
    assert made.requested_by is not None


def test_asking_with_htmx_shows_the_drawings_in_place(client, workspace):
    response = client.post(link("image_new", workspace), FILLED, **HTMX)

    assert "Drawing 1 of 4" in response.text
    assert "<html" not in response.text
    asking = f'data-live="generation:{Generation.objects.get().pk}" data-live-every="900" hx-trigger="look"'
    assert asking in response.text


def test_nothing_to_say_is_told_at_its_field(client, workspace):
    response = client.post(link("image_new", workspace), FILLED | {"headline": ""})

    assert response.status_code == 422
    assert Generation.objects.count() == 0


def test_a_finished_drawing_stops_asking(client, workspace):
    candidate = factories.make_candidate(workspace=workspace)

    response = client.get(candidate.generation.get_absolute_url(), **HTMX)

    assert "hx-trigger" not in response.text
    assert "From 3 of 5 parts" in response.text
    assert "needs picture understanding" in response.text


def test_the_best_is_marked_with_what_sets_it_apart(client, workspace):
    generation = factories.make_generation(workspace=workspace, candidates=0)
    best, other = (factories.make_candidate(generation=generation, index=i) for i in (0, 1))
    next(part for part in other.scores["parts"] if part["key"] == "brand")["measures"]["palette"] -= 20
    other.save()
    generation.best = best
    generation.save()

    page = client.get(generation.get_absolute_url(), **HTMX).text

    assert "The best: closest to your brand&#x27;s colours." in page
    assert page.count("drawing-best") == 1


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_drawings_takes_the_same_queries(client, workspace, count, django_assert_num_queries):
    generation = factories.make_generation(workspace=workspace, candidates=0)
    for index in range(count):
        factories.make_candidate(generation=generation, index=index)
    client.get(generation.get_absolute_url(), **HTMX)

    with django_assert_num_queries(6):  # the plan that may lock the member is one of them
        client.get(generation.get_absolute_url(), **HTMX)


def test_taking_puts_the_picture_into_the_library_and_the_post(client, workspace):
    candidate = factories.make_candidate(workspace=workspace)

    response = client.post(link("image_take", workspace, pk=candidate.pk), {"next": "/w/x/posts/new/"})

    asset = Asset.objects.get()
    assert response["Location"] == f"/w/x/posts/new/?picture={asset.pk}"
    candidate.refresh_from_db()
    assert candidate.asset == asset


def test_taking_with_htmx_tells_the_composer(client, workspace):
    candidate = factories.make_candidate(workspace=workspace)

    response = client.post(link("image_take", workspace, pk=candidate.pk), **HTMX)

    told = json.loads(response["HX-Trigger"])["asset-added"]
    assert told["id"] == str(Asset.objects.get().pk)
    assert "In your library" in response.text


def test_taking_for_a_post_goes_back_to_it_with_htmx_too(client, workspace):
    candidate = factories.make_candidate(workspace=workspace)

    response = client.post(link("image_take", workspace, pk=candidate.pk), {"next": "/w/x/posts/new/"}, **HTMX)

    assert response["HX-Redirect"] == f"/w/x/posts/new/?picture={Asset.objects.get().pk}"


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere(client, workspace, address):
    candidate = factories.make_candidate(workspace=workspace)

    response = client.post(link("image_take", workspace, pk=candidate.pk), {"next": address})

    assert response["Location"].startswith("/w/")


def test_another_workspaces_candidate_is_not_found(client, workspace):
    other = factories.make_candidate(workspace=factories.make_workspace(organization=workspace.organization))

    assert client.post(link("image_take", workspace, pk=other.pk)).status_code == 404
    assert client.get(link("image_preview", workspace, pk=other.pk)).status_code == 404


def test_a_preview_is_private_and_small(client, workspace):
    response = client.get(factories.make_candidate(workspace=workspace).get_preview_url())

    assert response["Content-Type"] == "image/webp"
    assert response["Cache-Control"].startswith("private")


def test_a_viewer_sees_drawings_and_cannot_take_them(workspace):
    viewer = signed_in(workspace, Role.VIEWER)
    candidate = factories.make_candidate(workspace=workspace)

    assert "Take this one" not in viewer.get(candidate.generation.get_absolute_url()).text
    assert viewer.post(link("image_take", workspace, pk=candidate.pk)).status_code == 403


def test_words_are_shown_as_words(client, workspace):
    client.post(link("image_new", workspace), FILLED | {"headline": "<script>alert(1)</script>"})

    page = client.get(Generation.objects.get().get_absolute_url()).text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_drawing_more_and_throwing_away(client, workspace):
    candidate = factories.make_candidate(workspace=workspace)

    client.post(link("image_again", workspace, pk=candidate.generation_id))
    client.post(link("image_discard", workspace, pk=candidate.generation_id))

    assert Generation.objects.count() == 1
    assert not Candidate.objects.filter(pk=candidate.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_library_takes_the_same_queries(client, workspace, count, django_assert_num_queries):
    for _ in range(count):
        factories.make_asset(workspace=workspace)
        factories.make_candidate(workspace=workspace)
    client.get(link("library", workspace), **HTMX)

    with django_assert_num_queries(7):
        page = client.get(link("library", workspace), **HTMX)
    assert page.text.count('class="tile"') == 2 * count


def test_the_library_shows_one_kind(client, workspace):
    uploaded = factories.make_asset(workspace=workspace)

    def shown(**asked):
        return [tile.pk for tile in client.get(link("library", workspace), asked).context["page"]]

    assert shown(kind="upload") == [str(uploaded.pk)]
    assert shown(kind="generated") == []
    assert shown(kind="x", after="y") == [str(uploaded.pk)]


def test_the_library_goes_on_where_a_page_ended(client, workspace):
    uploaded = [factories.make_asset(workspace=workspace) for _ in range(49)]
    first = client.get(link("library", workspace)).context["page"]
    second = client.get(link("library", workspace), {"after": first.after}).context["page"]
    assert [tile.pk for page in (first, second) for tile in page] == [str(row.pk) for row in reversed(uploaded)]
    assert (len(first.rows), second.after) == (48, "")


def test_a_tile_says_what_a_picture_lacks(client, workspace):
    factories.make_asset(workspace=workspace, alt_text="")
    factories.make_asset(workspace=workspace, alt_text="Rolls")
    Asset.objects.filter(pk=factories.make_asset(workspace=workspace).pk).update(state="pending")
    page = client.get(link("library", workspace)).text
    assert (page.count("no description"), page.count("Being checked …"), page.count('alt="Rolls"')) == (1, 1, 1)


def test_a_sample_card_has_a_stand_in_until_it_is_drawn(client, workspace):
    response = client.get(link("image_sample", workspace), {"colour": ["#1f6f54", "#f3e3c3"], "style": "classic"})

    assert response["Content-Type"] == "image/svg+xml"
    assert "#1f6f54" in response.text


def test_a_sample_card_leaves_out_what_cannot_be_seen(client, workspace):
    response = client.get(link("image_sample", workspace), {"name": "Caf\x00é \u202eAda", "headline": "\x00"})
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")


@pytest.mark.parametrize("given", [{"colour": "red"}, {"style": "gothic"}, {"colour": '#fff"/><script>'}])
def test_a_sample_card_refuses_what_is_no_look(client, workspace, given):
    assert client.get(link("image_sample", workspace), given).status_code == 422
