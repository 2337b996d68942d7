"""Posts, what becomes of them on each profile, and every try to send them."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db import models, transaction
from django.db.models import Case, Count, F, Func, Q, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from apps.content.catalog import (
    DEFAULT_CATCH_UP_GAP,
    DEFAULT_CATCH_UP_WINDOW,
    HOLDS_ASKING,
    IN_FLIGHT,
    MIN_CATCH_UP_WINDOW,
    RESTARTABLE,
    TRANSITIONS,
    AttemptKind,
    CatchUpRule,
    Hold,
    Outcome,
    PostStatus,
    Status,
    derive_post_status,
)
from apps.core import clock, events
from apps.core.errors import WrongState
from apps.core.ids import uuid7
from apps.core.prepared import Prepared

if TYPE_CHECKING:
    from apps.accounts.models import Workspace

WRITING_LEASE = timedelta(minutes=1)  # longer than the time limit of the task that writes
WRITING_TRIES = 3
SOON = timedelta(minutes=15)  # before a post goes out, its page begins to wait for it
WORDS_SEARCHED = 10  # words of one search that count


class PostWords(Func):
    """The words of a post as they are searched, behind a word that stands for its workspace: so one index leads to the
    workspace's own posts, without an extension that PostgreSQL might lack. "simple" guesses no language."""

    template = "to_tsvector('simple'::regconfig, 'w' || replace(%(expressions)s)"
    arg_joiner = "::text, '-', '') || ' ' || "
    output_field = SearchVectorField()


def words_wanted(workspace: UUID, typed: str) -> str:
    """What `PostQuerySet.saying` takes: every word typed, each as a beginning; "" where no word was typed."""
    words = re.findall(r"[^\W_]+", typed)[:WORDS_SEARCHED]
    return " & ".join([f"w{workspace.hex}", *(f"{word}:*" for word in words)]) if words else ""


class PostQuerySet(models.QuerySet["Post"]):
    def newest_first(self) -> PostQuerySet:
        """By when they were made; keys are time-ordered, so this reads one index."""
        return self.order_by("-id")

    def newest_of(self, workspace: UUID) -> PostQuerySet:
        """A workspace's, newest first, as a range in the order of the index `post_list`: a plan for any workspace must
        read that, where for `workspace = …` in the order of keys it may walk down everybody's."""
        return self.filter(workspace__gte=workspace, workspace__lte=workspace).order_by("workspace_id", "-id")

    def soonest_first(self) -> PostQuerySet:
        return self.order_by("due_at", "id")

    def due_between(self, start: datetime, end: datetime) -> PostQuerySet:
        """On the calendar from `start` up to, not including, `end`; cancelled ones are off it."""
        return self.filter(due_at__gte=start, due_at__lt=end).exclude(status=PostStatus.CANCELLED)

    def before(self, key: UUID) -> PostQuerySet:
        """The next page of `newest_first` after the post with this key."""
        return self.filter(pk__lt=key)

    def saying(self, wanted: str) -> PostQuerySet:
        """Those of a workspace that have the words of `words_wanted`."""
        query = SearchQuery(wanted, config="simple", search_type="raw")
        return self.alias(words=PostWords("workspace_id", "text")).filter(words=query)

    def with_brand(self) -> PostQuerySet:
        """With the workspace's style vault as it is stored, in `brand` (None where nothing was said yet)."""
        return self.annotate(brand=F("workspace__brand_kit__stored"))


