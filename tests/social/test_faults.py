"""What goes wrong at a network becomes the kind that says what we must do, and what is certain."""

from datetime import timedelta

import pytest

from apps.core.errors import ContentRejected, OutcomeUnknown, Reconnect, TryLater
from apps.social import providers
from apps.social.providers.base import Account
from apps.social.providers.sandbox import Fault
from tests.factories import make_channel, make_fault
from tests.peers.processes import free_port
from tests.social.conftest import make_draft, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(recorder) -> Account:
    """An account of the recorder, which speaks Mastodon's API and keeps no keys."""
    return Account(recorder.url, "12@127.0.0.1", "@ada", "c", {"access_token": "12", "app": {"revoke": ""}})


mastodon = providers.get("mastodon")


@pytest.mark.parametrize(
    ("answer", "kind", "retry_after"),
    [
        ({"status": 429, "headers": {"Retry-After": "120"}}, TryLater, timedelta(seconds=120)),
        ({"status": 503, "headers": {"Retry-After": "7"}}, TryLater, timedelta(seconds=7)),
        ({"status": 500}, OutcomeUnknown, None),
        ({"status": 502}, OutcomeUnknown, None),
        ({"status": 504}, OutcomeUnknown, None),
        ({"status": 401}, Reconnect, None),
        ({"status": 403}, Reconnect, None),
        ({"status": 422}, ContentRejected, None),
        ({"body": "<html>Welcome"}, OutcomeUnknown, None),
        ({"drop": "before"}, OutcomeUnknown, None),
        ({"drop": "after"}, OutcomeUnknown, None),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_answer_to_publishing(recorder, account, answer, kind, retry_after):
    recorder.fail(**answer)
    with pytest.raises(kind) as caught:
        mastodon.publish(account, make_draft())
    assert type(caught.value) is kind
    if kind is TryLater:
        assert caught.value.retry_after == retry_after


def test_rate_limit_reset_is_a_time_to_come_back(recorder, account):
    recorder.fail(status=429, headers={"X-RateLimit-Reset": "2999-01-01T00:00:00.000000Z"})
    with pytest.raises(TryLater) as caught:
        mastodon.publish(account, make_draft())
    assert caught.value.retry_after > timedelta(days=365)


def test_lost_answer_is_settled_by_looking(recorder, account):
    draft = make_draft("Only once")
    recorder.fail(drop="after")
    with pytest.raises(OutcomeUnknown):
        mastodon.publish(account, draft)
    assert mastodon.find(account, draft) is not None
    assert [post["text"] for post in recorder.posts("12")].count("Only once") == 1


def test_nobody_there_means_nothing_was_sent(settings):
    port = free_port()
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{port}"]
    nobody = Account(f"http://127.0.0.1:{port}", "12@x", "@ada", "c", {"access_token": "12"})
    with pytest.raises(TryLater):
        mastodon.publish(nobody, make_draft())


def test_silence_ends_within_the_budget(recorder, account, monkeypatch):
    import apps.social.providers.mastodon as module

    monkeypatch.setattr(module, "CALL", 1.0)  # our own patience, so that the test does not wait for all of it
    recorder.fail(before=3)
    with pytest.raises(OutcomeUnknown):
        mastodon.publish(account, make_draft())


def test_picture_that_is_refused_is_not_published_without(recorder, account):
    recorder.fail("POST /api/v2/media", status=422)
    with pytest.raises(ContentRejected):
        mastodon.publish(account, make_draft("With a picture", pictures=(make_picture(),)))
    assert "With a picture" not in [post["text"] for post in recorder.posts("12")]


def test_picture_upload_that_fails_may_be_tried_again(recorder, account):
    recorder.fail("POST /api/v2/media", drop="after")
    with pytest.raises(TryLater):
        mastodon.publish(account, make_draft(pictures=(make_picture(),)))


def test_picture_in_the_works_is_waited_for(recorder, account):
    recorder.fail("POST /api/v2/media", status=202, body={"id": "77", "url": None})
    recorder.fail("GET /api/v1/media/77", status=206, body={"id": "77", "url": None}, times=2)
    recorder.fail("GET /api/v1/media/77", status=200, body={"id": "77", "url": "http://x/77"})
    mastodon.publish(account, make_draft("Developed", pictures=(make_picture(),)))
    assert [post["media"] for post in recorder.posts("12") if post["text"] == "Developed"] == [["77"]]


def test_looking_through_more_than_we_read_is_not_a_no(recorder, account):
    import httpx2

    with httpx2.Client(headers={"Authorization": "Bearer 13"}) as someone:
        for number in range(201):
            someone.post(f"{recorder.url}/api/v1/statuses", data={"status": f"Post {number}"})
    busy = Account(recorder.url, "13@127.0.0.1", "@busy", "c", {"access_token": "13", "app": {"revoke": ""}})
    with pytest.raises(TryLater):
        mastodon.find(busy, make_draft("Not there"))
    assert mastodon.find(busy, make_draft("Post 17")).remote_id
    assert mastodon.find(busy, make_draft("Post 190")).remote_id


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.TRY_LATER, TryLater),
        (Fault.REJECT, ContentRejected),
        (Fault.RECONNECT, Reconnect),
        (Fault.LOSE_ANSWER, OutcomeUnknown),
        (Fault.HANG, OutcomeUnknown),
    ],
)
def test_sandbox_does_what_it_is_asked_for_once(fault, kind):
    channel, sandbox = make_channel(), providers.get("sandbox")
    make_fault(channel, fault, seconds=0)
    draft = make_draft()
    with pytest.raises(kind):
        sandbox.publish(channel.account(), draft)
    if fault is Fault.RECONNECT:
        return
    assert (sandbox.find(channel.account(), draft) is not None) == (fault is Fault.LOSE_ANSWER)
    assert sandbox.publish(channel.account(), draft).remote_id


