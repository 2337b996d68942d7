"""Local times of five zones across the changes of their clocks: forward, backward, at midnight, by half an hour."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.content import timetable

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


@pytest.mark.parametrize(
    ("zone", "typed", "sent", "shown"),
    [
        ("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:30", "03:30"),
        ("America/New_York", "2026-03-08T02:15", "2026-03-08T07:15", "03:15"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:40", "02:40"),  # half an hour is skipped
        ("America/Santiago", "2026-09-06T00:30", "2026-09-06T04:30", "01:30"),  # midnight is skipped
        ("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:30", "03:30"),  # after Ramadan
    ],
)
def test_a_skipped_time_goes_out_as_much_later_and_says_so(zone, typed, sent, shown):
    moment = timetable.read_local(datetime.fromisoformat(typed), ZoneInfo(zone))
    assert moment.at == utc(sent)
    assert moment.local.strftime("%H:%M") == shown
    assert moment.note == f"The clocks skip {typed[-5:]} that night; it goes out at {shown}."


@pytest.mark.parametrize(
    ("zone", "typed", "sent"),
    [
        ("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-04-05T01:40", "2026-04-04T14:40"),
        ("America/Santiago", "2026-04-04T23:30", "2026-04-05T02:30"),
        ("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30"),
    ],
)
def test_a_time_that_comes_twice_goes_out_the_first_time_and_says_so(zone, typed, sent):
    moment = timetable.read_local(datetime.fromisoformat(typed), ZoneInfo(zone))
    assert moment.at == utc(sent)
    assert moment.note == f"The clocks show {typed[-5:]} twice that night; it goes out the first time."


@given(
    zone=st.sampled_from(ZONES),
    local=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)),  # noqa: DTZ001
)
def test_every_other_time_is_shown_as_it_was_typed(zone, local):
    moment = timetable.read_local(local, ZoneInfo(zone))
    back = moment.at.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert back == local or (moment.note and timedelta() < back - local <= timedelta(hours=1))


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("America/Santiago", date(2026, 9, 6), 23),
        ("America/Santiago", date(2026, 4, 4), 25),
        ("America/New_York", date(2026, 7, 1), 24),
    ],
)
def test_a_day_is_as_long_as_its_clocks_say(zone, day, hours):
    start, end = timetable.day_bounds(day, ZoneInfo(zone))
    assert end - start == timedelta(hours=hours)


def test_a_post_dragged_across_the_change_keeps_its_local_time():
    zone = ZoneInfo("Europe/Berlin")
    before = timetable.read_local(datetime.fromisoformat("2026-03-28T09:00"), zone).at
    moved = timetable.move_to_day(before, date(2026, 3, 30), zone)
    assert (before, moved.at) == (utc("2026-03-28T08:00"), utc("2026-03-30T07:00"))


def test_a_month_shows_whole_weeks():
    shown = timetable.month_days(2026, 11, ZoneInfo("Europe/Berlin"))
    assert (len(shown.weeks), len(shown.starts)) == (6, 42)
    assert (shown.starts[0], shown.end) == (utc("2026-10-25T23:00"), utc("2026-12-06T23:00"))


@pytest.mark.parametrize(
    ("month", "weeks", "last"), [((2027, 1), 6, date(2027, 2, 7)), ((2027, 2), 5, date(2027, 3, 7))]
)
def test_a_month_that_ends_on_a_sunday_shows_the_week_after(month, weeks, last):
    shown = timetable.month_days(*month, ZoneInfo("Europe/Berlin"))
    assert (len(shown.weeks), len(shown.starts), shown.weeks[-1][-1]) == (weeks, 7 * weeks, last)
    assert shown.end == utc(f"{last}T23:00")


def test_an_aware_time_is_refused():
    with pytest.raises(ValueError, match="naive"):
        timetable.read_local(utc("2026-01-01T00:00"), ZoneInfo("UTC"))
