"""The real events process over a real Valkey, asked by real connections."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import queue
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
import redis
import time_machine
from django.conf import settings
from django.core import signing
from django.db import transaction

from apps.core import events, heartbeat, tickets, valkey
from apps.core.ids import uuid7
from tests.core.streams import SITE, Server, Valkey

READY, SILENT, END = ("ready", ""), ("silent", ""), ("end", "")


class Listener:
    """One open stream, read by a thread of its own. Closed at the end of its block."""

    def __init__(self, port: int, ticket: str, **headers: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.connection.request("GET", f"/events?ticket={ticket}", headers=headers)
        self.answer = self.connection.getresponse()
        self.status, self.heard, self.beats = self.answer.status, queue.SimpleQueue(), 0
        self.thread = Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self) -> None:
        name = ""
        while line := self._line():
            if line.startswith("event: "):
                name = line[7:].strip()
            elif line.startswith("data:"):
                self.heard.put((name, line[5:].strip()))
            self.beats += line.startswith(":")
        self.heard.put(END)

    def _line(self) -> str:
        try:
            return self.answer.readline().decode()
        except (OSError, ValueError, http.client.HTTPException):  # closed by this side
            return ""

    def next(self) -> tuple[str, str]:
        """The next event's name and topic; END where the stream ends."""
        return self.heard.get(timeout=20)

    def is_quiet(self, seconds: float) -> bool:
        """Whether nothing but signs of life comes for so long."""
        try:
            self.heard.get(timeout=seconds)
        except queue.Empty:
            return True
        return False

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, AttributeError):
            self.connection.sock.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.answer.close()
        self.connection.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("events")


@pytest.fixture(scope="module")
def own_valkey(folder) -> Iterator[Valkey]:
    found = Valkey(folder)
    found.start()
    yield found
    found.process.stop()


@pytest.fixture(scope="module")
def server(folder, own_valkey) -> Iterator[Server]:
    with Server(folder, own_valkey.url) as found:
        yield found


@pytest.fixture
def told(settings, own_valkey) -> Iterator[None]:
    """What is announced here goes to this file's Valkey."""
    settings.EVENTS_URL, settings.REDIS_URL = "/events", own_valkey.url
    for pool in (valkey.connection, valkey.hurried):
        pool.cache_clear()
    yield
    for pool in (valkey.connection, valkey.hurried):
        pool.cache_clear()


@contextlib.contextmanager
def listening(server: Server, *topics: str) -> Iterator[Listener]:
    """A stream that has said that it is ready."""
    with Listener(server.port, tickets.make(*topics)) as listener:
        while listener.next() != READY:
            pass
        yield listener


def status_of(server: Server, ticket: str, **headers: str) -> int:
    with Listener(server.port, ticket, **headers) as listener:
        return listener.status


def a_topic() -> str:
    return tickets.topic("post", uuid7())


@pytest.mark.django_db(transaction=True)
def test_what_is_announced_is_told_to_those_who_look_at_it_once_it_is_committed(server, told):
    mine, other = uuid7(), uuid7()
    with listening(server, tickets.topic("post", mine)) as listener, listening(server, a_topic()) as stranger:
        with transaction.atomic():
            events.announce("post", mine)
            events.announce("post", other)
            assert listener.is_quiet(0.3)
        assert listener.next() == ("news", f"post:{mine}")
        assert (listener.is_quiet(0.5), stranger.is_quiet(0)) == (True, True)


@pytest.mark.django_db(transaction=True)
def test_what_is_rolled_back_is_not_told(server, told):
    pk = uuid7()
    with listening(server, tickets.topic("post", pk)) as listener:
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            events.announce("post", pk)
            _ = 1 / 0
        assert listener.is_quiet(0.3)


def test_stream_says_what_it_is_and_for_whom(server):
    with listening(server, a_topic()) as listener:
        headers = {name.lower(): value for name, value in listener.answer.getheaders()}
        assert headers["content-type"] == "text/event-stream"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert headers["access-control-allow-origin"] == SITE
        assert "set-cookie" not in headers
        assert (listener.is_quiet(1), listener.beats > 1) == (True, True)


