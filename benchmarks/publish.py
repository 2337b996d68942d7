"""How fast and how surely posts go out, through everything: sweep, Valkey, Celery, HTTP, to a recorder apart.

`workers_1`, `workers_2`, `workers_4`: posts `per_second` with so many processes, against the ceiling: the same SQL
and HTTP in as many bare loops. `doubles`: posts that the recorder (which has no idempotency keys) took twice while it
failed in every way and workers were killed. `due_scan`: `ms` to find what is due among 200,000 posts.
"""

from __future__ import annotations

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User, Workspace
from apps.accounts.services.organizations import create_organization
from apps.content import tasks
from apps.content.catalog import PostStatus, Status
from apps.content.models import Circuit, Post, Publication
from apps.content.services import COUNTED
from apps.core import clock, valkey
from apps.plans import services as plans
from apps.plans.models import Reservation
from apps.social.models import Channel
from benchmarks import bare_publish
from benchmarks.data import make_brand
from benchmarks.reporting import note, report
from tests.peers.recorder import Recorder

WORKERS = {"workers_1": 1, "workers_2": 2, "workers_4": 4}
POSTS = 200  # of each throughput run
RETRIED = 200  # of the run that counts doubles
CHANNELS = 10
SWEEP = 2.0  # seconds, as beat does it
FAULTS = (
    {"status": 503},
    {"drop": "before"},
    {"after": 1.5},
    {"status": 429, "headers": {"Retry-After": "2"}},
    {"drop": "after"},
    {"before": 1.5},
)
QUIET = 4.0  # seconds; the recorder takes 1.5 at most
PATIENCE = 240  # seconds a run may take
SCANNED = 200_000
ROOT = Path(__file__).resolve().parents[1]


def run(cases: list[str]) -> int:
    """Measure the named cases, or all. 1 when a post went out twice."""
    chosen = cases or [*WORKERS, "doubles", "due_scan"]
    doubles = 0
    recorder = Recorder(Path(os.environ["STATE"]) / "recorder")
    os.environ |= {"OUTBOUND_ALLOW": recorder.allow[0], "PUBLISH_PACE_CALLS": "1000000"}
    settings.OUTBOUND_ALLOW = recorder.allow
    try:
        for case in chosen:
            if case in WORKERS:
                _measure_speed(case, recorder)
            elif case == "doubles":
                doubles = _measure_doubles(recorder)
            else:
                _measure_due_scan()
    finally:
        recorder.stop()
    return int(doubles > 0)


# -- speed


def _measure_speed(case: str, recorder: Recorder) -> None:
    processes = WORKERS[case]
    ceiling = bare_publish.measure(make_due(recorder, POSTS), processes)
    with working(processes):
        workspace = make_due(recorder, POSTS)
        sent = _wait(workspace, recorder)
    times = sorted(datetime.fromisoformat(post["at"]) for post in sent)
    rate = (len(times) - 1) / (times[-1] - times[0]).total_seconds()
    report("publish", case, "per_second", rate, "1/s", against=ceiling)


