"""What the calendar's pages show: a month of days with a few chips each, or one day whole.

However many posts a month has, a month costs three queries and reads and draws at most `CHIPS_A_DAY` chips a day.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import (
    Count,
    F,
    Field,
    Func,
    QuerySet,
    TextField,
    Value,
    Window,
)
from django.db.models.functions import Cast, Left, RowNumber
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.accounts.models import Workspace
from apps.brand.vault import read
from apps.content import drafting, ledger, timetable
from apps.content.catalog import PostStatus
from apps.content.models import Post, PostPicture, Publication, words_wanted
from apps.core import clock
from apps.core.prepared import Prepared, as_sent
from apps.media import signing
from apps.media.models import Asset

CHIPS_A_DAY = 3
PAGE = 30  # posts on a page of the list
DAY = 200  # posts on the page of a day
OPENING = 90  # characters of a post a chip may show
KEY: Any = Cast("pk", TextField())  # as pages write it: a thousand UUIDs made for a page to be written down cost more
AS_IT_COMES: Any = Field()  # a number needs no converter, and there are two in each row
SHOWN: Any = (KEY, "due_at", "status", Left("text", OPENING + 1))  # of a post on a chip; one more tells of a rest


class Chip(NamedTuple):
    """A post as one line. `at` is local (None: no time yet), `time` its hour and minute, `networks` keys, each once."""

    pk: str
    at: datetime | None
    time: str
    words: str
    status: str
    state: str
    networks: tuple[str, ...]
    thumbnail: str


class Day(NamedTuple):
    """A day of the calendar. `weekday` and `month` are names in the reader's language; `month` follows the number, with
    what stands between them (" November", ". November")."""

    date: date
    weekday: str = ""
    month: str = ""
    is_today: bool = False
    is_past: bool = False
    is_outside: bool = False
    chips: tuple[Chip, ...] = ()
    posts: int = 0

    @property
    def iso(self) -> str:
        return self.date.isoformat()

    @property
    def number(self) -> str:
        return str(self.date.day)

    @property
    def more(self) -> int:
        """How many posts the day has beyond its chips."""
        return self.posts - len(self.chips)


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


class Bucket(Func):
    """Which of the times `bounds` was the last before a row's `due_at`, counted from 1."""

    function, template, output_field = "width_bucket", "%(function)s(%(expressions)s::timestamptz[])", AS_IT_COMES

    def __init__(self, bounds: str) -> None:
        super().__init__(F("due_at"), Value(bounds))


def _compose_month(workspace: UUID, bounds: str, start: datetime, end: datetime) -> QuerySet:
    """The first `CHIPS_A_DAY` posts of each day, with the day's number and how many posts it has in all."""
    posts = Post.objects.filter(workspace=workspace).due_between(start, end).annotate(day=Bucket(bounds))
    place = Window(RowNumber(), partition_by=[F("day")], order_by=["due_at", "id"])
    return (
        posts.annotate(place=place, of=Window(Count("pk"), partition_by=[F("day")], output_field=AS_IT_COMES))
        .filter(place__lte=CHIPS_A_DAY)
        .soonest_first()
        .values_list(*SHOWN, "day", "of")
    )


def _compose_day(workspace: UUID, start: datetime, end: datetime) -> QuerySet:
    posts = Post.objects.filter(workspace=workspace).due_between(start, end)
    return posts.soonest_first().values_list(*SHOWN)[: DAY + 1]


def _compose_page(workspace: UUID, **chosen: Any) -> QuerySet:
    posts = Post.objects.filter(workspace=workspace).newest_first()
    posts = posts.filter(status=chosen["status"]) if "status" in chosen else posts
    posts = posts.saying(chosen["wanted"]) if "wanted" in chosen else posts
    posts = posts.before(chosen["before"]) if "before" in chosen else posts
    return posts.values_list(*SHOWN)[: PAGE + 1]


def _compose_networks(posts: list[str]) -> QuerySet:
    found = Publication.objects.filter(post__among=posts)
    return found.order_by("channel__created_at").values_list(Cast("post", TextField()), "channel__network")


def _compose_thumbnails(posts: list[str]) -> QuerySet:
    ready = PostPicture.objects.filter(post__among=posts, position=1, asset__state=Asset.State.READY)
    return ready.values_list(Cast("post", TextField()), Cast("asset", TextField()), "asset__preview")


_month, _day, _page = Prepared(_compose_month), Prepared(_compose_day), Prepared(_compose_page)
_networks, _thumbnails = Prepared(_compose_networks), Prepared(_compose_thumbnails)


