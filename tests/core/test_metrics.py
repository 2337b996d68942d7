"""Counts of real processes, read as Prometheus reads them: from the health port."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import httpx2
import pytest
from django.conf import settings
from prometheus_client import REGISTRY

from apps.core import health, http, valkey
from tests.core.conftest import say
from tests.core.tasks import look_around
from tests.peers.processes import Process, free_port

pytestmark = pytest.mark.django_db
QUEUE = "metrics-tests"
KEY = "test:metrics"
COUNTING = "from apps.core import metrics; metrics.count_refusal('limit_reached', 402); print(flush=True); input()"


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def scrape(address: str) -> dict[str, float]:
    """Line without its number → number."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


@pytest.fixture
def counting_dir(settings, tmp_path) -> Path:
    settings.METRICS_DIR = str(tmp_path / "metrics")
    Path(settings.METRICS_DIR).mkdir()
    return Path(settings.METRICS_DIR)


@pytest.fixture
def health_address(counting_dir) -> Iterator[str]:
    server = health.server(0, host="127.0.0.1")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def running(folder: Path, *words: str, **environment: str) -> Process:
    told = {"METRICS_DIR": str(folder), **environment}
    return Process([sys.executable, "-m", *words], log=folder.parent / words[0], env=told, cwd=settings.BASE_DIR)


def ask(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_requests_of_a_running_server_are_scraped_by_their_route(counting_dir, health_address):
    port = free_port()
    web = running(
        counting_dir, "gunicorn", "config.wsgi", "--config", "config/gunicorn.py", WEB_BIND=f"127.0.0.1:{port}"
    )
    try:
        web.wait_until(lambda: ask(f"http://127.0.0.1:{port}/account/login/") == 200)
        assert {ask(f"http://127.0.0.1:{port}/invitations/{word}/") for word in ("secret-one", "secret-two")} == {404}
    finally:
        web.stop()
    found = scrape(health_address)
    [route] = {name for name in found if "invitations" in name and name.startswith("lily_requests_total")}
    assert re.fullmatch(r'lily_requests_total\{method="GET",route="/invitations/<[a-z:]+>/",status="404"\}', route)
    assert found[route] == found[route.replace("requests_total", "request_seconds_count").replace(',status="404"', "")]
    assert found[route] == 2
    assert not [name for name in found if "secret" in name]
    assert found['lily_ready{part="database"}'] == 1
    assert found['lily_queue_tasks{queue="publish"}'] == 0


def test_tasks_of_a_running_worker_are_scraped_by_their_name(counting_dir, health_address):
    valkey.connection().delete(KEY)
    worker = running(
        counting_dir,
        "celery",
        "-A",
        "config",
        "worker",
        "-Q",
        QUEUE,
        "-c",
        "2",
        "-I",
        "tests.core.tasks",
        "-l",
        "ERROR",
    )
    name = 'lily_tasks_total{outcome="success",task="tests.core.tasks.look_around"}'
    try:
        for _ in range(4):
            look_around.apply_async((KEY,), queue=QUEUE)
        worker.wait_until(lambda: scrape(health_address).get(name) == 4)
    finally:
        worker.stop()
        valkey.connection().delete(KEY)
    assert scrape(health_address)['lily_task_seconds_count{task="tests.core.tasks.look_around"}'] == 4


def test_process_goes_on_counting_where_one_that_ended_stopped(counting_dir, health_address):
    """Two at a time need two numbers; the third takes one of theirs, and no count is lost."""
    told = os.environ | {"METRICS_DIR": str(counting_dir)}

    def start() -> subprocess.Popen:
        words = [sys.executable, "-c", COUNTING]
        process = subprocess.Popen(
            words, cwd=settings.BASE_DIR, env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        return process

    pair = [start(), start()]
    for process in pair:
        process.kill()
        process.communicate()
    start().communicate("\n")
    assert sorted(path.name for path in counting_dir.glob("*.db")) == ["counter_0.db", "counter_1.db"]
    assert scrape(health_address)['lily_refusals_total{code="limit_reached"}'] == 3


def test_without_a_folder_nothing_is_offered(settings, health_address):
    settings.METRICS_DIR = ""
    assert ask(f"{health_address}/metrics") == 404


def test_pages_offer_no_metrics(client):
    assert client.get("/metrics").status_code == 404


def test_unknown_method_has_one_name(client):
    before = value("lily_requests_total", route="/mailbox/", method="other", status="405")
    for method in ("BREW", "BAKE"):
        client.generic(method, "/mailbox/")
    assert value("lily_requests_total", route="/mailbox/", method="other", status="405") == before + 2


@pytest.mark.urls("tests.core.pages")
@pytest.mark.parametrize("address", ["failing", "api"])
@pytest.mark.parametrize(
    ("code", "counts"),
    [("limit_reached", 1), ("feature_not_in_plan", 1), ("too_many_requests", 1), ("wrong_state", 0), ("not_found", 0)],
)
def test_refusal_is_counted_by_its_code(client, address, code, counts):
    before = value("lily_refusals_total", code=code)
    client.get(f"/test/{address}/{code}/")
    assert value("lily_refusals_total", code=code) == before + counts


@pytest.mark.parametrize(("status", "outcome"), [(200, "2xx"), (404, "4xx"), (429, "429"), (503, "5xx")])
def test_vendor_call_is_counted_by_what_came_back(peer, status, outcome):
    before = value("lily_vendor_calls_total", vendor="peer", outcome=outcome)
    seconds = value("lily_vendor_call_seconds_count", vendor="peer")
    peer.answer = lambda handler: say(handler, b"", status)
    with http.client("peer") as client:
        client.get(f"{peer.url}/somebody/secret")
    assert value("lily_vendor_calls_total", vendor="peer", outcome=outcome) == before + 1
    assert value("lily_vendor_call_seconds_count", vendor="peer") == seconds + 1


def test_vendor_call_that_broke_is_counted_by_its_problem():
    before = value("lily_vendor_calls_total", vendor="peer", outcome="AddressRefused")
    with http.client("peer") as client, pytest.raises(httpx2.ConnectError):
        client.get("https://10.0.0.1/")
    assert value("lily_vendor_calls_total", vendor="peer", outcome="AddressRefused") == before + 1
