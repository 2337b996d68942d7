from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY

from apps.content import publishing, services, settling
from apps.content.catalog import AttemptKind, CatchUpRule, Hold, Outcome, PostStatus, Status
from apps.content.drafting import draft_of
from apps.content.models import Attempt, Publication
from apps.content.validation import PictureChoice
from apps.core import clock
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social import providers
from apps.social.models import SandboxPost
from apps.social.providers.base import Capabilities
from apps.social.providers.sandbox import Fault, Sandbox
from tests.factories import make_asset, make_brand, make_channel, make_due, make_fault, make_scheduled, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def moving_clock():
    yield clock.move
    clock.reset()


def run(publication: Publication) -> Publication:
    publishing.publish(publication.pk)
    return fresh(publication)


def settle(publication: Publication) -> Publication:
    settling.settle(publication.pk)
    return fresh(publication)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.select_related("post", "channel").get(pk=publication.pk)


def tried(publication: Publication) -> list[tuple[str, str]]:
    return list(Attempt.objects.filter(publication=publication).order_by("pk").values_list("kind", "outcome"))


def counted(publication: Publication) -> tuple[int, int]:
    """Used and still reserved publications of the organization's day."""
    lines = entitlements.usage(publication.channel.workspace.organization)
    line = next(line for line in lines if line.limit == Limit.PUBLICATIONS_DAY)
    return line.used, line.reserved


def test_publish_sends_once_and_keeps_the_proof():
    publication = make_due(text="Fresh bread")
    done = run(publication)
    live = SandboxPost.objects.get()
    assert (live.text, live.key) == ("Fresh bread", publication.key)
    assert (done.status, done.remote_id, done.sent_text) == (Status.PUBLISHED, str(live.pk), "Fresh bread")
    assert (done.post.status, done.fence, done.url) == (PostStatus.PUBLISHED, None, done.url)
    assert tried(done) == [(AttemptKind.SEND, Outcome.PUBLISHED)]
    assert counted(done) == (1, 0)
    run(publication)
    assert SandboxPost.objects.count() == 1


def test_publish_is_counted_once_it_is_certain(moving_clock, django_capture_on_commit_callbacks):
    publication = make_due()
    moving_clock(timedelta(seconds=7))
    names = ("lily_publications_total", {"network": "sandbox", "outcome": "published"})
    late = ("lily_publication_late_seconds_bucket", {"network": "sandbox", "le": "10.0"})
    before = [REGISTRY.get_sample_value(*names) or 0, REGISTRY.get_sample_value(*late) or 0]
    with django_capture_on_commit_callbacks() as put_off:
        run(publication)
    assert [REGISTRY.get_sample_value(*names) or 0, REGISTRY.get_sample_value(*late) or 0] == before
    for callback in put_off:
        callback()
    assert [REGISTRY.get_sample_value(*names), REGISTRY.get_sample_value(*late)] == [number + 1 for number in before]


@pytest.mark.parametrize(("fault", "outcome"), [(Fault.REJECT, Outcome.REJECTED), (Fault.TRY_LATER, Outcome.TRY_LATER)])
def test_publish_that_failed_is_counted_by_its_outcome(fault, outcome):
    publication = make_due()
    make_fault(publication.channel, fault)
    labels = {"network": "sandbox", "outcome": outcome}
    before = REGISTRY.get_sample_value("lily_publications_total", labels) or 0
    run(publication)
    assert REGISTRY.get_sample_value("lily_publications_total", labels) == before + 1


def test_publish_before_its_time_does_nothing():
    publication = make_scheduled().publications.get()
    assert run(publication).status == Status.QUEUED
    assert tried(publication) == []


def test_publish_sends_the_networks_own_words():
    publication = make_due(text="Long", variants={"sandbox": "Short"})
    assert run(publication).sent_text == "Short"


def test_retry_after_is_honoured_to_the_second(moving_clock):
    publication = make_due()
    make_fault(publication.channel, Fault.TRY_LATER, seconds=37)
    before = clock.now()
    waiting = run(publication)
    assert waiting.status == Status.QUEUED
    assert timedelta(seconds=37) <= waiting.next_try_at - before < timedelta(seconds=38)
    assert (waiting.tries, counted(waiting)) == (1, (1, 1))
    moving_clock(timedelta(seconds=36))
    assert run(publication).status == Status.QUEUED
    moving_clock(timedelta(seconds=2))
    assert run(publication).status == Status.PUBLISHED
    assert tried(publication) == [(AttemptKind.SEND, Outcome.TRY_LATER), (AttemptKind.SEND, Outcome.PUBLISHED)]


