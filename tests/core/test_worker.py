"""With a real worker process: its signs of life, and the ids that travel with a task."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings

from apps.core import context, heartbeat, valkey
from tests.core.tasks import look_around

QUEUE = "core-tests"


def wait_for(look: Callable[[], Any], seconds: float = 30) -> Any:
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)
    return found


def signs() -> list[heartbeat.Heartbeat]:
    return [sign for sign in heartbeat.alive() if QUEUE in sign.queues]


@pytest.fixture(scope="module")
def worker() -> Iterator[subprocess.Popen]:
    words = [
        "-m",
        "celery",
        "-A",
        "config",
        "worker",
        "-Q",
        QUEUE,
        "-c",
        "1",
        "-I",
        "tests.core.tasks",
        "-l",
        "WARNING",
    ]
    process = subprocess.Popen(
        [sys.executable, *words],
        cwd=settings.BASE_DIR,
        env=os.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: signs() or process.poll() is not None)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def test_worker_gives_signs_of_life(worker):
    [sign] = signs()
    assert (sign.kind, sign.pid, sign.queues) == ("worker", worker.pid, (QUEUE,))


def test_ids_travel_with_a_task(worker):
    key = f"test:{uuid4()}"
    context.bind(request="r-77", organization="o-77", client="192.0.2.1")
    try:
        first = look_around.apply_async((key,), queue=QUEUE)
        context.clear()
        second = look_around.apply_async((key,), queue=QUEUE)
    finally:
        context.clear()
    wait_for(lambda: valkey.connection().llen(key) == 2)
    assert [json.loads(text) for text in valkey.connection().lrange(key, 0, -1)] == [
        {"request": "r-77", "organization": "o-77", "task": first.id},
        {"task": second.id},
    ]
    valkey.connection().delete(key)


def test_worker_that_is_stopped_has_no_sign_left(worker):
    worker.send_signal(signal.SIGTERM)
    wait_for(lambda: not signs())