class Post(models.Model):
    """What the customer wrote. Where it goes and what became of it stands on its publications."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="posts", db_index=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    draft_key = models.UUIDField(default=uuid4, editable=False, help_text=_("From the form: sent twice, one post."))
    text = models.TextField(_("text"), blank=True)
    language = models.CharField(_("language"), max_length=12, default="en")
    status = models.CharField(_("state"), max_length=12, choices=PostStatus.choices, default=PostStatus.DRAFT)
    due_at = models.DateTimeField(_("goes out at"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, help_text=_("Grows with every save: a stale tab is told."))
    created_at = models.DateTimeField(default=clock.now, editable=False)
    updated_at = models.DateTimeField(default=clock.now)

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("post"), _("posts")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "draft_key"], name="post_draft_key_once"),
            models.CheckConstraint(condition=Q(status__in=PostStatus.values), name="post_status_known"),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False) | ~Q(status__in=[PostStatus.SCHEDULED, PostStatus.MISSED]),
                name="post_scheduled_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "due_at", "id"], name="post_calendar"),
            models.Index(fields=["workspace", "-id"], name="post_list"),
            models.Index(fields=["workspace", "status", "-id"], name="post_list_by_status"),
            models.Index(fields=["workspace", "status", "due_at", "id"], name="post_queue"),
            GinIndex(PostWords("workspace_id", "text"), name="post_words"),
        ]

    def __str__(self) -> str:
        return self.first_words or str(_("Post without words"))

    def get_absolute_url(self) -> str:
        return reverse("post_detail", kwargs={"workspace": self.workspace.slug, "pk": self.pk})

    @property
    def first_words(self) -> str:
        return Truncator(" ".join(self.text.split())).chars(80)

    @property
    def is_live(self) -> bool:
        """Whether it went out somewhere."""
        return any(publication.status == Status.PUBLISHED for publication in self.publications.all())

    @property
    def is_editable(self) -> bool:
        """Words and pictures may change while nothing is on its way and somewhere is left to go."""
        statuses = [publication.status for publication in self.publications.all()]
        return not IN_FLIGHT & set(statuses) and (not statuses or set(statuses) != {Status.PUBLISHED})

    @property
    def may_change(self) -> bool:
        """Whether it is on its way, or soon will be, so that its page has something to wait for."""
        return self.status == PostStatus.SCHEDULED and self.due_at <= clock.now() + SOON

    def text_for(self, network: str) -> str:
        """The words for one network: its own version where there is one."""
        for variant in self.variants.all():
            if variant.network == network:
                return variant.text
        return self.text

    def refresh_status(self) -> None:
        """Derive the state from the publications and keep it. The caller holds this row's lock."""
        self.status = derive_post_status(_states(post=self.pk))
        Post.objects.filter(pk=self.pk).update(status=self.status)
        events.announce("post", self.pk)


class Variant(models.Model):
    """The same post in other words for one network."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="variants", db_index=False)
    network = models.CharField(_("network"), max_length=20)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "network"], name="variant_once")]

    def __str__(self) -> str:
        return self.network


class PostPicture(models.Model):
    """A picture on a post, in its place, with the words for those who do not see it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="pictures", db_index=False)
    asset = models.ForeignKey("media.Asset", on_delete=models.RESTRICT, related_name="uses")
    position = models.PositiveSmallIntegerField()
    alt_text = models.TextField(_("description"), blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["post", "position"], name="picture_position_once", deferrable=models.Deferrable.DEFERRED
            )
        ]

    def __str__(self) -> str:
        return self.alt_text or str(_("Picture without a description"))