def test_a_network_that_stays_busy_is_given_up_and_a_person_asked():
    publication = make_due()
    make_fault(publication.channel, Fault.TRY_LATER, seconds=1, times=99)
    for _ in range(settling.MAX_TRIES):
        Publication.objects.update(next_try_at=clock.now())
        publishing.publish(publication.pk)
    missed = fresh(publication)
    assert (missed.status, missed.asks_person, missed.post.status) == (Status.MISSED, True, PostStatus.ATTENTION)
    assert counted(missed) == (0, 0)


def test_rejected_content_asks_a_person_and_can_be_sent_again_when_changed():
    publication = make_due()
    make_fault(publication.channel, Fault.REJECT)
    rejected = run(publication)
    assert (rejected.status, rejected.asks_person, rejected.post.status) == (
        Status.REJECTED,
        True,
        PostStatus.ATTENTION,
    )
    assert counted(rejected) == (0, 0)
    services.save_draft(post=rejected.post, version=1, text="Nicer")
    services.retry_publication(publication=rejected)
    done = run(publication)
    assert (done.status, done.sent_text, done.asks_person, done.post.status) == (
        Status.PUBLISHED,
        "Nicer",
        False,
        PostStatus.PUBLISHED,
    )


@pytest.mark.usefixtures("midday")
def test_a_lost_permission_holds_everything_of_the_profile_until_reconnected():
    channel = make_channel()
    publication, later = make_due(channels=[channel]), make_scheduled(channels=[channel]).publications.get()
    make_fault(channel, Fault.RECONNECT)
    held = run(publication)
    assert (held.status, held.hold_reason, held.asks_person) == (Status.QUEUED, Hold.RECONNECT, True)
    assert fresh(later).hold_reason == Hold.RECONNECT
    assert held.post.status == PostStatus.ATTENTION
    assert run(publication).hold_reason == Hold.RECONNECT
    assert counted(held) == (2, 2)


def test_a_lost_answer_is_settled_by_looking_and_never_sent_twice():
    publication = make_due()
    make_fault(publication.channel, Fault.LOSE_ANSWER)
    unknown = run(publication)
    assert (unknown.status, unknown.post.status, counted(unknown)) == (Status.UNKNOWN, PostStatus.SCHEDULED, (1, 1))
    done = settle(publication)
    assert (done.status, done.remote_id) == (Status.PUBLISHED, str(SandboxPost.objects.get().pk))
    assert tried(publication) == [(AttemptKind.SEND, Outcome.UNKNOWN), (AttemptKind.LOOK, Outcome.FOUND)]
    assert counted(done) == (1, 0)


def test_what_is_not_there_is_sent_again_with_its_key_on_a_network_that_has_keys():
    publication = make_due()
    make_fault(publication.channel, Fault.HANG, seconds=0)
    assert run(publication).status == Status.UNKNOWN
    assert settle(publication).status == Status.QUEUED
    assert run(publication).status == Status.PUBLISHED
    assert SandboxPost.objects.count() == 1


class Keyless(Sandbox):
    """The sandbox as a network whose API has no idempotency."""

    capabilities = Capabilities(idempotent=False, can_find=True, can_delete=False, is_sold=False)


class Blind(Sandbox):
    """The sandbox as a network that neither has keys nor lets us look."""

    capabilities = Capabilities(idempotent=False, can_find=False, can_delete=False, is_sold=False)


@pytest.mark.usefixtures("midday")
def test_without_keys_what_is_not_seen_is_looked_for_again_and_then_a_person_asked(monkeypatch, moving_clock):
    monkeypatch.setitem(providers.PROVIDERS, "sandbox", Keyless())
    publication = make_due()
    make_fault(publication.channel, Fault.HANG, seconds=0)
    run(publication)
    for _ in range(len(settling.LOOKS)):
        assert settle(publication).asks_person is False
        moving_clock(timedelta(minutes=16))
    unknown = settle(publication)
    assert (unknown.status, unknown.asks_person, unknown.post.status) == (
        Status.UNKNOWN,
        True,
        PostStatus.ATTENTION,
    )
    assert SandboxPost.objects.count() == 0
    assert counted(unknown) == (1, 1)


def test_without_keys_or_looking_a_person_is_asked_at_once(monkeypatch):
    monkeypatch.setitem(providers.PROVIDERS, "sandbox", Blind())
    publication = make_due()
    make_fault(publication.channel, Fault.LOSE_ANSWER)
    run(publication)
    unknown = settle(publication)
    assert (unknown.status, unknown.asks_person) == (Status.UNKNOWN, True)


def test_a_dead_claim_without_an_attempt_goes_back_into_the_queue(moving_clock):
    publication = make_due()
    Publication.objects.claim(publication.pk, lease=publishing.LEASE)
    assert settling.sweep() == 0
    moving_clock(timedelta(seconds=61))
    assert settling.sweep() == 1
    assert fresh(publication).status == Status.QUEUED
    assert run(publication).status == Status.PUBLISHED


