"""Connecting, choosing, reconnecting and disconnecting, on the sandbox and on the networks themselves."""

import threading

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from apps.accounts.models import Notice, OutgoingMail
from apps.core.errors import FeatureNotInPlan, Invalid, LimitReached, NotFound
from apps.core.models import AuditEntry
from apps.plans.models import Plan
from apps.social import connecting, providers, refreshing, telling
from apps.social.models import Channel, ConnectState, ServerApp, Status
from apps.social.providers.sandbox import SandboxGrant
from apps.social.signals import channel_disconnected
from tests.factories import make_channel, make_organization, make_user, make_workspace

pytestmark = pytest.mark.django_db


def come_back(url: str, *, user, network: str = "sandbox") -> tuple[ConnectState, dict]:
    """The person is back from the network: the claimed state and the query."""
    from urllib.parse import parse_qsl, urlsplit

    query = dict(parse_qsl(urlsplit(url).query))
    return connecting.claim(network=network, user=user, token=query["state"]), query


def begin(workspace, user, **fields) -> str:
    return connecting.begin(provider=providers.get("sandbox"), workspace=workspace, user=user, **fields)


def connect_pages(workspace, user, *pages: str) -> list[Channel]:
    state, query = come_back(begin(workspace, user), user=user)
    assert connecting.finish(state, query) == []
    state = connecting.waiting(state.pk, workspace=workspace, user=user)
    return connecting.choose(state, [f"{workspace.slug}:{page}" for page in pages])


def test_chosen_profiles_become_verified_channels_with_an_audit_row():
    workspace, user = make_workspace(), make_user()
    channels = connect_pages(workspace, user, "feed", "jobs")
    assert [channel.handle for channel in channels] == ["@feed.sandbox", "@jobs.sandbox"]
    assert all(channel.is_ready and channel.connected_by_id == user.pk for channel in channels)
    entries = AuditEntry.objects.filter(action="channel.connected")
    assert {entry.target_id for entry in entries} == {str(channel.pk) for channel in channels}


def test_state_cannot_be_used_twice_or_by_another():
    workspace, user = make_workspace(), make_user()
    url = begin(workspace, user)
    with pytest.raises(NotFound):
        come_back(url, user=make_user())
    state, query = come_back(url, user=user)
    connecting.finish(state, query)
    with pytest.raises(NotFound):
        come_back(url, user=user)
    connecting.choose(state, [f"{workspace.slug}:feed"])
    with pytest.raises(NotFound):
        connecting.choose(state, [f"{workspace.slug}:jobs"])
    assert Channel.objects.count() == 1


def test_connecting_a_known_profile_again_keeps_its_row():
    workspace, user = make_workspace(), make_user()
    (channel,) = connect_pages(workspace, user, "feed")
    channel.need_reconnect("Gone.")
    channel.save()
    state, query = come_back(begin(workspace, user, channel=channel), user=user)
    (again,) = connecting.finish(state, query)
    assert (again.pk, again.status, again.problem) == (channel.pk, Status.CONNECTED, "")
    assert AuditEntry.objects.filter(action="channel.reconnected", target_id=channel.pk).count() == 1


def reconnect(channel, user):
    state, query = come_back(begin(channel.workspace, user, channel=channel), user=user)
    connecting.finish(state, query)


def heal(channel, user):
    refreshing.check_health(channel.pk)


def disconnect(channel, user):
    connecting.disconnect(channel, actor=user)


@pytest.mark.parametrize("mend", [reconnect, heal, disconnect])
def test_nobody_is_told_any_more_to_mend_what_is_mended(mend):
    workspace, user = make_workspace(), make_user()
    mended, lost = connect_pages(workspace, user, "feed", "jobs")
    for channel in (mended, lost):
        channel.need_reconnect("Gone.")
        channel.save()
        telling.tell_of_lost(channel.pk)
    mend(mended, user)
    assert [notice.page["pk"] for notice in Notice.objects.all()] == [str(lost.pk)]
    assert (OutgoingMail.objects.count(), Notice.objects.get().user.unread_notices) == (1, 1)


def test_reconnecting_with_another_profile_is_refused():
    workspace, user = make_workspace(), make_user()
    channel = make_channel(workspace=workspace, account_id="elsewhere:feed", handle="@else")
    state, query = come_back(begin(workspace, user, channel=channel), user=user)
    with pytest.raises(Invalid, match="@else"):
        connecting.finish(state, query)
    assert Channel.objects.count() == 1


def test_network_the_plan_lacks_is_refused_before_anyone_is_sent_there(mastodon):
    workspace = make_workspace(organization=make_organization(plan="free"))
    Plan.objects.filter(key="free").update(choices={"networks": ["x"]})
    with pytest.raises(FeatureNotInPlan):
        connecting.begin(provider=providers.get("mastodon"), workspace=workspace, user=make_user(), server=mastodon.url)
    assert ServerApp.objects.count() == 0


def test_last_slot_is_the_last():
    workspace, user = make_workspace(organization=make_organization(plan="free")), make_user()
    state, query = come_back(begin(workspace, user), user=user)
    connecting.finish(state, query)
    with pytest.raises(LimitReached):
        connecting.choose(state, [f"{workspace.slug}:feed", f"{workspace.slug}:jobs"])
    assert Channel.objects.count() == 0
    connecting.choose(state, [f"{workspace.slug}:feed"])  # fewer fit
    with pytest.raises(LimitReached):
        begin(workspace, user)


