"""Whether this installation works, asked over HTTP on a port of its own, so that busy pages never hide the answer.

`/healthz`: this process answers. `/readyz`: database, Valkey, beat, every queue's worker, and the events process where
one is configured; 503 and the reason if not.
`/metrics`: what the processes of this machine counted, and what waits, for Prometheus.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import redis
from django.conf import settings
from django.db import Error, connection
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.core import GaugeMetricFamily

from apps.core import heartbeat, metrics, valkey

FRESH = 1.0  # seconds an answer is given again, so that many askers do not become load
OK = "ok"


def readiness() -> dict[str, str]:
    """Part → "ok" or what is wrong with it, in a few words that hold no secret. A part not asked for is left out."""
    return {name: state for name, check in PARTS.items() if (state := check())}


def is_ready(parts: dict[str, str]) -> bool:
    return all(state == OK for state in parts.values())


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return "does not answer"
    finally:
        connection.close()
    return OK


def _valkey() -> str:
    try:
        valkey.connection().ping()
    except redis.RedisError:
        return "does not answer"
    return OK


def _beat() -> str:
    try:
        return OK if any(sign.kind == heartbeat.BEAT for sign in heartbeat.alive()) else "no sign of life"
    except redis.RedisError:
        return "unknown"


def _workers() -> str:
    try:
        served = {queue for sign in heartbeat.alive() for queue in sign.queues}
    except redis.RedisError:
        return "unknown"
    missing = [queue for queue in settings.QUEUES if queue not in served]
    return f"nobody works on: {', '.join(missing)}" if missing else OK


def _events() -> str:
    if not settings.EVENTS_URL:
        return ""
    try:
        return OK if _streams() is not None else "no sign of life"
    except redis.RedisError:
        return "unknown"


def _streams() -> int | None:
    """Open pages that are told news; None where no events process gives signs of life."""
    found = [sign.streams for sign in heartbeat.alive() if sign.kind == heartbeat.EVENTS]
    return sum(found) if found else None


PARTS: dict[str, Callable[[], str]] = {
    "database": _database,
    "valkey": _valkey,
    "beat": _beat,
    "workers": _workers,
    "events": _events,
}


def gauges(parts: dict[str, str]) -> Iterator[GaugeMetricFamily]:
    """What is true at this moment: which parts work, how many tasks wait, how many pages are told news. What Valkey
    does not say is left out."""
    ready = GaugeMetricFamily("lily_ready", "1 where the part works, as /readyz says", labels=["part"])
    for name, state in parts.items():
        ready.add_metric([name], float(state == OK))
    yield ready
    waiting = GaugeMetricFamily("lily_queue_tasks", "Tasks that wait for a worker", labels=["queue"])
    try:
        for queue in settings.QUEUES:
            waiting.add_metric([queue], valkey.connection().llen(queue))
        streams = _streams()
    except redis.RedisError:
        return
    yield waiting
    yield GaugeMetricFamily("lily_event_streams", "Open pages that the events process tells news", value=streams or 0)


class _Readiness:
    """The latest answer, asked for by one thread at a time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.at = float("-inf")
        self.parts: dict[str, str] = {}

    def get(self) -> dict[str, str]:
        with self.lock:
            if time.monotonic() - self.at > FRESH:
                self.parts, self.at = readiness(), time.monotonic()
            return self.parts


def server(port: int, *, host: str = "0.0.0.0") -> ThreadingHTTPServer:  # noqa: S104  # a load balancer asks from outside
    """The server, bound and not yet serving. Port 0 takes a free one. Raises OSError when the port is taken."""
    latest = _Readiness()

    class Handler(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            if self.path == "/healthz":
                self._answer(200, {"status": OK})
            elif self.path == "/readyz":
                parts = latest.get()
                ready = is_ready(parts)
                self._answer(200 if ready else 503, {"status": OK if ready else "not ready", "parts": parts})
            elif self.path == "/metrics" and settings.METRICS_DIR:
                self._send(200, CONTENT_TYPE_PLAIN_0_0_4, metrics.exposition(list(gauges(latest.get()))))
            else:
                self._answer(404, {"status": "not found"})

        do_HEAD = do_GET

        def _answer(self, status: int, body: dict[str, object]) -> None:
            self._send(status, "application/json", json.dumps(body).encode())

        def _send(self, status: int, kind: str, data: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(data)

        def version_string(self) -> str:
            return "lily"

        def log_message(self, *args: object) -> None:
            """A line for every question of a load balancer says nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

    return Server((host, port), Handler)
