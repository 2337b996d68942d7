"""Channels guard their transitions; states of a connection are used once, by their person, in ten minutes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection

from apps.core import clock
from apps.core.errors import WrongState
from apps.social.models import Channel, ConnectState, Status, hash_token, new_token
from apps.social.providers.base import Account, Profile
from tests.factories import make_channel, make_user, make_workspace

pytestmark = pytest.mark.django_db

PROFILE = Profile("1", "@ada", "Ada", "https://example.social/@ada", limits={"max_characters": 700})


def make_state(**fields) -> tuple[ConnectState, str]:
    token = new_token()
    values = {"user": make_user(), "workspace": make_workspace(), "network": "sandbox"} | fields
    return ConnectState.objects.create(token_hash=hash_token(token), **values), token


def test_channel_credentials_lie_encrypted():
    channel = make_channel(credentials={"access_token": "tell-nobody"})
    with connection.cursor() as cursor:
        cursor.execute("select credentials from social_channel where id = %s", [channel.pk])
        assert "tell-nobody" not in cursor.fetchone()[0]
    assert Channel.objects.get(pk=channel.pk).account().credentials["access_token"] == "tell-nobody"


def test_channel_is_unique_per_workspace_and_network():
    channel = make_channel(account_id="1")
    make_channel(account_id="1")
    with pytest.raises(IntegrityError):
        make_channel(workspace=channel.workspace, account_id="1")


def test_channel_connect_asks_for_a_new_verification():
    channel = make_channel()
    channel.need_reconnect("Gone.")
    ends = clock.now() + timedelta(days=3)
    account = Account("https://s", "1", "@ada", "client", {"access_token": "a", "ends_at": ends.isoformat()})
    channel.connect(PROFILE, account, by=None)
    assert (channel.status, channel.problem, channel.verified_at, channel.ends_at) == ("connected", "", None, ends)
    assert not channel.is_ready
    channel.mark_verified(PROFILE)
    assert channel.is_ready
    assert channel.ends_soon
    assert channel.max_characters == 700


def test_channel_disconnect_forgets_the_tokens_and_ends_every_other_verb():
    channel = make_channel()
    channel.disconnect()
    assert channel.credentials == {}
    for verb in (channel.account, channel.disconnect, channel.pause, channel.resume):
        with pytest.raises(WrongState):
            verb()
    for verb in (channel.mark_trouble, channel.need_reconnect):
        with pytest.raises(WrongState):
            verb("x")
    with pytest.raises(WrongState):
        channel.mark_verified(PROFILE)


def test_channel_needing_reconnection_cannot_be_verified():
    channel = make_channel()
    channel.need_reconnect("Gone.")
    with pytest.raises(WrongState):
        channel.mark_verified(PROFILE)


def test_channel_status_is_closed_in_the_database():
    channel = make_channel()
    with pytest.raises(IntegrityError):
        Channel.objects.filter(pk=channel.pk).update(status="odd")


def test_channel_querysets_say_who_counts_and_who_is_due_for_a_look():
    fresh, old, gone, lost = (make_channel() for _ in range(4))
    Channel.objects.filter(pk__in=[old.pk, gone.pk, lost.pk]).update(checked_at=clock.now() - timedelta(hours=2))
    Channel.objects.filter(pk=gone.pk).update(status=Status.DISCONNECTED)
    Channel.objects.filter(pk=lost.pk).update(status=Status.RECONNECT, checked_at=clock.now() - timedelta(hours=1.5))
    assert set(Channel.objects.counted()) == {fresh, old, lost}
    assert set(Channel.objects.connected()) == {fresh, old}
    assert list(Channel.objects.unchecked_since(clock.now() - timedelta(hours=1))) == [old, lost]


def test_state_is_claimed_once():
    state, token = make_state()
    assert ConnectState.objects.claim(token, user=state.user, network="sandbox") == state
    assert ConnectState.objects.claim(token, user=state.user, network="sandbox") is None


def test_state_belongs_to_its_person_and_network():
    state, token = make_state()
    assert ConnectState.objects.claim(token, user=make_user(), network="sandbox") is None
    assert ConnectState.objects.claim(token, user=state.user, network="bluesky") is None
    assert ConnectState.objects.claim(token, user=state.user, network="sandbox") == state


def test_state_lapses_after_ten_minutes():
    state, token = make_state(expires_at=clock.now() - timedelta(seconds=1))
    assert ConnectState.objects.claim(token, user=state.user, network="sandbox") is None
    assert list(ConnectState.objects.lapsed()) == [state]
    assert timedelta(minutes=9) < make_state()[0].expires_at - clock.now() <= timedelta(minutes=10)


def test_state_choice_is_made_once_and_only_in_its_workspace():
    state, token = make_state()
    choice = {"user": state.user, "workspace": state.workspace}
    assert ConnectState.objects.claim_choice(state.pk, **choice) is None
    ConnectState.objects.claim(token, user=state.user, network="sandbox")
    assert ConnectState.objects.claim_choice(state.pk, user=state.user, workspace=make_workspace()) is None
    assert ConnectState.objects.claim_choice(state.pk, **choice) == state
    assert ConnectState.objects.claim_choice(state.pk, **choice) is None
