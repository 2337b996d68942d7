"""Days, weeks and months as people's calendars have them, also where the clocks change or the zone does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.plans.periods import KINDS, change_zone, local_period, period

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Beirut",
    "Africa/Cairo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
]
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def hours(span):
    return (span.end - span.start) / timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "noon", "length"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 10, tzinfo=UTC), 23),
        ("Europe/Berlin", datetime(2026, 10, 25, 11, tzinfo=UTC), 25),
        ("America/New_York", datetime(2026, 11, 1, 17, tzinfo=UTC), 25),
        ("Asia/Beirut", datetime(2026, 3, 29, 10, tzinfo=UTC), 23),  # midnight itself is skipped
        ("America/Havana", datetime(2026, 11, 1, 17, tzinfo=UTC), 25),  # midnight comes twice
        ("Australia/Lord_Howe", datetime(2026, 10, 4, 3, tzinfo=UTC), 23.5),
        ("UTC", datetime(2026, 3, 29, 10, tzinfo=UTC), 24),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(zone, noon, length):
    assert hours(local_period("day", noon, zone)) == length


def test_a_week_is_iso_and_a_month_is_the_calendars():
    at = datetime(2027, 1, 2, 23, 30, tzinfo=UTC)  # Sunday 3 January in Berlin, ISO week 53 of 2026
    assert local_period("week", at, "Europe/Berlin").start == datetime(2026, 12, 27, 23, tzinfo=UTC)
    assert local_period("week", at, "Europe/Berlin").end == datetime(2027, 1, 3, 23, tzinfo=UTC)
    assert local_period("month", at, "Europe/Berlin").start == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert local_period("month", at, "Europe/Berlin").end == datetime(2027, 1, 31, 23, tzinfo=UTC)


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(KINDS))
def test_periods_cover_time_without_gap_or_overlap(at, zone, kind):
    here = local_period(kind, at, zone)
    assert here.start <= at < here.end
    assert local_period(kind, here.end, zone).start == here.end
    assert local_period(kind, here.end - timedelta(microseconds=1), zone) == here


@given(MOMENTS, st.lists(st.tuples(st.sampled_from(ZONES), st.integers(1, 30 * 24)), min_size=1, max_size=5))
def test_zone_changes_never_overlap_and_bring_no_slivers(now, changes):
    """However often the zone changes: what runs keeps its start and ends within 26 hours of its old end (a day within
    13), and whole periods of the new zone follow."""
    zone, running = "Europe/Berlin", {}
    for new_zone, later in changes:
        before = {kind: period(kind, now, zone, running) for kind in KINDS}
        running = change_zone(now, zone, new_zone, running)
        zone = new_zone
        for kind in KINDS:
            start, end = map(datetime.fromisoformat, running[kind])
            assert start == before[kind].start < end
            assert abs(end - before[kind].end) <= timedelta(hours=13 if kind == "day" else 26)
            assert period(kind, end, zone, running) == local_period(kind, end, zone)
            assert period(kind, end, zone, running).start == end
            here = period(kind, now, zone, running)
            assert here.start <= now < here.end
        now += timedelta(hours=later)


def test_a_changed_zone_applies_from_the_next_midnight():
    now = datetime(2026, 6, 3, 9, tzinfo=UTC)
    running = change_zone(now, "Europe/Berlin", "America/New_York", {})
    today = period("day", now, "America/New_York", running)
    assert today.start == datetime(2026, 6, 2, 22, tzinfo=UTC)
    assert today.end.astimezone(ZoneInfo("America/New_York")).hour == 0
    assert today.end == datetime(2026, 6, 4, 4, tzinfo=UTC)
