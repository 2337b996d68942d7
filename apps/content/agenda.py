"""What the calendar's pages show: a month of days with a few chips each, or one day whole.

However many posts a month has, a month costs four queries and draws at most `CHIPS_A_DAY` chips a day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models.functions import Left
from django.utils.formats import date_format

from apps.accounts.models import Workspace
from apps.content import ledger, timetable
from apps.content.catalog import PostStatus
from apps.content.models import Post, PostPicture, Publication
from apps.core import clock

CHIPS_A_DAY = 3
PAGE = 30  # posts on a page of the list
OPENING = 90  # characters of a post a chip may show


@dataclass(frozen=True, slots=True)
class Chip:
    """A post as one line. `at` is local (None: no time yet), `time` its hour and minute, `networks` keys, each once."""

    pk: UUID
    at: datetime | None
    time: str
    words: str
    status: str
    state: str
    networks: tuple[str, ...]
    thumbnail: str


@dataclass(slots=True)
class Day:
    """A day of the calendar. `weekday` and `month` are names in the reader's language."""

    date: date
    weekday: str = ""
    month: str = ""
    is_today: bool = False
    is_past: bool = False
    is_outside: bool = False
    chips: list[Chip] = field(default_factory=list)
    count: int = 0

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def number(self) -> str:
        return str(self.date.day)

    @property
    def more(self) -> int:
        """How many posts the day has beyond its chips."""
        return self.count - len(self.chips)


@dataclass(frozen=True, slots=True)
class Month:
    first: date
    weeks: list[list[Day]]
    count: int

    @property
    def previous(self) -> date:
        return (self.first - timedelta(days=1)).replace(day=1)

    @property
    def next(self) -> date:
        return (self.first + timedelta(days=31)).replace(day=1)


def today(workspace: Workspace) -> date:
    return clock.now().astimezone(workspace.zone).date()


def month(workspace: Workspace, first: date) -> Month:
    """The month that begins with `first`, days of its neighbours that share its weeks included."""
    zone = workspace.zone
    due = Post.objects.filter(workspace=workspace).due_between(*timetable.month_bounds(first.year, first.month, zone))
    by_day: dict[date, list[UUID]] = defaultdict(list)
    for pk, at in due.soonest_first().values_list("pk", "due_at"):
        by_day[at.astimezone(zone).date()].append(pk)
    chips = {chip.pk: chip for chip in _chips(workspace, [pk for pks in by_day.values() for pk in pks[:CHIPS_A_DAY]])}
    now = today(workspace)

    weekdays = [date_format(date, "l") for date in timetable.month_weeks(first.year, first.month)[0]]
    names = {
        (first.month + n) % 12: date_format(first.replace(month=(first.month + n - 1) % 12 + 1), "F")
        for n in (-1, 0, 1)
    }

    def day(date: date) -> Day:
        weekday, name = weekdays[date.weekday()], names[date.month % 12]
        pks = by_day.get(date, [])
        shown = [chips[pk] for pk in pks[:CHIPS_A_DAY] if pk in chips]
        return Day(date, weekday, name, date == now, date < now, date.month != first.month, shown, len(pks))

    weeks = [[day(date) for date in week] for week in timetable.month_weeks(first.year, first.month)]
    return Month(first, weeks, sum(day.count for week in weeks for day in week))


def day(workspace: Workspace, date: date, *, limit: int = 200) -> Day:
    """One local day with its first `limit` posts."""
    due = Post.objects.filter(workspace=workspace).due_between(*timetable.day_bounds(date, workspace.zone))
    pks = list(due.soonest_first().values_list("pk", flat=True)[: limit + 1])
    now = today(workspace)
    return Day(date, is_today=date == now, is_past=date < now, chips=_chips(workspace, pks[:limit]), count=len(pks))


def _chips(workspace: Workspace, pks: list[UUID], *, newest_first: bool = False) -> list[Chip]:
    """The posts with these keys by their time (or newest first), in three queries."""
    if not pks:
        return []
    posts = Post.objects.filter(pk__in=pks).only("pk", "due_at", "status").annotate(opening=Left("text", OPENING))
    networks: dict[UUID, dict[str, None]] = defaultdict(dict)
    states = {status: str(label) for status, label in PostStatus.choices}
    sent = Publication.objects.filter(post__in=pks).order_by("channel__created_at")
    for post_pk, network in sent.values_list("post_id", "channel__network"):
        networks[post_pk][network] = None
    pictures = PostPicture.objects.filter(post__in=pks, position=1).select_related("asset")
    thumbnails = {picture.post_id: picture.asset.get_preview_url() for picture in pictures}
    zone = workspace.zone

    def chip(post: Post) -> Chip:
        at = post.due_at and post.due_at.astimezone(zone)
        words = " ".join(post.opening.split())  # type: ignore[attr-defined]
        time = at.strftime("%H:%M") if at else ""
        return Chip(
            post.pk,
            at,
            time,
            words,
            post.status,
            states[post.status],
            tuple(networks[post.pk]),
            thumbnails.get(post.pk, ""),
        )

    return [chip(post) for post in (posts.newest_first() if newest_first else posts.soonest_first())]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: its chips, which state is shown, and the key the next page starts after ("" at the end)."""

    chips: list[Chip]
    status: str
    older: str
    is_first: bool


def page(workspace: Workspace, *, status: str = "", before: UUID | None = None, size: int = PAGE) -> Page:
    """Posts newest first from after the key `before`; one index is read however far down the page is."""
    posts = Post.objects.filter(workspace=workspace).newest_first()
    if status:
        posts = posts.filter(status=status)
    if before:
        posts = posts.before(before)
    pks = list(posts.values_list("pk", flat=True)[: size + 1])
    chips = _chips(workspace, pks[:size], newest_first=True)
    return Page(chips, status, str(pks[size - 1]) if len(pks) > size else "", before is None)


@dataclass(frozen=True, slots=True)
class Lane:
    """A post on one profile: where it stands, what one can do, and the words it has there."""

    publication: Publication
    explanation: ledger.Explanation
    text: str

    @property
    def asks(self) -> bool:
        """Whether the explanation is more than a quiet line: something is wrong, or a person can do something here."""
        return self.explanation.level in ("warning", "danger") or bool(set(self.explanation.verbs) - {"cancel"})


def pictures(post: Post) -> list[dict[str, str]]:
    """The post's pictures as a preview wants them."""
    uses = post.pictures.select_related("asset")
    return [{"url": use.asset.get_preview_url(), "alt_text": use.alt_text} for use in uses if use.asset.is_ready]


def lanes(post: Post) -> list[Lane]:
    """One lane per profile, in the order the profiles were connected; two queries."""
    rows = post.publications.select_related("channel").defer("channel__credentials").order_by("channel__created_at")
    variants = {variant.network: variant.text for variant in post.variants.all()}

    def lane(publication: Publication) -> Lane:
        publication.post = post
        words = publication.sent_text or variants.get(publication.channel.network) or post.text
        return Lane(publication, ledger.explain(publication), words)

    return [lane(publication) for publication in rows]