def _wait(workspace: Workspace, recorder: Recorder) -> list[dict]:
    """Sweep as beat does until every post is out; what the recorder took meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while Publication.objects.filter(workspace=workspace).exclude(status=Status.PUBLISHED).exists():
        if time.monotonic() > deadline:
            rows = Publication.objects.filter(workspace=workspace)
            counts = Counter(rows.values_list("status", "hold_reason", "problem"))
            raise RuntimeError(f"not everything went out: {counts}")
        tasks.publish_due.delay()
        time.sleep(SWEEP)
    return [post for post in recorder.posts() if f"of {workspace.pk}" in post["text"]]


# -- doubles


def _measure_doubles(recorder: Recorder) -> int:
    """Every fifth call fails in one way or another, and ten times a worker's process is killed."""
    workspace = make_due(recorder, RETRIED)
    chance = random.Random(2)
    for fault in FAULTS * (RETRIED // 40):
        recorder.fail(times=4, after=0.0)  # four that work between two that do not, or the circuit opens
        recorder.fail(times=1, **fault)
    kills, deadline = 0, time.monotonic() + PATIENCE
    with working(4) as worker:
        while Publication.objects.filter(workspace=workspace).exclude(status=Status.PUBLISHED).exists():
            if time.monotonic() > deadline:
                break
            for task in (tasks.publish_due, tasks.sweep_leases):
                task.delay()
            time.sleep(SWEEP)
            if kills < 10 and recorder.posts():  # not before it works: a worker that cannot start its pool gives up
                kills += _kill_one(worker, chance)
            _wait_for_quiet()
            clock.move(timedelta(seconds=121))  # past leases, back-off and circuits, when no call is under way
    clock.reset()
    taken = Counter(post["text"] for post in recorder.posts() if f"of {workspace.pk}" in post["text"])
    open_ones = Publication.objects.filter(workspace=workspace).exclude(status=Status.PUBLISHED).count()
    doubles = sum(count - 1 for count in taken.values())
    note(f"{len(taken)} of {RETRIED} posts out, {open_ones} unsettled, {kills} processes killed")
    report("publish", "doubles", "count", doubles, "posts")
    report("publish", "doubles", "unsettled", open_ones, "posts")
    report("publish", "doubles", "missing", RETRIED - len(taken), "posts")
    return doubles


def _wait_for_quiet() -> None:
    """Until nothing has changed for longer than a call takes here: what is still sending is dead."""
    seen, since = None, time.monotonic()
    while time.monotonic() - since < QUIET:
        states = Counter(Publication.objects.values_list("status", "tries", "looks"))
        if states != seen:
            seen, since = states, time.monotonic()
        time.sleep(0.3)


def _kill_one(worker: subprocess.Popen, chance: random.Random) -> int:
    """`kill -9` of one of the worker's processes; its parent starts another."""
    pool = psutil.Process(worker.pid).children()
    if not pool:
        return 0
    chance.choice(pool).send_signal(signal.SIGKILL)
    return 1


# -- the scan


def _measure_due_scan() -> None:
    """The query that beat's task makes, twenty posts of 200,000 being due."""
    brand = make_brand(SCANNED, name="Scan Café")
    waiting = Publication.objects.filter(workspace=brand, status=Status.QUEUED)
    due = list(waiting.order_by("-due_at").values_list("pk", flat=True)[:20])
    Publication.objects.filter(pk__in=due).update(next_try_at=timezone.now() - timedelta(seconds=1))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    took = []
    for _ in range(200):
        started = time.perf_counter()
        found = list(Publication.objects.due().values_list("pk", flat=True)[: tasks.BATCH])
        took.append((time.perf_counter() - started) * 1000)
    assert set(found) >= set(due), "the scan must find what is due"
    report("publish", "due_scan", "ms", statistics.median(took), "ms")
    report("publish", "due_scan", "server_ms", statistics.median(_server_time() for _ in range(20)), "ms")
    report("publish", "due_scan", "p95", statistics.quantiles(took, n=20)[-1], "ms")


def _server_time() -> float:
    """Milliseconds the database itself takes for the scan, planning included."""
    scan = Publication.objects.due().values_list("pk", flat=True)[: tasks.BATCH]
    plan = json.loads(scan.explain(format="json", analyze=True, timing=False))[0]
    return plan["Planning Time"] + plan["Execution Time"]


# -- what it is measured on


def make_due(recorder: Recorder, posts: int) -> Workspace:
    """A workspace with so many posts due now on ten profiles of the recorder, reserved as scheduling does."""
    user = User.objects.create_user(f"{clock.now().timestamp()}@example.com", None, name="Robin Bench")
    workspace = create_organization(user=user, name="Bench", time_zone="UTC")
    plans.comp_plan(organization=workspace.organization, plan="enterprise", actor=user, reason="measurements")
    now, host = clock.now(), recorder.allow[0]
    channels = Channel.objects.bulk_create(
        Channel(
            workspace=workspace,
            network="mastodon",
            server=recorder.url,
            account_id=f"{workspace.pk.hex}{number}@{host}",
            handle=f"@bench{number}@{host}",
            credentials={"app": {}, "access_token": f"{workspace.pk.hex}{number}", "scope": "write"},
            verified_at=now,
            checked_at=now,
        )
        for number in range(CHANNELS)
    )
    written = Post.objects.bulk_create(
        Post(
            workspace=workspace,
            author=user,
            text=f"Post {number} of {workspace.pk}",
            status=PostStatus.SCHEDULED,
            due_at=now,
        )
        for number in range(posts)
    )
    rows = Publication.objects.bulk_create(
        Publication(
            post=post,
            channel=channels[number % CHANNELS],
            workspace=workspace,
            status=Status.QUEUED,
            due_at=now,
            next_try_at=now,
            sent_text=post.text,
        )
        for number, post in enumerate(written)
    )
    Reservation.objects.bulk_create(
        Reservation(
            organization=workspace.organization,
            subject_type=Publication._meta.label_lower,
            subject_id=row.pk,
            limit=limit,
            due_at=now,
            period_start=now,
            state=Reservation.State.RESERVED,
        )
        for row in rows
        for limit in COUNTED
    )
    return workspace


@contextmanager
def working(processes: int) -> Iterator[subprocess.Popen]:
    """A Celery worker as it is shipped, with so many processes."""
    valkey.connection().flushdb()
    Circuit.objects.all().delete()
    options = f"--quiet worker --queues publish --concurrency {processes} --loglevel ERROR --hostname bench@%h"
    log = (Path(os.environ["STATE"]) / "worker.log").open("ab")
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "--app", "config.celery", *options.split()], cwd=ROOT, stdout=log, stderr=log
    )
    try:
        _wait_until_ready(worker)
        yield worker
    finally:
        for process in psutil.Process(worker.pid).children(recursive=True) if worker.poll() is None else []:
            process.kill()  # what it was doing is no longer measured
        worker.kill()
        worker.wait()
        log.close()


def _wait_until_ready(worker: subprocess.Popen) -> None:
    from apps.core import heartbeat

    deadline = time.monotonic() + 60
    while not any(beat.kind == heartbeat.WORKER and beat.pid == worker.pid for beat in heartbeat.alive()):
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the worker did not start")
        time.sleep(0.2)
