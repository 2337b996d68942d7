"""The one clock. `now()` is the time of every rule and every row; only tests and demonstrations may move it."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

_KEY = "core.clock.offset"


def now() -> datetime:
    """The current time, UTC and aware; moved by `move` where `CLOCK_MOVABLE` allows it."""
    if not settings.CLOCK_MOVABLE:
        return timezone.now()
    return timezone.now() + offset()


def offset() -> timedelta:
    """How far the clock is moved; zero in production whatever the cache says."""
    if not settings.CLOCK_MOVABLE:
        return timedelta()
    return timedelta(seconds=cache.get(_KEY, 0))


def move(by: timedelta) -> None:
    """Move the clock of every process that shares this cache. Raises RuntimeError where it may not be moved."""
    if not settings.CLOCK_MOVABLE:
        raise RuntimeError("The clock of this installation does not move.")
    cache.set(_KEY, cache.get(_KEY, 0) + by.total_seconds(), timeout=None)


def reset() -> None:
    """Back to the real time."""
    cache.delete(_KEY)