def test_a_dead_claim_with_an_attempt_is_looked_for(moving_clock):
    publication = make_due()
    claimed = Publication.objects.claim(publication.pk, lease=publishing.LEASE)
    Attempt.objects.create(publication=claimed, channel=claimed.channel, fence=claimed.fence)
    moving_clock(timedelta(seconds=61))
    settling.sweep()
    assert fresh(publication).status == Status.UNKNOWN
    assert tried(publication) == [(AttemptKind.SEND, Outcome.UNKNOWN)]


def test_a_worker_that_slept_past_its_lease_does_not_send(moving_clock):
    publication = make_due()

    def sleep(step, **_news):
        if step == "recorded":
            clock.move(timedelta(seconds=25))

    from apps.content.signals import publication_step

    publication_step.connect(sleep)
    try:
        publishing.publish(publication.pk)
    finally:
        publication_step.disconnect(sleep)
    assert SandboxPost.objects.count() == 0


def test_an_answer_that_comes_after_the_sweep_is_believed(moving_clock):
    publication = make_due()

    def sweep(step, **_news):
        if step == "answered":
            clock.move(timedelta(seconds=61))
            settling.sweep()

    from apps.content.signals import publication_step

    publication_step.connect(sweep)
    try:
        publishing.publish(publication.pk)
    finally:
        publication_step.disconnect(sweep)
    assert fresh(publication).status == Status.UNKNOWN
    assert settle(publication).status == Status.PUBLISHED
    assert tried(publication) == [(AttemptKind.SEND, Outcome.PUBLISHED)]


@pytest.mark.parametrize(
    ("brake", "reason"),
    [
        (lambda channel: setattr(channel, "is_paused", True), Hold.CHANNEL_PAUSED),
        (lambda channel: setattr(channel.workspace, "is_paused", True), Hold.WORKSPACE_PAUSED),
        (lambda channel: setattr(channel.workspace.organization, "is_paused", True), Hold.ORGANIZATION_PAUSED),
        (lambda channel: setattr(channel, "verified_at", None), Hold.UNVERIFIED),
    ],
)
def test_what_the_claim_could_not_see_is_found_before_the_call(brake, reason):
    publication = make_due()
    channel = publication.channel
    brake(channel)
    channel.save(), channel.workspace.save(), channel.workspace.organization.save()
    held = run(publication)
    assert (held.status, held.hold_reason, tried(held)) == (Status.QUEUED, reason, [])


def test_a_channel_locked_by_the_plan_is_not_sent_on():
    workspace = make_workspace()
    make_channel(workspace=workspace)
    publication = make_due(channels=[make_channel(workspace=workspace)])
    from tests.factories import make_standing

    make_standing(workspace.organization, plan="free")
    assert run(publication).hold_reason == Hold.LOCKED


@pytest.mark.parametrize(
    ("rule", "status", "asks"),
    [
        (CatchUpRule.ASK, Status.MISSED, True),
        (CatchUpRule.SKIP, Status.MISSED, False),
        (CatchUpRule.SPREAD, Status.QUEUED, False),
    ],
)
def test_late_posts_follow_the_workspaces_rule(rule, status, asks, moving_clock):
    publication = make_due()
    services.set_catch_up(workspace=publication.channel.workspace, rule=rule)
    moving_clock(timedelta(hours=2, minutes=1))
    late = run(publication)
    assert (late.status, late.asks_person, SandboxPost.objects.count()) == (status, asks, 0)
    if rule == CatchUpRule.SPREAD:
        assert run(publication).status == Status.PUBLISHED
    else:
        assert counted(late)[0] == 0


def test_late_within_the_window_is_simply_sent(moving_clock):
    publication = make_due()
    moving_clock(timedelta(hours=1, minutes=59))
    assert run(publication).status == Status.PUBLISHED


def test_letting_go_of_a_brake_spreads_what_is_late(moving_clock):
    channel = make_channel()
    posts = [make_due(channels=[channel]) for _ in range(3)]
    services.set_catch_up(workspace=channel.workspace, rule=CatchUpRule.SPREAD)
    channel.pause()
    channel.save()
    services.review_channel(channel=channel)
    assert {fresh(row).hold_reason for row in posts} == {Hold.CHANNEL_PAUSED}
    moving_clock(timedelta(hours=3))
    channel.resume()
    channel.save()
    services.review_channel(channel=channel)
    times = [fresh(row).due_at for row in posts]
    assert [round((at - times[0]).total_seconds() / 60) for at in times] == [0, 15, 30]