def changed(ticket: str) -> str:
    return ticket[:-1] + ("A" if ticket[-1] != "A" else "B")


def with_other_topics(ticket: str) -> str:
    return ":".join([tickets.make("post:another").split(":")[0], *ticket.split(":")[1:]])


@pytest.mark.parametrize(
    "make",
    [
        lambda: "",
        lambda: "%00%FF",
        lambda: changed(tickets.make("post:1")),
        lambda: with_other_topics(tickets.make("post:1")),
        lambda: signing.TimestampSigner(salt="something else").sign_object(["post:1"]),
        lambda: signing.TimestampSigner(key="another key", salt="core.events").sign_object(["post:1"]),
    ],
)
def test_forged_ticket_is_refused(server, make):
    assert status_of(server, make()) == 401


def made_before(seconds: float) -> str:
    with time_machine.travel(time.time() - seconds, tick=True):
        return tickets.make("post:1")


def test_old_ticket_is_refused_and_one_that_lapses_ends_its_stream(server):
    assert status_of(server, made_before(tickets.LIFE + 2)) == 401
    with Listener(server.port, made_before(tickets.LIFE - 2)) as listener:
        assert (listener.status, listener.next(), listener.next()) == (200, READY, END)


@pytest.mark.parametrize(("origin", "status"), [(SITE, 200), ("https://elsewhere.example", 403), ("null", 403)])
def test_pages_of_other_sites_are_refused(server, origin, status):
    assert status_of(server, tickets.make("post:1"), Origin=origin) == status


