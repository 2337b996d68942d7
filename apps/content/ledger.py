"""What happened to a post, in plain words with times, and how punctual a workspace's posts are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Aggregate, Count, DurationField, F
from django.db.models.functions import Greatest
from django.utils.formats import number_format
from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.models import Workspace
from apps.content.catalog import BRAND_BLOCKS, AttemptKind, Outcome, Status
from apps.content.models import Attempt, Post, Publication
from apps.core import clock
from apps.core.networks import NETWORKS


@dataclass(frozen=True)
class Line:
    """One line of the ledger. `level`: info, success, warning or danger."""

    at: datetime
    text: str
    level: str = "info"
    detail: str = ""
    url: str = ""


@dataclass(frozen=True)
class Explanation:
    """Where a publication stands and what a person can do: the sentence, its level, the verbs that make sense.

    `verbs` are among retry, cancel, reconnect, settle, dismiss, resume, upgrade, verify.
    """

    text: str
    level: str
    verbs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lateness:
    """How late posts went out: median and 95th percentile, None without any, of `count` posts."""

    p50: timedelta | None
    p95: timedelta | None
    count: int


def explain(publication: Publication) -> Explanation:
    """One or two sentences about the present state. The channel and the post are loaded."""
    facts = {"network": NETWORKS[publication.channel.network].label}
    match publication.status:
        case Status.DRAFT:
            return Explanation(_("Not on the calendar yet."), "info")
        case Status.QUEUED:
            return _explain_queued(publication, facts)
        case Status.SENDING:
            return Explanation(_("Going out to %(network)s right now.") % facts, "info")
        case Status.PUBLISHED:
            return Explanation(_("Live on %(network)s.") % facts, "success")
        case Status.UNKNOWN:
            if publication.asks_person:
                verbs = ("reconnect", "settle") if publication.problem_kind == Outcome.RECONNECT else ("settle",)
                return Explanation(publication.problem, "warning", verbs)
            text = _("We sent this to %(network)s, but the answer was lost. We are looking whether it is there.")
            return Explanation(text % facts, "warning")
        case Status.REJECTED:
            text = _("%(network)s refused this: %(problem)s Change it and send it again, or leave it.")
            if publication.problem_kind == BRAND_BLOCKS:
                text = _("Off the calendar: %(problem)s Change it and send it again, or leave it.")
            return Explanation(
                text % (facts | {"problem": _sentence(publication.problem)}), "danger", ("retry", "dismiss")
            )
        case Status.MISSED:
            verbs = ("retry", "dismiss") if publication.asks_person else ("retry",)
            return Explanation(publication.problem, "warning", verbs)
    return Explanation(_("Cancelled: it did not go out to %(network)s.") % facts, "info")


HOLD_VERBS = {
    "disconnected": ("reconnect", "cancel"),
    "reconnect": ("reconnect", "cancel"),
    "unverified": ("verify", "cancel"),
    "locked": ("upgrade", "cancel"),
    "organization_paused": ("resume", "cancel"),
    "workspace_paused": ("resume", "cancel"),
    "channel_paused": ("resume", "cancel"),
}


def _explain_queued(publication: Publication, facts: dict[str, Any]) -> Explanation:
    if publication.held:
        level = "warning" if publication.asks_person else "info"
        return Explanation(publication.get_hold_reason_display(), level, HOLD_VERBS[publication.hold_reason])
    if publication.tries:
        facts |= {"problem": _sentence(publication.problem), "wait": _wait(publication), "tries": publication.tries}
        text = _("%(network)s did not take it yet: %(problem)s We try again in %(wait)s.")
        return Explanation(text % facts, "warning", ("retry", "cancel"))
    if publication.next_try_at > publication.due_at and publication.due_at <= clock.now():
        text = _("Waits its turn so that %(network)s is not asked too often; goes out in about %(wait)s.")
        return Explanation(text % (facts | {"wait": _wait(publication)}), "info", ("cancel",))
    if publication.problem:
        return Explanation(publication.problem, "info", ("cancel",))
    return Explanation(_("Goes out to %(network)s at its time.") % facts, "info", ("cancel",))


def _wait(publication: Publication) -> str:
    now = clock.now()
    left = publication.next_try_at - now
    if left < timedelta(minutes=1):
        return _("%(n)d seconds") % {"n": max(int(left.total_seconds()), 1)}
    return timeuntil(publication.next_try_at, now, depth=1)


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text[-1] in ".!?…" else f"{text}."


# -- the timeline


def timeline(post: Post) -> list[Line]:
    """Everything on record about a post, oldest first. The post is one of `listing.find`."""
    lines = [Line(post.created_at, _("Written by %(author)s.") % {"author": post.author or _("Lily")})]
    for publication in post.publications.all():
        lines += _attempt_lines(publication)
        if publication.told_at:
            lines.append(Line(publication.told_at, _("The author was told."), detail=str(publication.channel)))
    return sorted(lines, key=lambda line: line.at)


SENT = {
    Outcome.PUBLISHED: (gettext_lazy("Sent to %(channel)s, confirmed in %(seconds)s s."), "success"),
    Outcome.TRY_LATER: (gettext_lazy("%(channel)s asked us to come back later."), "warning"),
    Outcome.REJECTED: (gettext_lazy("%(channel)s refused it."), "danger"),
    Outcome.RECONNECT: (gettext_lazy("%(channel)s asks for a new sign-in."), "danger"),
    Outcome.UNKNOWN: (gettext_lazy("Sent to %(channel)s, but no answer came."), "warning"),
    "": (gettext_lazy("Sending to %(channel)s began."), "info"),
}
LOOKED = {
    Outcome.FOUND: (gettext_lazy("Looked at %(channel)s: it is there."), "success"),
    Outcome.ABSENT: (gettext_lazy("Looked at %(channel)s: it is not there."), "warning"),
    Outcome.TRY_LATER: (gettext_lazy("Tried to look at %(channel)s; it did not answer."), "warning"),
    Outcome.RECONNECT: (gettext_lazy("%(channel)s does not let us look without a new sign-in."), "danger"),
    Outcome.REJECTED: (gettext_lazy("%(channel)s did not let us look."), "warning"),
    "": (gettext_lazy("Looking at %(channel)s began."), "info"),
}


def _attempt_lines(publication: Publication) -> Iterator[Line]:
    for attempt in publication.attempts.all():
        text, level = (SENT if attempt.kind == AttemptKind.SEND else LOOKED)[attempt.outcome]
        facts = {"channel": publication.channel, "seconds": _seconds(attempt)}
        is_proof = attempt.outcome in (Outcome.PUBLISHED, Outcome.FOUND)
        yield Line(
            attempt.ended_at or attempt.started_at,
            text % facts,
            level,
            attempt.message,
            publication.url if is_proof else "",
        )


def _seconds(attempt: Attempt) -> str:
    return number_format((attempt.milliseconds or 0) / 1000, 1)


# -- punctuality and export


def lateness(workspace: Workspace, *, since: datetime) -> Lateness:
    """How late the workspace's posts went out since then, by the database's own percentiles."""
    sent = Publication.objects.published_since(since).filter(workspace=workspace)
    late = Greatest(F("published_at") - F("due_at"), timedelta(), output_field=DurationField())
    return Lateness(
        **sent.aggregate(p50=Percentile(late, share=0.5), p95=Percentile(late, share=0.95), count=Count("pk"))
    )


class Percentile(Aggregate):
    """PostgreSQL's continuous percentile of durations: the value that `share` (0 to 1) of the rows do not exceed."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


EXPORT_HEAD = ("due_at", "published_at", "late_seconds", "network", "profile", "state", "address", "text", "problem")


def export_rows(workspace: Workspace) -> Iterator[tuple[str, ...]]:
    """The ledger as rows for a file, newest first, head included; streams."""
    yield EXPORT_HEAD
    rows = Publication.objects.filter(workspace=workspace).exclude(status=Status.DRAFT)
    rows = rows.select_related("post", "channel").defer("channel__credentials").prefetch_related("post__variants")
    for row in rows.order_by("-pk").iterator(500):
        late = (row.published_at - row.due_at).total_seconds() if row.published_at and row.due_at else ""
        yield (
            row.due_at.isoformat() if row.due_at else "",
            row.published_at.isoformat() if row.published_at else "",
            f"{late:.0f}" if late != "" else "",
            row.channel.network,
            row.channel.handle,
            row.status,
            row.url,
            row.words,
            row.problem,
        )
