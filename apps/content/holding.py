"""Whether a channel may be published on, and the same said on every queued publication of it.

The truth is the channel's, the workspace's, the organization's and the plan's; `held` and `hold_reason` on a
publication are that truth written where the claim can read it without a join. `review` writes it anew.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Organization, Workspace
from apps.content.catalog import HOLDS_ASKING, CatchUpRule, Hold, PostStatus
from apps.content.models import Post, Publication
from apps.core import clock
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social.models import Channel
from apps.social.models import Status as ChannelStatus


def hold_reason(channel: Channel) -> str:
    """Why nothing may be sent on this channel now; empty when it may. `channel.workspace.organization` is loaded."""
    workspace, organization = channel.workspace, channel.workspace.organization
    if channel.status == ChannelStatus.DISCONNECTED:
        return Hold.DISCONNECTED
    if channel.status == ChannelStatus.RECONNECT:
        return Hold.RECONNECT
    if channel.verified_at is None:
        return Hold.UNVERIFIED
    if is_locked(channel):
        return Hold.LOCKED
    if organization.is_held:
        return Hold.ORGANIZATION_PAUSED
    if workspace.is_held:
        return Hold.WORKSPACE_PAUSED
    return Hold.CHANNEL_PAUSED if channel.is_paused else ""


def is_locked(channel: Channel) -> bool:
    """Whether the plan in force leaves this channel, or its workspace, out. A workspace that is about to be deleted has
    no place in the plan: it is held for that, not locked."""
    organization, is_staying = channel.workspace.organization, channel.workspace.delete_at is None
    return entitlements.is_locked(organization, Limit.CHANNELS, channel.pk) or (
        is_staying and entitlements.is_locked(organization, Limit.WORKSPACES, channel.workspace_id)
    )


def review(channel: Channel) -> list[Publication]:
    """Write the channel's present reason on its queued publications; those let go are returned, earliest first.

    What is let go late is the catch-up rule's business (`settling.catch_up`).
    """
    reason = hold_reason(channel)
    with transaction.atomic():
        queued = Publication.objects.queued().filter(channel=channel)
        differs = queued.exclude(hold_reason=reason)
        posts = list(
            Post.objects.select_for_update()
            .filter(pk__in=differs.values("post"))
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if not posts:
            return []
        let_go = list(differs.filter(post__in=posts, held=True).values_list("pk", flat=True))
        differs.filter(post__in=posts).update(**_fields(reason))
        _refresh_queued(Post.objects.filter(pk__in=posts))
    if reason:
        return []
    return list(Publication.objects.queued().filter(pk__in=let_go, held=False).order_by("due_at", "pk"))


def foretell_resume(organization: Organization, workspace: Workspace | None) -> list[str]:
    """What is sent and what is caught up when a brake is let go now, for the page that has the button. One query."""
    if organization.delete_at or (workspace and (organization.is_paused or workspace.delete_at)):
        return [_("Nothing goes out yet: more than this brake holds it.")]
    waiting = Publication.objects.held().filter(channel__is_paused=False, due_at__lte=clock.now())
    if workspace:
        waiting = waiting.filter(hold_reason=Hold.WORKSPACE_PAUSED, workspace=workspace)
    else:
        waiting = waiting.filter(hold_reason=Hold.ORGANIZATION_PAUSED, workspace__organization=organization)
        waiting = waiting.filter(workspace__is_paused=False, workspace__delete_at=None)
    counts = waiting.posts_by_fate()
    told = [_sentence(fate, counts[fate]) for fate in ("", *CatchUpRule.values) if fate in counts]
    return told or [_("Nothing is late. Everything goes out at its time.")]


def _sentence(fate: str, posts: int) -> str:
    sentences = {
        "": ngettext(
            "%(posts)s post that is due goes out at once.", "%(posts)s posts that are due go out at once.", posts
        ),
        CatchUpRule.ASK: ngettext(
            "%(posts)s post is too late to go out by itself: Lily asks you about it.",
            "%(posts)s posts are too late to go out by themselves: Lily asks you about each.",
            posts,
        ),
        CatchUpRule.SKIP: ngettext(
            "%(posts)s post is too late and is left out, as you chose.",
            "%(posts)s posts are too late and are left out, as you chose.",
            posts,
        ),
        CatchUpRule.SPREAD: ngettext(
            "%(posts)s post is late and goes out after the others.",
            "%(posts)s posts are late and go out one after the other.",
            posts,
        ),
    }
    return sentences[fate] % {"posts": posts}


def channels_to_review() -> QuerySet[Channel]:
    """Channels whose publications are held, or due soon: looked at anew so that no missed signal holds anything."""
    held = Publication.objects.held().filter(channel=OuterRef("pk"))
    return Channel.objects.filter(Exists(held)).select_related("workspace__organization")


def _fields(reason: str) -> dict[str, object]:
    asks = reason in HOLDS_ASKING
    return {
        "held": bool(reason),
        "hold_reason": reason,
        "asks_person": asks,
        "problem": str(Hold(reason).label) if asks else "",
        "problem_kind": reason if asks else "",
        "told_at": None,
    }


def _refresh_queued(posts: QuerySet[Post]) -> None:
    """The state of posts that have a queued publication: it needs a person, or it is scheduled."""
    asking = Publication.objects.filter(post=OuterRef("pk"), asks_person=True)
    posts.update(
        status=Case(When(Exists(asking), then=Value(PostStatus.ATTENTION)), default=Value(PostStatus.SCHEDULED))
    )
