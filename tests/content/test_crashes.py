"""PostgreSQL itself dies while posts go out, three times, and comes back with what it had written to its log.

The network keeps no idempotency keys and writes down every post it takes, so a post that is sent twice shows as two.
"""

from __future__ import annotations

import signal
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import psutil
import pytest
from django.db import connections

from apps.content import tasks
from apps.content.catalog import Outcome, Status
from apps.content.models import Attempt, Publication
from apps.core import clock, valkey
from tests.content.networks import OnRecorder
from tests.content.test_kill_table import wait_until
from tests.e2e.workers import Worker
from tests.factories import make_due
from tests.peers.postgres import Postgres

pytestmark = pytest.mark.django_db(transaction=True)

PROFILES, POSTS = 4, 10  # ten on each of four
ANSWER = 0.15  # seconds between the network's taking a post and its answer: when it dies, calls are under way


@pytest.fixture
def database(own_postgres) -> Iterator[Postgres]:
    yield own_postgres
    clock.reset()
    valkey.connection().flushdb()


def stop_at_once(database: Postgres) -> None:
    """What `pg_ctl stop --mode=immediate` and a shutdown in a hurry do."""
    database.crash(signal.SIGQUIT)


def lose_the_postmaster(database: Postgres) -> None:
    """What the kernel does when memory is out. Its children notice, and end."""
    database.crash(signal.SIGKILL)


def lose_a_backend(database: Postgres) -> None:
    """One connection's process is killed: PostgreSQL ends all others and recovers by itself."""
    backends = [child for child in psutil.Process(database.process.pid).children() if "127.0.0.1" in child.cmdline()[0]]
    backends[0].kill()


def test_a_database_that_crashes_leaves_every_post_once(database, recorder, tmp_path):
    network = OnRecorder(recorder, key_seconds=None)
    channels = [network.make_channel() for _ in range(PROFILES)]
    due = [make_due(channels=[channel], text=f"Soup {number}") for channel in channels for number in range(POSTS)]
    recorder.fail(times=10 * len(due), after=ANSWER)
    worker = Worker(tmp_path, {"DATABASE_URL": database.url, **network.environment})
    try:
        for number, crash in enumerate((stop_at_once, lose_the_postmaster, lose_a_backend), start=1):
            wait_for_posts(recorder, channels, POSTS * number)
            crash(database)
            connections.close_all()
            time.sleep(ANSWER * 2)  # an answer comes, and nobody can write it down
            database.recover()
        settle_all(worker)
    finally:
        worker.stop()
    assert Counter(taken(recorder, channels)) == Counter(
        (publication.channel.account_id.partition("@")[0], publication.post.text) for publication in due
    )
    cut_off = Attempt.objects.filter(outcome=Outcome.UNKNOWN).count()
    assert (Attempt.objects.open().count(), cut_off > 0) == (0, True)


def taken(recorder, channels) -> list[tuple[str, str]]:
    """Account and text of every post the network took."""
    accounts = {channel.account_id.partition("@")[0] for channel in channels}
    return [(post["account"], post["text"]) for post in recorder.posts() if post["account"] in accounts]


def wait_for_posts(recorder, channels, count: int) -> None:
    wait_until(lambda: len(taken(recorder, channels)) >= count, f"{count} posts are out")


def settle_all(worker: Worker) -> None:
    """Beat's own sweeps go on; its slowest is hurried and the clock moved past leases, when no call is under way."""
    until = time.monotonic() + 60
    while left := unfinished():
        assert time.monotonic() < until, f"{left}\n{worker.log.read_text()[-3000:]}"
        tasks.sweep_leases.delay()
        time.sleep(2)
        if unfinished() == left:
            clock.move(timedelta(seconds=61))


def unfinished() -> list[tuple]:
    rows = Publication.objects.exclude(status=Status.PUBLISHED).order_by("pk")
    return list(rows.values_list("status", "tries", "problem", "hold_reason"))
