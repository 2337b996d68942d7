"""What every test stands on: a database cloned from a migrated template, an empty Valkey, and no silent skips in CI."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.utils import translation
from hypothesis import settings as hypothesis_settings
from psycopg import sql

from apps.core import valkey
from apps.core.prepared import Prepared
from config.celery import app
from tests.peers.fixtures import *  # noqa: F403
from tests.peers.processes import free_port

# Machines are noisy: what is slow is shown by benchmarks, not by an example that met a busy moment.
hypothesis_settings.register_profile("lily", deadline=None)
hypothesis_settings.load_profile("lily")

BUILDING = 0x1117  # the advisory lock under which one process makes the template and the others wait


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker) -> Iterator[None]:
    """A database of this process, copied from the template of the present migrations.

    DATABASE_URL and REDIS_URL name what this process uses, so that programs started by a test use the same.
    """
    with django_db_blocker.unblock():
        template = _ensure_template()
        name = f"test_{template}_{settings.WORKER}"
        _recreate(name, template)
        _use(name)
        os.environ["DATABASE_URL"] = _address(name)
        os.environ["REDIS_URL"] = settings.REDIS_URL
        yield
        connections.close_all()
        _drop(name)


@pytest.fixture(scope="session", autouse=True)
def compared_queries() -> None:
    """Every use of a prepared query is compared with the queryset composed anew."""
    Prepared.is_compared = True


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """The language of one test's pages is not that of the next: a thread keeps what its last request activated."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session", autouse=True)
def empty_valkey() -> None:
    """The Valkey database of this process holds nothing when its first test begins."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()


@pytest.fixture
def dead_valkey(settings) -> Iterator[None]:
    """Nothing listens where Valkey should be, for its cache, its queue and our own commands alike."""
    address = f"redis://127.0.0.1:{free_port()}/0"
    before, producers = app.conf.broker_write_url, app.amqp.__dict__.pop("_producer_pool", None)
    settings.REDIS_URL, app.conf.broker_write_url = address, address
    redis_like = {name: cache for name, cache in settings.CACHES.items() if "redis" in cache["BACKEND"]}
    settings.CACHES = {
        **settings.CACHES,
        **{name: {**cache, "LOCATION": address} for name, cache in redis_like.items()},
    }
    valkey.connection.cache_clear()
    valkey.hurried.cache_clear()
    yield
    valkey.connection.cache_clear()
    valkey.hurried.cache_clear()
    app.conf.broker_write_url = before
    app.amqp.__dict__["_producer_pool"] = producers


def _ensure_template() -> str:
    name = f"lily_{_migrations_hash()}"
    with _maintenance() as server:
        server.execute("SELECT pg_advisory_lock(%s)", [BUILDING])
        if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            making = f"{name}_making"
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(making)))
            server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(making)))
            _use(making)
            call_command("migrate", verbosity=0, interactive=False)
            connections.close_all()
            server.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(making), sql.Identifier(name))
            )
        server.execute("SELECT pg_advisory_unlock(%s)", [BUILDING])
    return name


def _migrations_hash() -> str:
    """One hash of every installed migration, third parties' included."""
    digest = hashlib.sha256()
    for config in sorted(apps.get_app_configs(), key=lambda config: config.label):
        for path in sorted(Path(config.path, "migrations").glob("*.py")):
            digest.update(f"{config.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _recreate(name: str, template: str) -> None:
    with _maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _drop(name: str) -> None:
    with _maintenance() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _maintenance() -> psycopg.Connection:
    return psycopg.connect(_address("postgres"), autocommit=True)


def _address(name: str) -> str:
    return f"{settings.TEST_DATABASE_SERVER}/{name}"


def _use(name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """With CI=true nothing is skipped: what a test needs is installed, or the run fails."""
    return _refuse_skip((yield))


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _refuse_skip((yield))


def _refuse_skip(report):
    if report.skipped and os.environ.get("CI") == "true" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome, report.longrepr = "failed", f"Skipped although CI=true: {reason}"
    return report
