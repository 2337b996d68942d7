from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from apps.core import checks, clock, doctor, heartbeat, valkey
from apps.social.models import ServerApp
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def living():
    """Beat and every worker live, the key is long: a healthy installation."""
    heartbeat.write(heartbeat.BEAT)
    heartbeat.write(heartbeat.WORKER, queues=("default", "publish", "imaging"))
    with override_settings(SECRET_KEY="s" * 50):
        yield
    for name in valkey.connection().scan_iter(match=f"{heartbeat.PREFIX}*"):
        valkey.connection().delete(name)
    clock.reset()


def problems(name: str) -> list[str]:
    [report] = [report for report in doctor.examine() if report.name == name]
    return [finding.problem for finding in report.findings]


CORE = ("settings", "addresses", "database", "migrations", "valkey", "processes", "clock", "files", "secrets")


def test_healthy_installation_has_no_findings():
    found = {report.name: report.findings for report in doctor.examine() if report.name in CORE}
    assert found == dict.fromkeys(CORE, ())


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        ("settings", {"SECRET_KEY": "short"}, "SECRET_KEY is missing or short."),
        ("settings", {"FIELD_KEYS": []}, "FIELD_KEYS is empty: secrets cannot be stored."),
        ("settings", {"FIELD_KEYS": ["a:b"]}, "FIELD_KEYS: entry 1 is not a new id:fernet-key."),
        ("settings", {"PRODUCTION": True, "DEBUG": True}, "DEBUG is on."),
        (
            "settings",
            {"OUTBOUND_ALLOW": ["127.0.0.1:1"]},
            "Private addresses are open to outgoing calls: 127.0.0.1:1.",
        ),
        ("settings", {"PRODUCTION": True}, "Mail goes nowhere."),
        (
            "addresses",
            {"BASE_URL": "lily.example.com"},
            "BASE_URL is not an address customers can type: lily.example.com",
        ),
        (
            "addresses",
            {"BASE_URL": "https://other.example.com"},
            "other.example.com of BASE_URL is not in ALLOWED_HOSTS, so callbacks end in 400.",
        ),
        (
            "addresses",
            {"PRODUCTION": True, "BASE_URL": "http://localhost"},
            "BASE_URL is not https, so networks refuse its callbacks.",
        ),
        (
            "addresses",
            {"BASE_URL": "http://192.168.1.5:8000", "ALLOWED_HOSTS": ["*"]},
            "BASE_URL is plain http and not this machine, so Bluesky and passkeys refuse it.",
        ),
        (
            "operator",
            {"OPERATOR_NAME": "", "OPERATOR_ADDRESS": "Berlin", "OPERATOR_EMAIL": ""},
            "Terms, privacy and imprint do not say who runs this installation.",
        ),
        ("files", {"PRODUCTION": True}, "Static files are not collected, so pages have no style."),
        ("processes", {"QUEUES": ("default", "other")}, "No worker takes work from the queue other."),
        (
            "processes",
            {"EVENTS_URL": "/events"},
            "The events process is not running, so open pages ask every few seconds whether something changed.",
        ),
    ],
)
def test_wrong_setting_is_found(name, change, problem, tmp_path):
    with override_settings(STATIC_ROOT=tmp_path, **change):
        assert problem in problems(name)


def test_dead_beat_and_workers_are_found():
    for name in valkey.connection().scan_iter(match=f"{heartbeat.PREFIX}*"):
        valkey.connection().delete(name)
    assert problems("processes") == [
        "Beat is not running, so nothing is started at its time.",
        "No worker takes work from the queue default.",
        "No worker takes work from the queue publish.",
        "No worker takes work from the queue imaging.",
    ]


def test_second_beat_is_found():
    valkey.connection().set(
        f"{heartbeat.PREFIX}beat:other:1",
        json.dumps({"kind": "beat", "host": "other", "pid": 1, "at": clock.now().isoformat(), "queues": []}),
        ex=5,
    )
    assert problems("processes") == ["2 beats are running."]


def test_clock_of_another_machine_is_compared():
    ahead = (clock.now() + timedelta(seconds=60)).isoformat()
    sign = {"kind": "worker", "host": "imaging-2", "pid": 1, "at": ahead, "queues": []}
    valkey.connection().set(f"{heartbeat.PREFIX}worker:imaging-2:1", json.dumps(sign), ex=5)
    [problem] = problems("processes")
    assert problem.startswith("The clock of imaging-2 is ")