class PublicationQuerySet(models.QuerySet["Publication"]):
    def due(self) -> PublicationQuerySet:
        """Those to be sent now, longest waiting first: one partial index, own columns only."""
        return self.due_at_time(clock.now())

    def due_at_time(self, now: datetime) -> PublicationQuerySet:
        return self.filter(status=Status.QUEUED, held=False, next_try_at__lte=now).order_by("next_try_at")

    def claim(self, pk: UUID, *, lease: timedelta) -> Publication | None:
        """The publication, if this call is the one that may send it; else None.

        A conditional update of its own row: of fifty workers that ask, one wins.
        """
        fence, now = uuid4(), clock.now()
        won = self.filter(pk=pk, status=Status.QUEUED, held=False, next_try_at__lte=now).update(
            status=Status.SENDING, fence=fence, lease_until=now + lease, started_at=Coalesce(F("started_at"), now)
        )
        return _claimed.get(pk=pk, fence=fence) if won else None

    def claim_next(self, *, lease: timedelta) -> Publication | None:
        """The one that has been due longest, claimed; None when nothing is due. Callers pass each other by."""
        with transaction.atomic():
            pk = _next_due.first(now=clock.now())
            return self.claim(pk, lease=lease) if pk else None

    def fenced(self, pk: UUID, fence: UUID | None) -> PublicationQuerySet:
        """The row, only while the claim with this fence still holds it."""
        return self.filter(pk=pk, fence=fence, status=Status.SENDING)

    def for_sending(self) -> PublicationQuerySet:
        """With everything the checks after the claim and the draft need, in two queries, three with pictures."""
        pictures = PostPicture.objects.select_related("asset").prefetch_related("asset__renditions")
        found = self.select_related("post", "channel__workspace__organization").defer("channel__credentials")
        return found.prefetch_related(models.Prefetch("post__pictures", pictures))

    def due_within(self, ahead: timedelta) -> PublicationQuerySet:
        """Queued ones whose time comes soon, or has come."""
        return self.filter(status=Status.QUEUED, next_try_at__lte=clock.now() + ahead)

    def abandoned(self) -> PublicationQuerySet:
        """Claimed by a worker that did not come back: the lease is over."""
        return self.filter(status=Status.SENDING, lease_until__lt=clock.now())

    def to_look_for(self) -> PublicationQuerySet:
        """Sent without an answer, and it is time to look on the network."""
        return self.filter(status=Status.UNKNOWN, asks_person=False, next_try_at__lte=clock.now()).order_by(
            "next_try_at"
        )

    def held(self) -> PublicationQuerySet:
        return self.filter(status=Status.QUEUED, held=True)

    def posts_by_fate(self) -> dict[str, int]:
        """How many posts have which catch-up rule apply to them now; empty for those still within the window."""
        window = Coalesce("workspace__catch_up__window", Value(DEFAULT_CATCH_UP_WINDOW))
        rule = Coalesce("workspace__catch_up__rule", Value(CatchUpRule.ASK))
        in_time = When(due_at__gte=clock.now() - window, then=Value(""))
        fates = self.annotate(fate=Case(in_time, default=rule, output_field=models.CharField()))
        return dict(fates.order_by().values_list("fate").annotate(posts=Count("post", distinct=True)))

    def queued(self) -> PublicationQuerySet:
        return self.filter(status=Status.QUEUED)

    def untold(self) -> PublicationQuerySet:
        """Those that need a person who has not been told yet."""
        return self.filter(asks_person=True, told_at=None)

    def beside(self, publication: Publication) -> PublicationQuerySet:
        """Others of the same channel that are live and went out since a day before its first try."""
        since = publication.started_at - timedelta(days=1)
        others = self.filter(channel=publication.channel_id, status=Status.PUBLISHED, published_at__gte=since)
        return others.exclude(pk=publication.pk).exclude(remote_id="")

    def published_since(self, at: datetime) -> PublicationQuerySet:
        return self.filter(status=Status.PUBLISHED, published_at__gte=at)