def test_stopped_pds_is_an_unknown_outcome_and_settled_by_looking(bluesky_world, monkeypatch):
    from apps.social.providers import bluesky as module

    _profile, account = bluesky_world.connect()
    draft = make_draft("While it slept")
    bluesky_world.provider.find(account, draft)
    monkeypatch.setattr(module, "LAST_CALL", 1.0)
    monkeypatch.setattr(module, "SEND_BUDGET", 3.0)  # our own patience
    bluesky_world.peer.process.freeze()
    try:
        with pytest.raises(OutcomeUnknown):
            bluesky_world.provider.publish(account, draft)
    finally:
        bluesky_world.peer.process.thaw()
    monkeypatch.undo()
    published = bluesky_world.provider.publish(account, draft)
    assert bluesky_world.provider.find(account, draft).remote == published.remote
    assert bluesky_world.live(account) == ["While it slept"]


def test_old_refresh_token_ends_the_session_for_good(bluesky_world):
    _profile, account = bluesky_world.connect()
    renewed = Account(**{**vars(account), "credentials": bluesky_world.provider.refresh(account)})
    with pytest.raises(Reconnect):
        bluesky_world.provider.refresh(account)
    with pytest.raises(Reconnect):
        bluesky_world.provider.verify(renewed)


def test_mastodon_mock_faults(mastodon_world):
    _profile, account = mastodon_world.connect()
    for effect, kind in [
        ({"type": "ratelimit", "headers": {"Retry-After": "60"}}, TryLater),
        ({"type": "status", "status": 500}, OutcomeUnknown),
        ({"type": "malformed"}, OutcomeUnknown),
        ({"type": "status", "status": 422}, ContentRejected),
    ]:
        mastodon_world.peer.fail("/api/v1/statuses", effect=effect)
        with pytest.raises(kind):
            mastodon_world.provider.publish(account, make_draft())
    assert mastodon_world.live(account) == []
