"""Tokens are refreshed once, a blip is not a dead token, and health heals both ways."""

import threading
from datetime import timedelta

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from apps.core import clock
from apps.core.errors import Reconnect, TryLater, WrongState
from apps.core.models import AuditEntry
from apps.social import providers, refreshing
from apps.social.models import Channel, Status
from apps.social.providers.sandbox import SandboxGrant
from apps.social.signals import channel_reconnect_needed
from tests.factories import make_channel

pytestmark = pytest.mark.django_db


def expiring(**fields) -> Channel:
    """A channel whose access token ends in a minute."""
    channel = make_channel(**fields)
    Channel.objects.filter(pk=channel.pk).update(expires_at=clock.now() + timedelta(minutes=1))
    return channel


def reload(channel: Channel) -> Channel:
    return Channel.objects.get(pk=channel.pk)


def refreshes(channel: Channel) -> int:
    return SandboxGrant.objects.get(owner=channel.account_id).refreshes


def revoke(channel: Channel) -> None:
    providers.get("sandbox").revoke(reload(channel).account())


def refuse_refresh(channel: Channel) -> None:
    SandboxGrant.objects.filter(owner=channel.account_id).update(refresh_token="replaced-by-another")


def test_fresh_account_leaves_a_young_token_alone():
    channel = make_channel()
    assert refreshing.fresh_account(channel.pk).credentials == channel.credentials
    assert refreshes(channel) == 0


def test_fresh_account_renews_a_token_that_ends_soon():
    channel = expiring()
    account = refreshing.fresh_account(channel.pk)
    assert account.credentials["access_token"] != channel.credentials["access_token"]
    assert reload(channel).expires_at > clock.now() + timedelta(minutes=50)
    assert AuditEntry.objects.filter(action="channel.refreshed", target_id=channel.pk).count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_threads_refresh_once():
    channel = expiring()
    barrier, accounts, errors = threading.Barrier(50), [], []

    def ask() -> None:
        barrier.wait()
        try:
            accounts.append(refreshing.fresh_account(channel.pk))
        except Exception as error:  # noqa: BLE001  # shown below
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert refreshes(channel) == 1
    assert {account.credentials["access_token"] for account in accounts} == {
        reload(channel).credentials["access_token"]
    }


def test_refused_refresh_needs_a_person_and_says_so_upward(django_capture_on_commit_callbacks):
    channel, heard = expiring(), []
    refuse_refresh(channel)
    channel_reconnect_needed.connect(lambda channel, **_: heard.append(channel.pk), weak=False, dispatch_uid="test")
    try:
        with pytest.raises(Reconnect):
            refreshing.fresh_account(channel.pk)
    finally:
        channel_reconnect_needed.disconnect(dispatch_uid="test")
    assert (reload(channel).status, heard) == (Status.RECONNECT, [channel.pk])
    with pytest.raises(Reconnect):
        refreshing.fresh_account(channel.pk)


def test_disconnected_profile_gives_no_account():
    channel = make_channel()
    channel.disconnect()
    channel.save()
    with pytest.raises(WrongState):
        refreshing.fresh_account(channel.pk)


def test_refusal_that_a_refresh_mends_is_a_blip():
    channel = make_channel()
    used = channel.account()
    with pytest.raises(TryLater):
        refreshing.settle_refusal(channel.pk, used, Reconnect("No."))
    assert (reload(channel).status, refreshes(channel)) == (Status.CONNECTED, 1)


def test_refusal_of_tokens_that_were_renewed_meanwhile_is_a_blip():
    channel = expiring()
    used = channel.account()
    refreshing.fresh_account(channel.pk)
    with pytest.raises(TryLater):
        refreshing.settle_refusal(channel.pk, used, Reconnect("No."))
    assert refreshes(channel) == 1


def test_refusal_that_stands_needs_a_person():
    channel = make_channel()
    revoke(channel)
    with pytest.raises(Reconnect):
        refreshing.settle_refusal(channel.pk, channel.account(), Reconnect("No."))
    assert (reload(channel).status, reload(channel).problem) == (Status.RECONNECT, "No.")


def test_health_verifies_and_notes_the_look():
    channel = make_channel(verified=False, checked_at=None)
    assert refreshing.check_health(channel.pk).is_ready
    assert reload(channel).checked_at is not None


def test_health_of_a_revoked_permission_needs_a_person():
    channel = make_channel()
    revoke(channel)
    assert refreshing.check_health(channel.pk).status == Status.RECONNECT


def test_health_heals_what_the_network_takes_after_all():
    channel = make_channel()
    channel.need_reconnect("No.")
    channel.save()
    healed = refreshing.check_health(channel.pk)
    assert (healed.status, healed.problem, healed.is_ready) == (Status.CONNECTED, "", True)


def test_tokens_under_a_lost_key_need_a_person_until_the_key_is_back(settings):
    channel, kept = make_channel(), settings.FIELD_KEYS
    settings.FIELD_KEYS = [f"new:{Fernet.generate_key().decode()}"]
    with pytest.raises(Reconnect):
        refreshing.fresh_account(channel.pk)
    lost = "What this profile was connected with can no longer be read. Connect it again."
    assert (reload(channel).status, reload(channel).problem) == (Status.RECONNECT, lost)
    assert refreshing.check_health(channel.pk).status == Status.RECONNECT
    settings.FIELD_KEYS = [*settings.FIELD_KEYS, *kept]
    assert refreshing.check_health(channel.pk).is_ready


def test_health_of_a_network_in_trouble_changes_no_state(recorder):
    channel = make_channel(
        network="mastodon",
        server=recorder.url,
        account_id="9@127.0.0.1",
        credentials={"access_token": "9", "app": {"revoke": ""}},
    )
    recorder.fail("GET /api/v1/accounts/verify_credentials", status=502)
    looked = refreshing.check_health(channel.pk)
    assert (looked.status, looked.problem) == (Status.CONNECTED, "The server has trouble of its own.")
