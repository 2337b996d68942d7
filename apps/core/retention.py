"""How long rows are kept: one line for every table. What is past its time goes every night (`tasks.apply_retention`).

`RULES` are plain rows; `manage.py retention --dry-run` says what would go. `ELSEWHERE` names what goes with files or
within minutes and is removed by its own app. `KEPT` says why a table has no age: its rows go with what they belong to,
by a person's or an organization's deletion. A test asks that every table of ours is in exactly one of the three.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.core import clock

log = logging.getLogger("lily.retention")

AT_ONCE = 1000  # rows of one transaction


@dataclass(frozen=True)
class Rule:
    """Rows of `model` go when the time in `since` is `age` ago, those that `only` fits."""

    model: str
    since: str
    age: timedelta
    why: str
    only: Q = field(default_factory=Q)

    def past(self) -> QuerySet:
        """The rows whose time is over."""
        old = Q(**{f"{self.since}__lt": clock.now() - self.age})
        return apps.get_model(self.model)._default_manager.filter(old & self.only)


_has_session = Exists(Session.objects.filter(session_key=OuterRef("session_key")))

RULES = (
    Rule("sessions.Session", "expire_date", timedelta(), "it logs nobody in any more"),
    Rule(
        "usersessions.UserSession",
        "created_at",
        timedelta(days=1),
        "address and browser of an ended log-in",
        ~Q(_has_session),
    ),
    Rule("admin.LogEntry", "action_time", timedelta(days=731), "operators' steps, two years like the counters"),
    Rule("accounts.Invitation", "expires_at", timedelta(days=90), "an address; who invited whom is in the audit log"),
    Rule("accounts.Notice", "read_at", timedelta(days=90), "read; what it was about has its own record"),
    Rule("plans.Usage", "period_start", timedelta(days=731), "shown for the running period, compared with last year's"),
    Rule("plans.Spend", "day", timedelta(days=731), "as the counters of customers"),
    Rule("plans.Reservation", "updated_at", timedelta(days=90), "given back", only=Q(state="released")),
    Rule("content.Suggestion", "created_at", timedelta(days=14), "found again for two weeks, taken or not"),
    Rule("content.Bucket", "full_at", timedelta(days=1), "a full bucket slows nobody"),
    Rule("content.Circuit", "open_until", timedelta(days=30), "nobody has called that server for a month"),
)

ELSEWHERE = {
    "core.StoredAnswer": "a day, minutes where its process died: accounts.deleting.clear_expired",
    "accounts.Export": "a week, with its file: accounts.deleting.clear_expired",
    "accounts.OutgoingMail": "until the mail server took it, a day at most: accounts.mailing",
    "imaging.Candidate": "with its wish",
    "imaging.Generation": "a wish nothing was taken of, with its files: imaging.generation.clean",
    "media.Asset": "refused uploads a week, with their files: media.cleaning; others as long as their workspace",
    "social.ConnectState": "ten minutes, because it holds secrets: social.tasks.drop_lapsed_states",
}

KEPT = {
    "accounts.ApiKey": "until it is revoked, or its member goes",
    "accounts.Membership": "until the person leaves",
    "accounts.Organization": "until its owner deletes it",
    "accounts.Team": "until it is deleted",
    "accounts.User": "until the person deletes the account",
    "accounts.Workspace": "until it is deleted",
    "brand.BrandKit": "as long as its workspace",
    "brand.BrandVersion": "each change can be restored",
    "content.Attempt": "the customer's record of every try, and what an answer that was lost is settled by",
    "content.CatchUp": "as long as its workspace",
    "content.Post": "until it is deleted",
    "content.PostPicture": "as long as its post",
    "content.Publication": "as long as its post",
    "content.Variant": "as long as its post",
    "core.AuditEntry": "who did what, for as long as there is anybody to ask; names go with their person",
    "imaging.Rendition": "as long as its picture",
    "plans.Override": "why somebody had more than the plan",
    "plans.Plan": "what is sold",
    "plans.Standing": "as long as its organization",
    "plans.Trial": "one trial once, for ever",
    "social.Channel": "until it is disconnected, and then for the posts that went out there",
    "social.SandboxFault": "development only",
    "social.SandboxGrant": "development only",
    "social.SandboxPicture": "development only",
    "social.SandboxPost": "development only",
    "social.ServerApp": "asked of a server once",
}


def apply() -> dict[str, int]:
    """Remove what is past its time: table → rows that went."""
    gone = {rule.model: sum(_remove(rule)) for rule in RULES}
    log.info("retention", extra={"rows": gone})
    return gone


def forecast() -> list[tuple[Rule, int]]:
    """What `apply` would remove now."""
    return [(rule, rule.past().count()) for rule in RULES]


def _remove(rule: Rule) -> Iterator[int]:
    """Rows of each batch; what hangs on a row goes with it and is not counted."""
    model = apps.get_model(rule.model)
    while keys := list(rule.past().order_by().values_list("pk", flat=True)[:AT_ONCE]):
        yield model._default_manager.filter(pk__in=keys).delete()[1].get(rule.model, 0)
