"""Organizations as pages are looked at: `table.make_scene()` has nothing in it, `fill` gives it a long good year."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.accounts.catalog import Role
from apps.accounts.models import Workspace
from apps.content import publishing, services, settling
from apps.content.models import Post, Publication
from apps.content.validation import PictureChoice
from apps.core import audit, clock
from apps.media.models import Asset
from apps.social.models import Channel
from apps.social.providers.sandbox import Fault
from tests import factories
from tests.architecture.table import Scene

FATES = (Fault.REJECT, Fault.LOSE_ANSWER, Fault.TRY_LATER, Fault.RECONNECT)


def fill(scene: Scene) -> None:
    """Rows in every list and in every state that a person comes by."""
    workspace, owner = scene.workspace, scene.owner
    factories.make_workspace(organization=scene.organization, name="Linden Catering")
    factories.make_brand(workspace=workspace, author=owner, avoid=[{"term": "cheap", "mode": "block"}])
    factories.make_brand(workspace=workspace, author=owner, audience="Everyone who is up before eight")
    assets = [factories.make_asset(workspace=workspace, user=owner, alt_text=words) for words in ("Buns", "", "Rye")]
    factories.make_asset(workspace=workspace, is_checked=False)
    factories.make_candidate(workspace=workspace)
    factories.make_generation(workspace=workspace, candidates=4)
    factories.make_suggestion(workspace=workspace)
    factories.make_suggestion(workspace=workspace, text="")
    channel = factories.make_channel(workspace=workspace, name="Café Linden", handle="@linden.sandbox")
    make_posts(channel, assets[0])
    make_profiles(scene)
    make_people(scene)


def mid_month(workspace: Workspace) -> datetime:
    """Noon of a coming day that has a week before it and after it in the same month."""
    now = clock.now().astimezone(workspace.zone).replace(hour=12, minute=0, second=0, microsecond=0)
    return next(at for days in range(1, 40) if 8 <= (at := now + timedelta(days=days)).day <= 20)


def make_posts(channel: Channel, asset: Asset) -> None:
    """One in every state, two of them on the same day."""
    picture = [PictureChoice(asset, "Buns on a tray")]
    factories.make_post(channels=[channel], text="A draft without a time")
    factories.make_post(channels=[channel], text="Our cheap buns", pictures=picture)
    factories.make_scheduled(channels=[channel], text="Rye and caraway, from seven", pictures=picture)
    factories.make_scheduled(channels=[channel], text="And again", at=clock.now() + timedelta(hours=2))
    services.cancel_post(post=factories.make_scheduled(channels=[channel], text="Taken off"))
    publishing.publish(factories.make_due(channels=[channel], text="Went out", pictures=picture).pk)
    for fault in FATES:
        meet(fault, factories.make_due(workspace=channel.workspace, text=f"Met: {fault.label}"))
    late = factories.make_due(channels=[channel], text="Too late")
    Publication.objects.filter(pk=late.pk).update(due_at=clock.now() - timedelta(days=1))
    settling.give_up(Publication.objects.get(pk=late.pk), "Nothing could be sent for a day.")


def meet(fault: Fault, publication: Publication) -> None:
    factories.make_fault(publication.channel, fault)
    publishing.publish(publication.pk)


def make_profiles(scene: Scene) -> None:
    """A healthy one is there; these have every kind of trouble."""
    workspace = scene.workspace
    waiting = factories.make_channel(workspace=workspace, verified=False)
    waiting.mark_trouble("The network did not answer. We look again in an hour.")
    waiting.save()
    paused = factories.make_channel(workspace=workspace)
    paused.pause()
    paused.save()
    ending = factories.make_channel(workspace=workspace, ends_at=None)
    ending.ends_at = clock.now() + timedelta(days=9)
    ending.save()
    gone = factories.make_channel(workspace=workspace)
    gone.disconnect()
    gone.save()


def make_people(scene: Scene) -> None:
    organization, workspace, owner = scene.organization, scene.workspace, scene.owner
    member = factories.make_membership(organization=organization, role=Role.MANAGER)
    factories.make_team(organization=organization, name="Bakers", members=[member], workspaces=[workspace])
    factories.make_invitation(organization=organization, email="soon@example.com", invited_by=owner)
    factories.make_invitation(organization=organization, email="late@example.com", expires_at=clock.now())
    factories.make_key(membership=scene.membership)
    factories.make_key(membership=scene.membership, expires_at=clock.now() - timedelta(days=1))
    factories.make_export(user=owner)
    factories.make_export(user=owner, organization=organization)
    audit.record("member.role_changed", organization=organization, workspace=workspace, actor=owner, target=member.user)
    audit.record("channel.refreshed", organization=organization, workspace=workspace)


def posts_by_state(scene: Scene) -> dict[str, Post]:
    """One post of each state, and of each state of a publication."""
    posts = {post.status: post for post in Post.objects.filter(workspace=scene.workspace)}
    publications = Publication.objects.filter(workspace=scene.workspace).select_related("post")
    return posts | {f"publication {publication.status}": publication.post for publication in publications}