def test_skewed_services_are_found(monkeypatch):
    """As seen from a machine whose own clock is ten seconds ahead."""
    from django.utils import timezone

    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(seconds=10))
    assert problems("clock") == [
        "The clock of the database is -10.0 s off this machine's.",
        "The clock of Valkey is -10.0 s off this machine's.",
    ]


def test_moved_clock_is_found():
    clock.move(timedelta(hours=1))
    assert problems("clock") == ["Lily's clock is moved by 1:00:00."]


def test_unapplied_migration_is_found():
    _app, last = max(key for key in MigrationLoader(connection).disk_migrations if key[0] == "core")
    MigrationRecorder.Migration.objects.filter(app="core", name=last).delete()
    assert problems("migrations") == [f"The database lacks migrations: core.{last}."]


def test_silent_valkey_is_found(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    valkey.connection.cache_clear()
    try:
        assert problems("valkey") == ["Valkey does not answer: pages work, nothing is queued."]
    finally:
        settings.REDIS_URL = settings.CELERY_BROKER_URL
        valkey.connection.cache_clear()


def test_check_that_breaks_is_a_finding_and_stops_nobody(monkeypatch):
    monkeypatch.setattr(doctor, "_checks", dict(doctor._checks))

    @doctor.check("breaking", "Breaking")
    def breaking():
        raise RuntimeError("secret")

    assert problems("breaking") == ["This check broke (RuntimeError)."]
    assert problems("database") == []


def test_two_checks_of_one_name_are_refused():
    with pytest.raises(ValueError, match="settings"):
        doctor.check("settings", "Other")(list)


@pytest.mark.parametrize(("queues", "code"), [((), 0), (("unserved",), 2)])
def test_command_exits_by_what_it_found(queues, code, capsys, monkeypatch):
    monkeypatch.setattr(doctor, "_checks", {name: doctor._checks[name] for name in CORE})
    with override_settings(QUEUES=queues), pytest.raises(SystemExit) as left:
        call_command("doctor", "--json")
    assert left.value.code == code
    assert json.loads(capsys.readouterr().out)["level"] == ("error" if code else "ok")


def test_command_says_problem_and_cure(capsys):
    with override_settings(QUEUES=("unserved",)), pytest.raises(SystemExit):
        call_command("doctor")
    said = capsys.readouterr().out
    assert "✗ No worker takes work from the queue unserved.\n    Start `celery -A config worker -Q unserved`." in said
    assert "✓ Database" in said


def test_page_shows_what_the_command_says(client):
    client.force_login(factories.make_user(is_staff=True))
    with override_settings(QUEUES=("unserved",)):
        page = client.get("/operators/doctor/").content.decode()
    assert "No worker takes work from the queue unserved." in page


def test_no_finding_shows_a_secret():
    with override_settings(SECRET_KEY="topsecret", FIELD_KEYS=["k:topsecret"], PRODUCTION=True):
        assert "topsecret" not in str(doctor.examine())


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"OUTBOUND_ALLOW": ["127.0.0.1:1"]}, []),
        (
            {"PRODUCTION": True, "OUTBOUND_ALLOW": ["127.0.0.1:1"], "MAILBOX_DIR": None, "CLOCK_FILE": None},
            ["core.E001"],
        ),
        ({"PRODUCTION": True, "MAILBOX_DIR": Path("/x")}, ["core.E002"]),
    ],
)
def test_production_refuses_what_is_for_development(change, ids):
    with override_settings(**change):
        found = checks.outbound_allow_is_empty(None) + checks.development_stays_home(None)
    assert [error.id for error in found] == ids


def test_a_database_that_forgets_is_told_in_production(settings):
    """The tests' own is one: nobody keeps its data."""
    settings.PRODUCTION = True
    said = "PostgreSQL forgets in a crash what it confirmed, so posts can go out twice: fsync, synchronous_commit off."
    assert problems("database") == [said]


def test_secrets_under_a_lost_key_are_counted_over_every_column(settings):
    settings.FIELD_KEYS = [f"lost:{Fernet.generate_key().decode()}"]
    factories.make_channel()
    ServerApp.objects.create(network="mastodon", server="https://one.test", app={"client_secret": "s"})
    settings.FIELD_KEYS = [f"new:{Fernet.generate_key().decode()}"]
    assert problems("secrets") == ["2 stored secrets need the key lost, which FIELD_KEYS lacks."]