def test_other_addresses_and_methods_are_refused(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    found = {}
    for method, path in (("GET", "/"), ("GET", "/events/"), ("POST", "/events"), ("HEAD", "/events")):
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
        found[method, path] = (answer.status, answer.getheader("Allow"))
    connection.close()
    assert found == {
        ("GET", "/"): (404, None),
        ("GET", "/events/"): (404, None),
        ("POST", "/events"): (405, "GET"),
        ("HEAD", "/events"): (405, "GET"),
    }


def test_one_who_reads_nothing_holds_up_nobody_and_costs_no_memory(server, own_valkey):
    topic = a_topic()
    ticket = tickets.make(topic)
    with socket.socket() as deaf, listening(server, topic) as listener:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        deaf.connect(("127.0.0.1", server.port))
        deaf.sendall(f"GET /events?ticket={ticket} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        before = server.worker.memory_info().rss
        with redis.Redis.from_url(own_valkey.url) as speaker:
            for _ in range(200):
                with speaker.pipeline(transaction=False) as pipe:
                    for _ in range(500):
                        pipe.publish(tickets.CHANNEL, topic)
                    pipe.execute()
        assert listener.next() == ("news", topic)
        assert server.worker.memory_info().rss - before < 3 * 2**20
        port = deaf.getsockname()[1]
        server.process.wait_until(lambda: port not in clients(server))


def clients(server: Server) -> set[int]:
    """The ports its connections come from."""
    return {found.raddr.port for found in server.worker.net_connections() if found.raddr}


def test_valkey_may_be_killed_and_pages_hear_that_they_missed_something(folder):
    own = Valkey(folder)
    own.start()
    topic = a_topic()
    try:
        with Server(folder, own.url) as server, listening(server, topic) as listener:
            own.kill()
            assert listener.next() == SILENT
            with Listener(server.port, tickets.make(topic)) as newcomer:
                assert newcomer.next() == SILENT
                own.start()
                assert (listener.next(), newcomer.next()) == (READY, READY)
                with redis.Redis.from_url(own.url) as speaker:
                    speaker.publish(tickets.CHANNEL, topic)
                assert (listener.next(), newcomer.next()) == (("news", topic), ("news", topic))
    finally:
        own.process.stop()


def test_a_stopped_process_ends_its_streams_in_good_order_and_says_goodbye(folder, own_valkey, told):
    with Server(folder, own_valkey.url) as server:
        pid = server.worker.pid
        server.process.wait_until(lambda: pid in signs())
        with listening(server, a_topic()) as listener:
            started = time.monotonic()
            server.process.popen.terminate()
            assert listener.next() == END
    assert time.monotonic() - started < 4
    assert (server.process.popen.returncode, pid in signs()) == (0, False)
    assert server.log.read_text() == ""


def signs() -> dict[int, int]:
    """Process id → streams of every living events process."""
    return {sign.pid: sign.streams for sign in heartbeat.alive() if sign.kind == heartbeat.EVENTS}


def test_five_hundred_idle_pages_cost_little_and_more_than_the_most_are_told_to_come_later(server):
    ticket = tickets.make(a_topic())
    before = server.worker.memory_info().rss
    with contextlib.ExitStack() as stack:
        crowd = [stack.enter_context(Listener(server.port, ticket)) for _ in range(500)]
        assert {listener.status for listener in crowd} == {200}
        a_page = (server.worker.memory_info().rss - before) / 500
        crowd = [stack.enter_context(Listener(server.port, ticket)) for _ in range(110)]
        late = [listener.answer for listener in crowd if listener.status != 200]
        assert {(answer.status, answer.getheader("Retry-After")) for answer in late} == {(503, "60")}
    assert a_page < 60 * 1024, f"{before / 2**20:.1f} MB without pages, {a_page / 1024:.1f} KB for each"


LOADED = """
import json, sys
import config.events
from apps.core import tickets
tickets.read(tickets.make("post:1"))
print(json.dumps([n for n in sys.modules if n.startswith(("django.db", "psycopg")) or n.endswith(".models")]))
"""


def test_no_database_is_loaded(server):
    told = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings.test"}
    run = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=settings.BASE_DIR, env=told, capture_output=True, check=True
    )
    assert json.loads(run.stdout) == []
    files = {region.path for region in server.worker.memory_maps()}
    assert [path for path in files if re.search("psycopg|libpq", path)] == []


# -- announcing


@pytest.mark.django_db(transaction=True)
def test_nobody_is_told_where_no_events_process_is_configured(settings, dead_valkey, caplog):
    settings.EVENTS_URL = ""
    events.announce("post", uuid7())
    assert caplog.records == []


@pytest.mark.django_db(transaction=True)
def test_dead_valkey_costs_the_caller_one_try_and_then_none(settings, dead_valkey, caplog, monkeypatch):
    settings.EVENTS_URL = "/events"
    monkeypatch.setattr(events, "_silent_until", 0.0)
    started = time.monotonic()
    for _ in range(50):
        events.announce("post", uuid7())
    assert time.monotonic() - started < 0.5
    assert [record.message for record in caplog.records] == ["news not told"]


@pytest.mark.django_db(transaction=True)
def test_valkey_that_hangs_costs_the_caller_a_fifth_of_a_second(settings, own_valkey, told, monkeypatch):
    monkeypatch.setattr(events, "_silent_until", 0.0)
    valkey.hurried().ping()
    own_valkey.process.freeze()
    try:
        started = time.monotonic()
        for _ in range(50):
            events.announce("post", uuid7())
        assert 0.15 < time.monotonic() - started < 0.6
    finally:
        own_valkey.process.thaw()
        monkeypatch.setattr(events, "_silent_until", 0.0)


@pytest.mark.django_db(transaction=True)
def test_all_news_of_a_process_share_one_connection(told, own_valkey, monkeypatch):
    monkeypatch.setattr(events, "_silent_until", 0.0)
    with redis.Redis.from_url(own_valkey.url) as watcher:
        before = watcher.info("stats")["total_connections_received"]
        for _ in range(20):
            events.announce("post", uuid7())
        assert watcher.info("stats")["total_connections_received"] - before == 1
