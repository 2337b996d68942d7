"""`kill -9` of a real worker at every point of sending, on every kind of network.

In the end there is one post on the network, or none and a person is asked: never two, and never a row that is stuck.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from apps.content import ledger, publishing, settling, tasks
from apps.content.catalog import Status
from apps.content.models import Attempt, Publication
from apps.core import clock, valkey
from apps.social import providers
from tests.content import dying_worker
from tests.content.networks import OnBluesky, OnMastodon, OnRecorder, OnSandbox
from tests.factories import make_due
from tests.peers.processes import Process

pytestmark = pytest.mark.django_db(transaction=True)

POINTS = ["before_claim", "claimed", "recorded", "in_call", "answered", "before_commit"]
CHECKOUT = Path(__file__).resolve().parents[2]
KEY_LIFE = timedelta(hours=1)


class Worker:
    """The worker to be killed."""

    def __init__(self, folder: Path, network) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.content.dying_worker", str(folder)]
        env = {"PYTHONPATH": str(CHECKOUT), **network.environment}
        self.process = Process(
            [*command, *(["keyless"] if network.keyless else [])], log=folder / "log", env=env, cwd=CHECKOUT
        )

    def die_at(self, point: str) -> None:
        dying_worker.write(self.folder / "die_at", point)

    def wait_for(self, name: str) -> str:
        """What the worker wrote under this name, once it has."""
        path = self.folder / name
        wait_until(path.exists, f"{name}: {(self.folder / 'log').read_text()[-1500:]}")
        text = path.read_text()
        path.unlink()
        return text


def wait_until(true: Callable[[], bool], what: str, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@pytest.fixture(scope="module", params=["sandbox", "bluesky", "mastodon", "expired keys", "no keys"])
def network(request):
    match request.param:
        case "sandbox":
            return OnSandbox()
        case "bluesky":
            return OnBluesky(request.getfixturevalue("bluesky_server"))
        case "mastodon":
            return OnMastodon(request.getfixturevalue("mastodon_server"))
        case "expired keys":
            return OnRecorder(request.getfixturevalue("recorder_server"), key_seconds=0.5)
    return OnRecorder(request.getfixturevalue("recorder_server"), key_seconds=None)


@pytest.fixture(scope="module")
def worker(network, django_db_setup, tmp_path_factory) -> Iterator[Worker]:
    worker = Worker(tmp_path_factory.mktemp("worker"), network)
    yield worker
    worker.process.stop()


@pytest.fixture(autouse=True)
def world(network, settings, monkeypatch):
    """This process sees the network as the worker does."""
    allow = network.environment.get("OUTBOUND_ALLOW", "")
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *filter(None, allow.split(","))]
    settings.BLUESKY_PLC = network.environment.get("BLUESKY_PLC", settings.BLUESKY_PLC)
    if network.keyless:
        monkeypatch.setitem(providers.PROVIDERS, "mastodon", providers.PROVIDERS["mastodon"])
        dying_worker.forget_keys()
    yield
    clock.reset()
    valkey.connection().flushdb()


def kill_in_call(worker: Worker, network, publication: Publication) -> None:
    with network.hanging():
        tasks.send_due.delay()
        pid = int(worker.wait_for("pid"))
        time.sleep(0.3)  # the request is on its way
        os.kill(pid, signal.SIGKILL)


def recover(publication: Publication, *, first: timedelta) -> Publication:
    """What beat's tasks do from then on, minutes at a time, until it is settled."""
    clock.move(first)
    for _minute in range(8):
        settling.sweep()
        for pk in Publication.objects.to_look_for().values_list("pk", flat=True):
            settling.settle(pk)
        for pk in Publication.objects.due().values_list("pk", flat=True):
            publishing.publish(pk)
        publication = Publication.objects.select_related("post", "channel").get(pk=publication.pk)
        if publication.status == Status.PUBLISHED or publication.asks_person:
            return publication
        clock.move(timedelta(minutes=6))
    raise AssertionError(f"stuck: {publication.status}")


@pytest.mark.parametrize("point", POINTS)
def test_kill_9_leaves_one_post_or_an_honest_question(network, worker, point):
    publication = make_due(channels=[network.make_channel()], text="Soup of the day")
    if point == "in_call":
        kill_in_call(worker, network, publication)
    else:
        worker.die_at(point)
        tasks.send_due.delay()
        assert worker.wait_for("died") == point
    (worker.folder / "pid").unlink(missing_ok=True)
    time.sleep(2 if point == "in_call" else 0)  # what was on its way arrives
    assert Publication.objects.get(pk=publication.pk).status in (Status.QUEUED, Status.SENDING)

    settled = recover(publication, first=KEY_LIFE if network.__class__ is OnRecorder else timedelta(seconds=61))

    live = network.live()
    if network.keyless and point == "recorded":  # nobody can know, and a blind resend could double
        assert (settled.status, settled.asks_person, live) == (Status.UNKNOWN, True, [])
    else:
        assert (settled.status, live) == (Status.PUBLISHED, ["Soup of the day"])
    assert ledger.explain(settled).text
    assert not Attempt.objects.open().filter(publication=publication).exists() or point == "before_claim"
