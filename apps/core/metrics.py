"""What is counted, for Prometheus; `apps.core.health` gives it out on the health port.

Processes count each for itself, without a lock between them, in files of `settings.METRICS_DIR` that the health
process adds up (prometheus_client's multiprocess mode). Its files are named by process id, and gunicorn and Celery
replace their processes all day; here a process takes the lowest number nobody holds and goes on counting where the
last holder of it stopped, so there are never more files than processes at one time, and no count goes back.

Labels have few values: patterns of addresses, names of ours, never a path, an id or a name a customer gave.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from celery import signals
from django.conf import settings
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest, values
from prometheus_client.core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

_held: dict[int, tuple[int, IO[bytes]]] = {}  # process id → its number, and the file whose lock says so


def _number() -> int:
    """This process's number. A lock of lockf(3) is not inherited by a fork and ends with its process, however."""
    number, _ = _held.get(os.getpid()) or _take_number()
    return number


def _take_number() -> tuple[int, IO[bytes]]:
    _held.clear()
    Path(settings.METRICS_DIR).mkdir(parents=True, exist_ok=True)
    for number in itertools.count():
        file = Path(settings.METRICS_DIR, f"{number}.lock").open("ab")  # noqa: SIM115  # open is how it is held
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
        else:
            _held[os.getpid()] = number, file
            return number, file
    raise AssertionError("unreachable")


if settings.METRICS_DIR:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(settings.METRICS_DIR)
    values.ValueClass = values.MultiProcessValue(_number)

REQUESTS = Counter("lily_requests", "Answers to requests", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "lily_request_seconds",
    "From the request's arrival at a process to its answer",
    ["route", "method"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter("lily_refusals", "Requests refused for a plan, a limit or their pace", ["code"])
TASKS = Counter("lily_tasks", "Tasks that ended", ["task", "outcome"])
TASK_SECONDS = Histogram(
    "lily_task_seconds", "How long a task took", ["task"], buckets=(0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 600)
)
PUBLICATIONS = Counter("lily_publications", "What came of sending a publication", ["network", "outcome"])
LATENESS = Histogram(
    "lily_publication_late_seconds",
    "From a publication's due time to the time it was live",
    ["network"],
    buckets=(1, 2, 5, 10, 30, 60, 120, 300, 900, 3600),
)
VENDOR_CALLS = Counter("lily_vendor_calls", "Calls to networks and vendors", ["vendor", "outcome"])
VENDOR_SECONDS = Histogram(
    "lily_vendor_call_seconds",
    "How long a call took",
    ["vendor"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 60),
)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    method = method if method in METHODS else "other"
    REQUESTS.labels(route, method, status).inc()
    REQUEST_SECONDS.labels(route, method).observe(seconds)


def count_refusal(code: str, status: int) -> None:
    """402, 403 and 429: what a plan, a role, a limit or a pace forbade."""
    if status in (402, 403, 429):
        REFUSALS.labels(code).inc()


def count_vendor_call(vendor: str, seconds: float, *, status: int = 0, problem: str = "") -> None:
    """`problem` is the name of httpx2's error; without one the outcome is the class of the status, 429 by itself."""
    VENDOR_CALLS.labels(vendor, problem or ("429" if status == 429 else f"{status // 100}xx")).inc()
    VENDOR_SECONDS.labels(vendor).observe(seconds)


def count_publication(network: str, outcome: str, *, late: float | None = None) -> None:
    """`late`: seconds from due to live, for one that is live."""
    PUBLICATIONS.labels(network, outcome).inc()
    if late is not None:
        LATENESS.labels(network).observe(max(late, 0))


@signals.task_prerun.connect
def _note_start(task: Any = None, **kwargs: Any) -> None:
    task.request.started_at = time.monotonic()


@signals.task_postrun.connect
def _count_task(task: Any = None, state: str | None = None, **kwargs: Any) -> None:
    TASKS.labels(task.name, (state or "unknown").lower()).inc()
    TASK_SECONDS.labels(task.name).observe(time.monotonic() - task.request.started_at)


def exposition(gauges: Iterable[Metric]) -> bytes:
    """What all processes of this machine counted, and `gauges` of the moment, as Prometheus reads it."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=str(settings.METRICS_DIR))
    registry.register(_Gauges(gauges))
    return generate_latest(registry)


class _Gauges(Collector):
    def __init__(self, gauges: Iterable[Metric]) -> None:
        self.gauges = gauges

    def collect(self) -> Iterable[Metric]:
        return self.gauges
