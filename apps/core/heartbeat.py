"""Signs of life of beat, of each worker and of the events process, in Valkey, gone soon after their process is.

They are written from the loops that do the work (beat's tick, the worker's timer), not from a thread beside them, so
that a process that hangs counts as dead.
"""

from __future__ import annotations

import json
import logging
import os
import socket
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from celery import bootsteps
from celery.beat import PersistentScheduler
from django.utils import timezone

from apps.core import valkey

EVERY = 10  # seconds between two signs
LIFE = 35  # seconds until a silent process counts as dead
PREFIX = "lily:heartbeat:"
BEAT, WORKER, EVENTS = "beat", "worker", "events"

log = logging.getLogger("lily.heartbeat")


@dataclass(frozen=True)
class Heartbeat:
    """One living process. `at` is the real time of its machine (never the moved clock)."""

    kind: str
    host: str
    pid: int
    at: datetime
    queues: tuple[str, ...] = ()
    streams: int = 0  # open pages that the events process tells news


def write(kind: str, *, queues: tuple[str, ...] = (), streams: int = 0) -> None:
    """Say that this process lives. An unreachable Valkey is logged and does not stop the work."""
    host, pid = socket.gethostname(), os.getpid()
    at = timezone.now().isoformat()
    sign = {"kind": kind, "host": host, "pid": pid, "at": at, "queues": queues, "streams": streams}
    try:
        valkey.connection().set(f"{PREFIX}{kind}:{host}:{pid}", json.dumps(sign), ex=LIFE)
    except redis.RedisError as error:
        log.warning("heartbeat not written", extra={"kind": kind, "problem": type(error).__name__})


def clear(kind: str) -> None:
    """This process ends in good order."""
    try:
        valkey.connection().delete(f"{PREFIX}{kind}:{socket.gethostname()}:{os.getpid()}")
    except redis.RedisError as error:
        log.warning("heartbeat not cleared", extra={"kind": kind, "problem": type(error).__name__})


def alive() -> list[Heartbeat]:
    """Every living process that gives signs. Raises redis.RedisError when Valkey does not answer."""
    server = valkey.connection()
    names = sorted(server.scan_iter(match=f"{PREFIX}*", count=500))
    found = []
    for text in server.mget(names) if names else []:
        if text is not None:
            sign = json.loads(text)
            at, queues = datetime.fromisoformat(sign["at"]), tuple(sign["queues"])
            found.append(Heartbeat(sign["kind"], sign["host"], sign["pid"], at, queues, sign.get("streams", 0)))
    return found


class BeatScheduler(PersistentScheduler):
    """celery-beat's own scheduler; each tick is a sign of life."""

    max_interval = EVERY

    def tick(self, *args: Any, **kwargs: Any) -> float:
        write(BEAT)
        return min(super().tick(*args, **kwargs), EVERY)

    def close(self) -> None:
        clear(BEAT)
        super().close()


class WorkerHeartbeat(bootsteps.StartStopStep):
    """A worker's sign of life, from the timer of its own loop."""

    requires = {"celery.worker.components:Timer"}

    def __init__(self, worker: Any, **kwargs: Any) -> None:
        self.entry: Any = None

    def start(self, worker: Any) -> None:
        queues = tuple(sorted(worker.app.amqp.queues.consume_from))
        write(WORKER, queues=queues)
        self.entry = worker.timer.call_repeatedly(EVERY, write, (WORKER,), {"queues": queues})

    def stop(self, worker: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()
        clear(WORKER)
