from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from apps.core import health, heartbeat, valkey
from config.celery import app

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silence():
    forget()
    yield
    forget()


def forget() -> None:
    for name in valkey.connection().scan_iter(match=f"{heartbeat.PREFIX}*"):
        valkey.connection().delete(name)


def test_sign_of_life_is_read_back_and_lapses():
    heartbeat.write(heartbeat.WORKER, queues=("default", "publish"))
    [sign] = heartbeat.alive()
    assert (sign.kind, sign.queues) == ("worker", ("default", "publish"))
    [name] = valkey.connection().scan_iter(match=f"{heartbeat.PREFIX}*")
    assert 0 < valkey.connection().ttl(name) <= heartbeat.LIFE


def test_clear_says_goodbye():
    heartbeat.write(heartbeat.BEAT)
    heartbeat.clear(heartbeat.BEAT)
    assert heartbeat.alive() == []


def test_beat_gives_signs_by_its_ticks(tmp_path):
    scheduler = heartbeat.BeatScheduler(app, schedule_filename=str(tmp_path / "schedule"), lazy=False)
    assert heartbeat.alive() == []
    assert scheduler.tick() <= heartbeat.EVERY
    assert [sign.kind for sign in heartbeat.alive()] == ["beat"]
    scheduler.close()
    assert heartbeat.alive() == []


def test_unreachable_valkey_does_not_stop_the_work(settings, caplog):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    valkey.connection.cache_clear()
    try:
        heartbeat.write(heartbeat.BEAT)
    finally:
        settings.REDIS_URL = app.conf.broker_url
        valkey.connection.cache_clear()
    assert [record.message for record in caplog.records] == ["heartbeat not written"]


# -- health


@pytest.fixture
def health_address():
    server = health.server(0, host="127.0.0.1")
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(address: str) -> tuple[int, dict]:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def live() -> None:
    heartbeat.write(heartbeat.BEAT)
    heartbeat.write(heartbeat.WORKER, queues=("default", "imaging", "publish"))


def test_healthz_answers(health_address):
    assert ask(f"{health_address}/healthz") == (200, {"status": "ok"})


def test_readyz_is_ready_when_all_parts_are(health_address):
    live()
    parts = dict.fromkeys(("database", "valkey", "beat", "workers"), "ok")
    assert ask(f"{health_address}/readyz") == (200, {"status": "ok", "parts": parts})


def test_readyz_names_who_is_missing(health_address):
    heartbeat.write(heartbeat.WORKER, queues=("default", "publish"))
    status, body = ask(f"{health_address}/readyz")
    assert (status, body["parts"]) == (
        503,
        {"database": "ok", "valkey": "ok", "beat": "no sign of life", "workers": "nobody works on: imaging"},
    )


def test_readyz_names_an_events_process_that_is_configured_and_dead(settings, health_address):
    settings.EVENTS_URL = "/events"
    live()
    assert ask(f"{health_address}/readyz")[1]["parts"]["events"] == "no sign of life"


def test_events_process_that_lives_is_ready_and_its_pages_are_counted(settings):
    settings.EVENTS_URL = "/events"
    heartbeat.write(heartbeat.EVENTS, streams=7)
    parts = health.readiness()
    [streams] = [gauge for gauge in health.gauges(parts) if gauge.name == "lily_event_streams"]
    assert (parts["events"], streams.samples[0].value) == ("ok", 7)


def test_other_addresses_are_404(health_address):
    assert ask(f"{health_address}/admin")[0] == 404


def test_readiness_says_when_valkey_is_gone(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    valkey.connection.cache_clear()
    try:
        parts = health.readiness()
    finally:
        settings.REDIS_URL = app.conf.broker_url
        valkey.connection.cache_clear()
    assert {name: parts[name] for name in ("valkey", "beat", "workers")} == {
        "valkey": "does not answer",
        "beat": "unknown",
        "workers": "unknown",
    }


def test_database_that_hangs_is_not_ready_and_does_not_hang_the_answer():
    """A server that takes the connection and then says nothing, as a stopped process does."""
    answers = []
    with socket.create_server(("127.0.0.1", 0)) as silent:

        def look() -> None:
            connection.settings_dict = connection.settings_dict | {
                "HOST": "127.0.0.1",
                "PORT": silent.getsockname()[1],
                "OPTIONS": {"connect_timeout": 2},
            }
            answers.append(health.PARTS["database"]())

        thread = Thread(target=look)
        thread.start()
        thread.join(timeout=8)
    assert answers == ["does not answer"]


def test_health_command_says_when_its_port_is_taken(settings, health_address):
    settings.HEALTH_PORT = int(health_address.rpartition(":")[2])
    with pytest.raises(CommandError, match=f"HEALTH_PORT {settings.HEALTH_PORT} cannot be used"):
        call_command("health")
