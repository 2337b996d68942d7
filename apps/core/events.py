"""Telling the pages that look at a row that it changed: they ask for themselves anew (`static/js/live.js`).

Best effort. What is lost costs nobody anything but time: a page that hears nothing asks by itself every so often.
"""

from __future__ import annotations

import logging
import time
from functools import partial

import redis
from django.conf import settings
from django.db import transaction

from apps.core import tickets, valkey

PAUSE = 5.0  # seconds without a try after one that failed
log = logging.getLogger("lily.events")
_silent_until = 0.0


def announce(kind: str, pk: object) -> None:
    """Once the transaction is committed, tell those who look at a row. Costs one PUBLISH and never fails."""
    if settings.EVENTS_URL:
        transaction.on_commit(partial(_publish, tickets.topic(kind, pk)), robust=True)


def _publish(topic: str) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        valkey.hurried().publish(tickets.CHANNEL, topic)
    except redis.RedisError as error:
        _silent_until = time.monotonic() + PAUSE
        log.warning("news not told", extra={"problem": type(error).__name__})