class Publication(models.Model):
    """A post on one channel: sent, retried, counted. Everything that decides about sending is on this row."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="publications", db_index=False)
    channel = models.ForeignKey(
        "social.Channel", on_delete=models.RESTRICT, related_name="publications", db_index=False
    )
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="publications", db_index=False
    )
    status = models.CharField(_("state"), max_length=12, choices=Status.choices, default=Status.DRAFT)
    due_at = models.DateTimeField(_("goes out at"), null=True, blank=True)
    held = models.BooleanField(default=False)
    hold_reason = models.CharField(max_length=24, choices=Hold.choices, blank=True)
    next_try_at = models.DateTimeField(null=True, blank=True, help_text=_("The one clock of sending and looking."))
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("Calls that were made and asked to come back."))
    looks = models.PositiveSmallIntegerField(default=0)
    fence = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True, help_text=_("First claim; the time the network is told."))
    published_at = models.DateTimeField(null=True, blank=True)
    remote_id = models.CharField(max_length=500, blank=True)
    url = models.URLField(max_length=1000, blank=True)
    sent_text = models.TextField(blank=True, help_text=_("The words as they go out: the same for every try."))
    problem_kind = models.CharField(max_length=24, blank=True)
    problem = models.TextField(blank=True, help_text=_("What is wrong and what to do, for people."))
    asks_person = models.BooleanField(default=False)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("When the author was told."))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = PublicationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("post on a profile"), _("posts on profiles")
        constraints = [
            models.UniqueConstraint(fields=["post", "channel"], name="publication_once"),
            models.UniqueConstraint(
                fields=["channel", "remote_id"], condition=~Q(remote_id=""), name="publication_remote_once"
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="publication_status_known"),
            models.CheckConstraint(
                condition=Q(status=Status.SENDING, fence__isnull=False, lease_until__isnull=False)
                | ~Q(status=Status.SENDING),
                name="publication_sending_is_claimed",
            ),
            models.CheckConstraint(
                condition=Q(due_at__isnull=False, next_try_at__isnull=False) | ~Q(status=Status.QUEUED),
                name="publication_queued_has_time",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=False) | ~Q(status=Status.PUBLISHED),
                name="publication_published_has_time",
            ),
            models.CheckConstraint(
                condition=Q(held=True) & ~Q(hold_reason="") | Q(held=False, hold_reason=""),
                name="publication_hold_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["next_try_at"], condition=Q(status="queued", held=False), name="publication_due"),
            models.Index(fields=["lease_until"], condition=Q(status="sending"), name="publication_lease"),
            models.Index(
                fields=["next_try_at"], condition=Q(status="unknown", asks_person=False), name="publication_look"
            ),
            models.Index(fields=["workspace"], condition=Q(status="queued", held=True), name="publication_held"),
            models.Index(fields=["id"], condition=Q(asks_person=True, told_at=None), name="publication_untold"),
            models.Index(fields=["workspace", "status", "published_at"], name="publication_ledger"),
            models.Index(fields=["channel", "status", "due_at"], name="publication_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} · {self.channel}"

    @property
    def key(self) -> str:
        """The same for every try, so that a network with idempotency makes one post of all of them."""
        return f"lily-{self.pk.hex}"

    @property
    def words(self) -> str:
        """What is sent. A publication on the calendar has its words written down."""
        return self.sent_text or self.post.text_for(self.channel.network)

    @property
    def is_late_by(self) -> timedelta:
        """How long past its time it is; zero before it."""
        return max(clock.now() - self.due_at, timedelta()) if self.due_at else timedelta()

    def has_lease_for(self, budget: timedelta) -> bool:
        """Whether a call of at most `budget` ends before somebody else may take this over."""
        return self.lease_until is not None and clock.now() + budget <= self.lease_until

    # -- verbs: each guards its own transition; the caller saves with `save_state`

    def queue(self, at: datetime, *, try_at: datetime | None = None, hold: str = "") -> None:
        """Put on the calendar, anew or again: nothing of an earlier try counts."""
        if self.status in RESTARTABLE:
            self.started_at = None  # certainly not live: the next try is a first one
        self._to(Status.QUEUED)
        self.due_at, self.next_try_at, self.tries, self.looks = at, try_at or at, 0, 0
        self.fence = self.lease_until = None
        self.forget_problem()
        self.hold(hold)

    def hold(self, reason: str) -> None:
        """Stop (or, with an empty reason, let go) a queued publication; a reason nobody chose asks for a person."""
        changed = reason != self.hold_reason
        self.held, self.hold_reason = bool(reason), reason
        if changed:
            self.ask_person(str(Hold(reason).label) if reason in HOLDS_ASKING else "", kind=reason)

    def ask_person(self, problem: str, *, kind: str) -> None:
        """Say what only a person can settle (they are told once); an empty problem takes the question back."""
        self.asks_person, self.problem, self.problem_kind = bool(problem), problem, kind if problem else ""
        self.told_at = None

    def forget_problem(self) -> None:
        self.ask_person("", kind="")

    def plan_draft(self) -> None:
        """Off the calendar, still meant for this channel."""
        self._to(Status.DRAFT)
        self._leave_queue()

    def cancel(self) -> None:
        self._to(Status.CANCELLED)
        self._leave_queue()

    def publish(self, *, remote_id: str, url: str, at: datetime) -> None:
        self._to(Status.PUBLISHED)
        self.remote_id, self.url, self.published_at = remote_id[:500], url[:1000], at
        self.sent_text = self.words
        self.fence = self.lease_until = self.next_try_at = None
        self.forget_problem()

    def wait(self, until: datetime, *, problem: str = "", kind: str = "", tried: bool) -> None:
        """Back in the queue until then; `tried` when a call was made and counts."""
        self._to(Status.QUEUED)
        self.next_try_at, self.tries = until, self.tries + tried
        self.problem, self.problem_kind = problem, kind
        self.fence = self.lease_until = None

    def reject(self, problem: str, *, kind: str = Outcome.REJECTED) -> None:
        self._to(Status.REJECTED)
        self._leave_queue()
        self.ask_person(problem, kind=kind)

    def doubt(self, problem: str, *, look_at: datetime) -> None:
        """Nobody knows whether it went out: to be looked for at `look_at`."""
        self._to(Status.UNKNOWN)
        self.fence = self.lease_until = None
        self.next_try_at, self.problem, self.problem_kind = look_at, problem, Outcome.UNKNOWN

    def miss(self, problem: str, *, asks: bool) -> None:
        """Its time is over; with `asks` the author decides what happens now."""
        self._to(Status.MISSED)
        self._leave_queue()
        self.ask_person(problem if asks else "", kind=Status.MISSED)
        self.problem, self.problem_kind = problem, Status.MISSED

    def save_state(self, *more: str) -> None:
        self.save(update_fields=[*STATE_FIELDS, *more])

    def _to(self, status: str) -> None:
        if status not in TRANSITIONS[self.status]:
            raise WrongState(
                _("This post is %(now)s on %(channel)s, so that is not possible now.")
                % {"now": self.get_status_display().lower(), "channel": self.channel}
            )
        self.status = status

    def _leave_queue(self) -> None:
        self.held, self.hold_reason, self.sent_text = False, "", ""
        self.fence = self.lease_until = self.next_try_at = None
        self.forget_problem()


_next_due = Prepared(
    lambda now: (
        Publication.objects.due_at_time(now).select_for_update(skip_locked=True).values_list("pk", flat=True)[:1]
    )
)
_claimed = Prepared(lambda pk, fence: Publication.objects.filter(pk=pk, fence=fence).for_sending())
_states = Prepared(lambda post: Publication.objects.filter(post=post).values_list("status", "asks_person"))

STATE_FIELDS = (
    "status", "due_at", "held", "hold_reason", "next_try_at", "tries", "looks", "fence", "lease_until", "started_at",
    "published_at", "remote_id", "url", "sent_text", "problem_kind", "problem", "asks_person", "told_at",
)  # fmt: skip


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def open(self) -> AttemptQuerySet:
        """Begun, with no end: running, or its worker died."""
        return self.filter(ended_at=None)

    def sent_since(self, channel_id: UUID, at: datetime) -> AttemptQuerySet:
        """What counts against a network's quota of a channel."""
        return self.filter(channel_id=channel_id, kind=AttemptKind.SEND, started_at__gt=at)


