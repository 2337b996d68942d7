"""What the beat does to profiles: looks, mails, forgets."""

from datetime import timedelta

import pytest

from apps.accounts.catalog import Role
from apps.accounts.models import Notice, OutgoingMail
from apps.core import clock
from apps.social import providers, tasks
from apps.social.models import Channel, ConnectState, Status
from tests.factories import make_channel, make_choice, make_membership, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_once(settings):
    """Tasks that a task enqueues run where they are."""
    from config.celery import app

    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def test_sweep_looks_at_those_nobody_looked_at():
    old, fresh = make_channel(), make_channel()
    for channel in (old, fresh):
        providers.get("sandbox").revoke(channel.account())
    Channel.objects.filter(pk=old.pk).update(checked_at=clock.now() - timedelta(hours=7))
    tasks.sweep_health()
    assert Channel.objects.get(pk=old.pk).status == Status.RECONNECT
    assert Channel.objects.get(pk=fresh.pk).status == Status.CONNECTED


def test_managers_are_told_once_and_again_after_mending():
    workspace = make_workspace()
    manager = make_membership(organization=workspace.organization, role=Role.MANAGER).user
    make_membership(organization=workspace.organization, role=Role.MEMBER)
    owner = workspace.organization.memberships.get(role=Role.OWNER).user
    channel = make_channel(workspace=workspace, handle="@feed.sandbox")
    for expected in (2, 4):
        channel.need_reconnect("Gone.")
        channel.save()
        tasks.tell_people()
        tasks.tell_people()
        assert (Notice.objects.count(), OutgoingMail.objects.count()) == (expected, expected)
        channel.refresh_from_db()
        channel.heal(providers.get("sandbox").verify(channel.account()))
        channel.save()
    assert {letter.to for letter in OutgoingMail.objects.all()} == {manager.email, owner.email}
    letter, notice = OutgoingMail.objects.first(), Notice.objects.last()
    assert letter.subject == "Connect @feed.sandbox on Sandbox again"
    assert letter.text.count(f"/w/{workspace.slug}/channels/{channel.pk}/reconnect/") == 1
    assert str(notice) == "Connect @feed.sandbox on Sandbox again. Posts planned for it wait."
    assert notice.get_page_url() == f"/w/{workspace.slug}/channels/{channel.pk}/reconnect/"


def test_unfinished_sign_ins_are_forgotten_when_they_have_lapsed():
    workspace = make_workspace()
    user = workspace.organization.memberships.get().user
    lapsed, waiting = make_choice(workspace=workspace, user=user), make_choice(workspace=workspace, user=user)
    ConnectState.objects.filter(pk=lapsed.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    tasks.drop_lapsed_states()
    assert list(ConnectState.objects.all()) == [waiting]