@pytest.mark.django_db(transaction=True)
def test_fifty_sign_ins_take_no_more_than_the_plan_has():
    workspace, user = make_workspace(organization=make_organization(plan="starter")), make_user()
    provider, barrier, outcomes = providers.get("sandbox"), threading.Barrier(50), []

    def one(number: int) -> None:
        profile = provider.verify(provider.account_of(*page(provider, workspace, number)))
        barrier.wait()
        try:
            connecting.connect(provider, workspace, user, [profile], page(provider, workspace, number)[1])
            outcomes.append("connected")
        except LimitReached:
            outcomes.append("full")
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (outcomes.count("connected"), outcomes.count("full")) == (5, 45)
    assert Channel.objects.counted().count() == 5


def page(provider, workspace, number: int):
    """A profile of the sandbox and the account that opens it."""
    from apps.social.providers.base import Account, Profile

    return Profile(f"{workspace.slug}:page{number}", "@p", "Page", ""), Account("", "", "", "lily", {})


def test_disconnecting_forgets_the_tokens_and_gives_the_permission_back():
    channel, user, heard = make_channel(), make_user(), []
    channel_disconnected.connect(lambda channel, **_: heard.append(channel.pk), weak=False, dispatch_uid="test")
    try:
        assert connecting.disconnect(channel, actor=user) is True
    finally:
        channel_disconnected.disconnect(dispatch_uid="test")
    row = Channel.objects.get(pk=channel.pk)
    assert (row.status, row.credentials, heard) == (Status.DISCONNECTED, {}, [channel.pk])
    assert SandboxGrant.objects.get(owner=channel.account_id).revoked_at is not None
    assert AuditEntry.objects.filter(action="channel.disconnected", target_id=channel.pk).count() == 1


def test_disconnecting_forgets_the_tokens_also_when_the_network_is_down():
    channel = make_channel(
        network="mastodon",
        server="https://127.0.0.1:9",
        credentials={
            "access_token": "t",
            "app": {"client_id": "c", "client_secret": "s", "revoke": "https://127.0.0.1:9/r"},
        },
    )
    assert connecting.disconnect(channel, actor=make_user()) is False
    assert Channel.objects.get(pk=channel.pk).credentials == {}


def test_disconnecting_works_under_a_lost_key(settings):
    channel = make_channel()
    settings.FIELD_KEYS = [f"new:{Fernet.generate_key().decode()}"]
    assert connecting.disconnect(Channel.objects.get(), actor=make_user()) is False
    channel.refresh_from_db()
    assert (channel.status, channel.credentials) == (Status.DISCONNECTED, {})


def test_disconnected_profile_frees_its_slot_and_takes_one_again():
    workspace, user = make_workspace(organization=make_organization(plan="free")), make_user()
    (channel,) = connect_pages(workspace, user, "feed")
    connecting.disconnect(channel, actor=user)
    (other,) = connect_pages(workspace, user, "jobs")
    with pytest.raises(LimitReached):
        begin(workspace, user)
    connecting.disconnect(other, actor=user)
    (again,) = connect_pages(workspace, user, "feed")
    assert (again.pk, again.status) == (channel.pk, Status.CONNECTED)


def connect_mastodon(mastodon, workspace, user, person) -> list[Channel]:
    url = connecting.begin(provider=providers.get("mastodon"), workspace=workspace, user=user, server=mastodon.url)
    query = mastodon.consent(url, person)
    state = connecting.claim(network="mastodon", user=user, token=query["state"])
    return connecting.finish(state, query)


def test_mastodon_registers_itself_once_per_server(mastodon):
    workspace, user, person = make_workspace(), make_user(), mastodon.make_person()
    for _ in range(2):
        (channel,) = connect_mastodon(mastodon, workspace, user, person)
    assert ServerApp.objects.count() == Channel.objects.count() == 1
    assert channel.is_ready
    assert channel.limits["max_characters"] == 500
    assert channel.handle.startswith(f"@{person.username}@127.0.0.1:")


def test_mastodon_is_connected_again_after_its_key_was_lost(mastodon, settings):
    workspace, user, person = make_workspace(), make_user(), mastodon.make_person()
    (lost,) = connect_mastodon(mastodon, workspace, user, person)
    settings.FIELD_KEYS = [f"new:{Fernet.generate_key().decode()}"]
    (channel,) = connect_mastodon(mastodon, workspace, user, person)
    assert (channel.pk, channel.is_ready, ServerApp.objects.count()) == (lost.pk, True, 1)


def test_bluesky_connects_by_app_password(bluesky):
    workspace, user, person = make_workspace(), make_user(), bluesky.make_person()
    who = {"provider": providers.get("bluesky"), "workspace": workspace, "user": user, "server": ""}
    with pytest.raises(Invalid) as refused:
        connecting.connect_with_password(**who, hint=person.handle, password="wrong-pass-word")
    assert list(refused.value.fields) == ["password"]
    secret = bluesky.make_app_password(person)
    (channel,) = connecting.connect_with_password(**who, hint=person.handle, password=secret)
    assert (channel.account_id, channel.is_ready) == (person.did, True)
    assert connecting.disconnect(channel, actor=user) is True