def test_disconnecting_a_profile_asks_and_connecting_it_again_lets_go():
    publication = make_scheduled().publications.get()
    channel = publication.channel
    credentials = channel.credentials
    channel.disconnect()
    channel.save()
    services.review_channel(channel=channel)
    assert (fresh(publication).hold_reason, fresh(publication).post.status) == (
        Hold.DISCONNECTED,
        PostStatus.ATTENTION,
    )
    channel.status, channel.credentials, channel.verified_at = "connected", credentials, clock.now()
    channel.save()
    services.review_channel(channel=channel)
    assert (fresh(publication).held, fresh(publication).asks_person, fresh(publication).post.status) == (
        False,
        False,
        PostStatus.SCHEDULED,
    )


def test_a_lost_claim_writes_nothing():
    publication = make_due()
    claimed = Publication.objects.claim(publication.pk, lease=publishing.LEASE)
    Publication.objects.update(fence=uuid4())
    assert publishing._lock(claimed) is None


def test_looking_for_one_of_two_equal_posts_never_takes_the_other(monkeypatch):
    """A network that can only be searched by words: what another publication became is not taken for this one."""
    looked_for = []

    class Searching(Sandbox):
        def find(self, account, draft):
            looked_for.append(draft.taken)
            return super().find(account, draft)

    monkeypatch.setitem(providers.PROVIDERS, "sandbox", Searching())
    channel = make_channel()
    lost, other = (make_due(channels=[channel], text="Soup of the day") for _ in range(2))
    make_fault(channel, Fault.LOSE_ANSWER)
    run(lost)
    taken = run(other).remote_id
    assert settle(lost).status == Status.PUBLISHED
    assert looked_for == [frozenset({taken})]
    assert fresh(lost).remote_id != taken


def test_pictures_go_out_in_their_order():
    channel = make_channel()
    first, second = (PictureChoice(make_asset(workspace=channel.workspace), alt) for alt in ("A loaf", "A roll"))
    publication = make_due(channels=[channel], pictures=[first, second])
    services.save_draft(post=publication.post, version=1, pictures=[second, first])
    run(publication)
    assert [picture.alt for picture in SandboxPost.objects.get().pictures.all()] == ["A roll", "A loaf"]


# -- the brand's words


def replacing(workspace, instead: str) -> None:
    make_brand(workspace=workspace, avoid=[{"term": "cheap", "mode": "replace", "instead": instead}])


@pytest.fixture
def branded():
    """A profile of a brand that says “fair” instead of “cheap”."""
    channel = make_channel()
    replacing(channel.workspace, "fair")
    return channel


def test_what_the_brand_replaces_goes_out_in_its_words(branded):
    done = run(make_due(channels=[branded], text="Cheap", variants={"sandbox": "Cheap rolls"}))
    assert (SandboxPost.objects.get().text, done.sent_text) == ("Fair rolls", "Fair rolls")
    assert (done.post.text, done.post.text_for("sandbox")) == ("Cheap", "Cheap rolls")


def test_every_try_and_every_look_has_the_same_words_whatever_becomes_of_the_brand(branded, moving_clock):
    publication = make_due(channels=[branded], text="Cheap bread")
    make_fault(branded, Fault.TRY_LATER, seconds=1)
    run(publication)
    replacing(branded.workspace, "low")
    services.move_post(post=publication.post, at=clock.now())
    make_fault(branded, Fault.LOSE_ANSWER)
    moving_clock(timedelta(seconds=2))
    unknown = run(publication)
    assert unknown.status == Status.UNKNOWN
    replacing(branded.workspace, "humble")
    assert draft_of(Publication.objects.for_sending().get()).text == "Fair bread"
    assert settle(publication).sent_text == "Fair bread"
    assert [post.text for post in SandboxPost.objects.all()] == ["Fair bread"]


def test_words_edited_on_the_calendar_go_out_by_the_rules_of_that_moment(branded):
    publication = make_due(channels=[branded], text="Cheap bread")
    replacing(branded.workspace, "low-priced")
    services.save_draft(post=publication.post, version=1, text="Cheap rolls")
    assert run(publication).sent_text == "Low-priced rolls"


def test_words_of_a_post_taken_off_the_calendar_are_open_again(branded):
    post = make_scheduled(channels=[branded], text="Cheap bread")
    services.unschedule_post(post=post)
    assert post.publications.get().sent_text == ""
    replacing(branded.workspace, "low")
    services.schedule_post(post=post, at=clock.now())
    assert run(post.publications.get()).sent_text == "Low bread"


def test_sending_reads_no_brand(branded):
    publication = make_due(channels=[branded], text="Cheap bread")
    with CaptureQueriesContext(connection) as asked:
        publishing.publish(publication.pk)
    assert [row["sql"] for row in asked if "brand_" in row["sql"]] == []
