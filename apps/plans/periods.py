"""Days, ISO weeks and months of a time zone, as UTC instants; and what happens to them when the zone changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

KINDS = ("day", "week", "month")


@dataclass(frozen=True)
class Period:
    """From `start` up to, not including, `end`; both UTC. `start` is the key of its counters."""

    start: datetime
    end: datetime


def period(kind: str, at: datetime, zone: str, running: dict[str, list[str]]) -> Period:
    """The period `at` lies in.

    `running` is what was running, per kind, when the zone last changed: that one keeps its start and has an end
    that is a boundary of the new zone, so every later period is a whole one.
    """
    if kind in running:
        start, end = map(datetime.fromisoformat, running[kind])
        if start <= at < end:
            return Period(start, end)
    return local_period(kind, at, zone)


def local_period(kind: str, at: datetime, zone: str) -> Period:
    """The day, ISO week or month of `zone` that `at` lies in; 23 or 25 hours long where the clocks change."""
    first = _first_day(kind, at.astimezone(ZoneInfo(zone)).date())
    return Period(_midnight(first, zone), _midnight(_next(kind, first), zone))


def change_zone(now: datetime, zone: str, new_zone: str, running: dict[str, list[str]]) -> dict[str, list[str]]:
    """The `running` of a standing whose zone changes now.

    Each running period ends at the boundary of the new zone nearest to its old end (within 26 hours, at times just
    past), and whole periods of the new zone follow: no sliver of a period brings a whole allowance of its own.
    """
    changed = {}
    for kind in KINDS:
        old = period(kind, now, zone, running)
        around = local_period(kind, old.end, new_zone)
        end = min(around.start, around.end, key=lambda end: abs(end - old.end))
        changed[kind] = [old.start.isoformat(), end.isoformat()]
    return changed


def _first_day(kind: str, day: date) -> date:
    if kind == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if kind == "month" else day


def _next(kind: str, first: date) -> date:
    if kind == "month":
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=7 if kind == "week" else 1)


def _midnight(day: date, zone: str) -> datetime:
    """The first instant of a local day; where midnight is skipped, the instant the clocks jump."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