@lru_cache(256)
def _bounds(year: int, month: int, zone: ZoneInfo) -> str:
    return as_sent(timetable.month_days(year, month, zone).starts)


@lru_cache(64)
def _names(month: int, language: str) -> tuple[list[str], str]:
    """The days of the week and the month, as a day's name has them."""
    monday = date(2024, 1, 1)
    weekdays = [date_format(monday + timedelta(days=number), "l") for number in range(7)]
    return weekdays, date_format(date(2024, month, 1), _(" F"))


def month(workspace: Workspace, first: date) -> Month:
    """The month that begins with `first`, with the days of its neighbours that its page shows."""
    zone, language = workspace.zone, get_language()
    days = timetable.month_days(first.year, first.month, zone)
    bounds = _bounds(first.year, first.month, zone)
    rows = _month(workspace=workspace.pk, bounds=bounds, start=days.starts[0], end=days.end)
    by_day: dict[int, list[Chip]] = defaultdict(list)
    counts = {day: count for *_row, day, count in rows}
    for chip, row in zip(_chips(workspace, rows), rows, strict=True):
        by_day[row[4]].append(chip)
    now = today(workspace)

    def day(number: int, date: date) -> Day:
        weekdays, name = _names(date.month, language)
        when = (date == now, date < now, date.month != first.month)
        return Day(date, weekdays[date.weekday()], name, *when, tuple(by_day[number]), counts.get(number, 0))

    shown = [[day(n, date) for n, date in enumerate(week, 7 * w + 1)] for w, week in enumerate(days.weeks)]
    return Month(first, shown, sum(counts.values()))


def day(workspace: Workspace, date: date) -> Day:
    """One local day with its first `DAY` posts."""
    start, end = timetable.day_bounds(date, workspace.zone)
    rows = _day(workspace=workspace.pk, start=start, end=end)
    now = today(workspace)
    chips = _chips(workspace, rows[:DAY])
    return Day(date, is_today=date == now, is_past=date < now, chips=tuple(chips), posts=len(rows))


@lru_cache(16)
def _states(language: str) -> dict[str, str]:
    return {status: str(label) for status, label in PostStatus.choices}


def _chips(workspace: Workspace, rows: list[tuple]) -> list[Chip]:
    """One for each row (key, due time, state, opening words), in the rows' order; two queries for all."""
    if not rows:
        return []
    pks = [row[0] for row in rows]
    networks: dict[str, dict[str, None]] = defaultdict(dict)
    for pk, network in _networks(posts=pks):
        networks[pk][network] = None
    address = signing.addressing()
    thumbnails = {pk: address(asset, "preview" if preview else "file") for pk, asset, preview in _thumbnails(posts=pks)}
    states = _states(get_language())
    zone = workspace.zone

    def chip(pk: str, due_at: datetime | None, status: str, opening: str, *_rest: Any) -> Chip:
        at = due_at and due_at.astimezone(zone)
        time = f"{at.hour:02}:{at.minute:02}" if at else ""
        words = " ".join(opening[:OPENING].split()) + ("…" if len(opening) > OPENING else "")
        return Chip(pk, at, time, words, status, states[status], tuple(networks[pk]), thumbnails.get(pk, ""))

    return [chip(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the list: its chips, which state is shown, what was searched for ("" where no word was typed), and the
    key the next page starts after ("" at the end)."""

    chips: list[Chip]
    status: str
    typed: str
    older: str
    is_first: bool


def page(workspace: Workspace, *, status: str = "", typed: str = "", before: UUID | None = None) -> Page:
    """Posts newest first from after the key `before`, those with the typed words; one index is read however far down
    the page is."""
    wanted = words_wanted(workspace.pk, typed)
    given = {"status": status, "wanted": wanted, "before": before}
    rows = _page(workspace=workspace.pk, **{name: value for name, value in given.items() if value})
    older = rows[PAGE - 1][0] if len(rows) > PAGE else ""
    return Page(_chips(workspace, rows[:PAGE]), status, typed if wanted else "", older, before is None)


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
    """The post's pictures as a preview wants them. The post is one of `listing.find`."""
    uses = post.pictures.all()
    return [{"url": use.asset.get_preview_url(), "alt_text": use.alt_text} for use in uses if use.asset.is_ready]


def lanes(post: Post) -> list[Lane]:
    """One lane per profile, in the order the profiles were connected. The post is one of `listing.find`."""
    vault = read(post.brand or {})  # type: ignore[attr-defined]

    def lane(publication: Publication) -> Lane:
        words = publication.sent_text or drafting.words_of(post, publication.channel.network, vault)
        return Lane(publication, ledger.explain(publication), words)

    return [lane(publication) for publication in post.publications.all()]
