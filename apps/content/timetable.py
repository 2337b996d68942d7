"""Between what people type and see (a workspace's local time) and what is stored (UTC), right across DST.

Two local times a year are special, and what happens is stated, not left to chance:

- one that the clocks skip (02:30 in spring) does not exist: it is taken as the same distance after the gap's start
  (03:30 where the gap is an hour), and `Moment.note` says so;
- one that happens twice (02:30 in autumn) is the first of the two, and `Moment.note` says so.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.formats import time_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Moment:
    """One moment: `at` in UTC, `local` in the zone asked for, and a sentence where the local time was special."""

    at: datetime
    local: datetime
    note: str = ""


def read_local(local: datetime, zone: ZoneInfo) -> Moment:
    """The moment a naive local time of `zone` means. Raises ValueError for an aware one."""
    if local.tzinfo is not None:
        raise ValueError("read_local takes a naive local time")
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    meant = first.astimezone(zone)
    if meant.replace(tzinfo=None) != local:
        note = _("The clocks skip %(typed)s that night; it goes out at %(meant)s.")
        facts = {"typed": time_format(local, "H:i"), "meant": time_format(meant, "H:i")}
        return Moment(first, meant, note % facts)
    if first != second:
        note = _("The clocks show %(typed)s twice that night; it goes out the first time.")
        return Moment(first, meant, note % {"typed": time_format(local, "H:i")})
    return Moment(first, meant)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of a local day, in UTC. Some zones skip midnight: then it is the first that exists."""
    return read_local(datetime.combine(day, time()), zone).at


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Start of the day and of the next one, in UTC: 23, 24 or 25 hours apart."""
    return start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)


class MonthDays(NamedTuple):
    """The days a month's page shows and their moments in UTC, with those of its neighbours that share a week. The day
    after the last is always there: on a month's last day, people look for tomorrow."""

    weeks: list[list[date]]  # Monday first
    starts: list[datetime]  # of each day
    end: datetime  # of the last


@lru_cache(256)  # forty-odd days, the same for everybody of a zone
def month_days(year: int, month: int, zone: ZoneInfo) -> MonthDays:
    weeks = calendar.Calendar().monthdatescalendar(year, month)
    last = weeks[-1][-1]
    if last.month == month:
        weeks.append([last + timedelta(days=number) for number in range(1, 8)])
    starts = [start_of_day(day, zone) for week in weeks for day in week]
    return MonthDays(weeks, starts, start_of_day(weeks[-1][-1] + timedelta(days=1), zone))


def move_to_day(at: datetime, day: date, zone: ZoneInfo) -> Moment:
    """The same local time of day on another day: what dragging a post on the calendar means."""
    return read_local(datetime.combine(day, at.astimezone(zone).time().replace(tzinfo=None)), zone)
