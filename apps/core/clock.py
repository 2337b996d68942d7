"""The one clock. `now()` is the time of every rule and every row; only tests and demonstrations may move it.

The offset lives in a file (`CLOCK_FILE`, None in production), so that web, worker and beat processes of one
machine move together and nothing depends on a cache being up.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def now() -> datetime:
    """The current time, UTC and aware; moved by `move` where `CLOCK_FILE` allows it."""
    return timezone.now() + offset() if settings.CLOCK_FILE else timezone.now()


def offset() -> timedelta:
    """How far the clock is moved; zero where it may not be moved."""
    try:
        return timedelta(seconds=float(settings.CLOCK_FILE.read_text()))
    except (AttributeError, FileNotFoundError):
        return timedelta()


def move(by: timedelta) -> None:
    """Move the clock of every process of this machine. Raises RuntimeError where it may not be moved."""
    if not settings.CLOCK_FILE:
        raise RuntimeError("The clock of this installation does not move.")
    settings.CLOCK_FILE.write_text(str((offset() + by).total_seconds()))


def reset() -> None:
    """Back to the real time."""
    settings.CLOCK_FILE.unlink(missing_ok=True)