class Attempt(models.Model):
    """One try to send, or one look whether it is there: recorded before the call is made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    publication = models.ForeignKey(Publication, on_delete=models.CASCADE, related_name="attempts")
    channel = models.ForeignKey("social.Channel", on_delete=models.RESTRICT, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=AttemptKind.choices, default=AttemptKind.SEND)
    fence = models.UUIDField(null=True, blank=True)
    started_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    message = models.TextField(blank=True, help_text=_("What the network said, for people."))
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    remote = models.JSONField(default=dict, blank=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["channel", "kind", "started_at"], name="attempt_quota")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at=None, outcome="") | Q(ended_at__isnull=False) & ~Q(outcome=""),
                name="attempt_ended_has_outcome",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.get_outcome_display() or '…'}"


class CatchUp(models.Model):
    """A workspace's rule for posts that are late by more than its window."""

    workspace = models.OneToOneField(
        "accounts.Workspace", primary_key=True, on_delete=models.CASCADE, related_name="catch_up"
    )
    rule = models.CharField(_("late posts"), max_length=6, choices=CatchUpRule.choices, default=CatchUpRule.ASK)
    window = models.DurationField(_("late from"), default=DEFAULT_CATCH_UP_WINDOW)
    gap = models.DurationField(_("time between them"), default=DEFAULT_CATCH_UP_GAP)

    class Meta:
        verbose_name, verbose_name_plural = _("rule for late posts"), _("rules for late posts")
        constraints = [
            models.CheckConstraint(condition=Q(rule__in=CatchUpRule.values), name="catch_up_rule_known"),
            models.CheckConstraint(
                condition=Q(window__gte=MIN_CATCH_UP_WINDOW, gap__gte=timedelta(minutes=1)), name="catch_up_times"
            ),
        ]

    def __str__(self) -> str:
        return self.get_rule_display()

    @classmethod
    def of(cls, workspace: Workspace) -> CatchUp:
        """The workspace's rule; the standard one (ask, two hours) where nobody chose."""
        return cls.objects.filter(workspace=workspace).first() or cls(workspace=workspace)


