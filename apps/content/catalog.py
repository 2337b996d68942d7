"""The closed lists of content: what state a publication can be in, and how it may get from one to another."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Status(TextChoices):
    """Where one post on one profile stands. The diagram is in docs/decisions/publishing.md."""

    DRAFT = "draft", _("Draft")
    QUEUED = "queued", _("Scheduled")
    SENDING = "sending", _("Going out")
    PUBLISHED = "published", _("Published")
    UNKNOWN = "unknown", _("Checking")  # sent, but the answer was lost: settled by looking or by a person
    REJECTED = "rejected", _("Refused")  # by the network, or by the brand's own rules
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


TRANSITIONS: dict[str, frozenset[str]] = {
    Status.DRAFT: frozenset({Status.QUEUED}),
    Status.QUEUED: frozenset(
        {Status.QUEUED, Status.SENDING, Status.CANCELLED, Status.MISSED, Status.DRAFT, Status.REJECTED}
    ),
    Status.SENDING: frozenset({Status.PUBLISHED, Status.QUEUED, Status.REJECTED, Status.UNKNOWN, Status.MISSED}),
    Status.UNKNOWN: frozenset({Status.UNKNOWN, Status.PUBLISHED, Status.QUEUED, Status.CANCELLED, Status.MISSED}),
    Status.REJECTED: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.MISSED: frozenset({Status.QUEUED, Status.CANCELLED}),
    Status.CANCELLED: frozenset({Status.QUEUED, Status.DRAFT}),
    Status.PUBLISHED: frozenset(),
}

IN_FLIGHT = frozenset({Status.SENDING, Status.UNKNOWN})  # may already be live: neither edit, move nor cancel
RESTARTABLE = frozenset({Status.DRAFT, Status.CANCELLED, Status.REJECTED, Status.MISSED})  # certainly not live


class PostStatus(TextChoices):
    """Where a post stands as a whole: derived from its publications, kept on its own row for lists."""

    DRAFT = "draft", _("Draft")
    SCHEDULED = "scheduled", _("Scheduled")
    ATTENTION = "attention", _("Needs you")
    PUBLISHED = "published", _("Published")
    MISSED = "missed", _("Missed")
    CANCELLED = "cancelled", _("Cancelled")


def derive_post_status(publications: list[tuple[str, bool]]) -> PostStatus:
    """The post's state from its publications' (status, asks_person); what needs a person comes first."""
    statuses = {status for status, _asks in publications}
    if any(asks for _status, asks in publications):
        return PostStatus.ATTENTION
    for wanted, derived in (
        ({Status.QUEUED, Status.SENDING, Status.UNKNOWN}, PostStatus.SCHEDULED),
        ({Status.PUBLISHED}, PostStatus.PUBLISHED),
        ({Status.MISSED}, PostStatus.MISSED),
        ({Status.REJECTED}, PostStatus.ATTENTION),
        ({Status.CANCELLED}, PostStatus.CANCELLED),
    ):
        if statuses & wanted:
            return derived
    return PostStatus.DRAFT


class Hold(TextChoices):
    """Why a queued publication is not sent. The first that applies, in this order, is the one shown."""

    DISCONNECTED = "disconnected", _("The profile is disconnected. Connect it again, or cancel the post.")
    RECONNECT = "reconnect", _("The network asks you to sign in again. Reconnect the profile and the post goes out.")
    UNVERIFIED = "unverified", _("The profile has not passed its check yet. Check it on the profiles page.")
    LOCKED = "locked", _("This profile is locked by your plan. Choose which profiles to keep, or upgrade.")
    ORGANIZATION_PAUSED = "organization_paused", _("Publishing is paused for the whole organization.")
    WORKSPACE_PAUSED = "workspace_paused", _("Publishing is paused for this workspace.")
    CHANNEL_PAUSED = "channel_paused", _("Publishing is paused for this profile.")


HOLDS_ASKING = frozenset({Hold.DISCONNECTED, Hold.RECONNECT, Hold.UNVERIFIED, Hold.LOCKED})  # nobody chose these


WORDS_MAX = 10_000  # characters; no network takes so many, and PostgreSQL refuses to index a megabyte
BRAND_BLOCKS = "brand_blocks"  # the kind of problem where the brand's own rule refuses the words


class Outcome(TextChoices):
    """How an attempt ended. Empty while it runs, or when its worker died with it."""

    PUBLISHED = "published", _("confirmed")
    TRY_LATER = "try_later", _("asked to come back later")
    REJECTED = "rejected", _("refused")
    RECONNECT = "reconnect", _("sign-in needed")
    UNKNOWN = "unknown", _("no answer")
    FOUND = "found", _("found on the network")
    ABSENT = "absent", _("not on the network")


class AttemptKind(TextChoices):
    SEND = "send", _("sent")
    LOOK = "look", _("looked")


class CatchUpRule(TextChoices):
    """What happens to posts that are late by more than the catch-up window."""

    ASK = "ask", _("Ask me")
    SKIP = "skip", _("Skip them")
    SPREAD = "spread", _("Send them one after the other")


MIN_CATCH_UP_WINDOW = timedelta(minutes=5)
DEFAULT_CATCH_UP_WINDOW = timedelta(hours=2)
DEFAULT_CATCH_UP_GAP = timedelta(minutes=15)
UNDO_WINDOW = timedelta(minutes=10)  # a cancelled post whose time has just passed can still be put back