class Bucket(models.Model):
    """Our own pace towards a network when Valkey does not answer: when the bucket of `key` is full again."""

    key = models.CharField(primary_key=True, max_length=120)
    full_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class Circuit(models.Model):
    """A server that keeps failing is left alone for a while: failures in a row, and until when it is open."""

    key = models.CharField(primary_key=True, max_length=300, help_text=_("Network and server."))
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.key


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def claim(self, pk: UUID) -> Suggestion | None:
        """The suggestion, if this call is the one that may write it; else None. Only columns of its own row decide."""
        fence, now = uuid4(), clock.now()
        free = Q(state=Suggestion.State.WAITING) | Q(state=Suggestion.State.WRITING, lease_until__lt=now)
        won = self.filter(free, pk=pk, tries__lt=WRITING_TRIES).update(
            state=Suggestion.State.WRITING, fence=fence, lease_until=now + WRITING_LEASE, tries=F("tries") + 1
        )
        return self.select_related("workspace", "requested_by").get(pk=pk, fence=fence) if won else None

    def fenced(self, suggestion: Suggestion) -> SuggestionQuerySet:
        """The row, only while this claim still holds it."""
        return self.filter(pk=suggestion.pk, fence=suggestion.fence, state=Suggestion.State.WRITING)

    def forgotten(self) -> SuggestionQuerySet:
        """Those whose worker, or whose message, got lost."""
        now = clock.now()
        return self.filter(
            Q(state=Suggestion.State.WAITING, created_at__lt=now - WRITING_LEASE)
            | Q(state=Suggestion.State.WRITING, lease_until__lt=now)
        )

    def undecided(self) -> SuggestionQuerySet:
        """Those that became no post yet, newest first."""
        return self.filter(post=None).order_by("-id")


class Suggestion(models.Model):
    """A topic somebody wants a first version of words for, and what a writer made of it. `post` is what it became."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        WRITING = "writing", _("being written")
        WRITTEN = "written", _("written")
        FAILED = "failed", _("could not be written")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="suggestions", db_index=False
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    request_key = models.UUIDField(default=uuid4, editable=False, help_text=_("From the form: sent twice, one row."))
    topic = models.CharField(_("topic"), max_length=600)
    network = models.CharField(_("network"), max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    fence = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text=_("For people."))
    text = models.TextField(_("text"), blank=True)
    writer = models.CharField(max_length=120, blank=True, help_text=_("Who wrote it, for people."))
    notes = models.JSONField(default=list, blank=True, help_text=_("What to look at before it goes out, for people."))
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("first version of words"), _("first versions of words")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "request_key"], name="suggestion_request_once"),
            models.CheckConstraint(condition=~Q(state="written") | ~Q(text=""), name="suggestion_written_has_words"),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="suggestion_failed_says_why"),
        ]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="suggestion_newest_first"),
            models.Index(fields=["created_at"], name="suggestion_by_age"),
            models.Index(fields=["created_at"], condition=Q(state__in=["waiting", "writing"]), name="suggestion_open"),
        ]

    def __str__(self) -> str:
        return Truncator(" ".join(self.topic.split())).chars(80)

    def get_absolute_url(self) -> str:
        return reverse("words_detail", kwargs={"workspace": self.workspace.slug, "pk": self.pk})

    @property
    def language(self) -> str:
        """That of whoever asked; empty where they chose none or are gone."""
        return self.requested_by.language if self.requested_by else ""

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WRITING)

    @property
    def is_written(self) -> bool:
        return self.state == self.State.WRITTEN

    def require_written(self) -> None:
        if not self.is_written:
            raise WrongState(_("These words are not written yet."))
