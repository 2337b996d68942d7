"""Core's own checks for the doctor: settings, services, processes, clocks, migrations, secrets at rest."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from apps.core import clock, crypto, heartbeat, valkey
from apps.core.doctor import Finding, check, error, warning

DURABLE = ["fsync", "synchronous_commit"]  # settings of PostgreSQL that an attempt on record rests on
MAX_SKEW = 2.0  # seconds between the clocks of two machines, before leases and signatures suffer


@check("settings", "Settings")
def check_settings() -> Iterator[Finding]:
    if len(settings.SECRET_KEY) < 40:
        yield _grave(
            "SECRET_KEY is missing or short.",
            "Set it to the output of `openssl rand -base64 48`.",
        )
    try:
        crypto.keys()
    except ImproperlyConfigured as problem:
        yield error(str(problem), "Set FIELD_KEYS to `k1:` and the output of `openssl rand -base64 32 | tr '+/' '-_'`.")
    if settings.PRODUCTION and settings.DEBUG:
        yield error("DEBUG is on.", "Remove DEBUG from the environment: it shows settings and code to anyone.")
    if settings.OUTBOUND_ALLOW:
        names = ", ".join(settings.OUTBOUND_ALLOW)
        yield _grave(
            f"Private addresses are open to outgoing calls: {names}.", "Remove OUTBOUND_ALLOW from the environment."
        )
    if settings.PRODUCTION and "smtp" not in settings.EMAIL_BACKEND:
        yield error("Mail goes nowhere.", "Set EMAIL_URL, such as smtp+tls://name:password@mail.example.com:587.")
    if settings.PRODUCTION and settings.DEFAULT_FROM_EMAIL.endswith("@localhost>"):
        yield error("Mail has no sender.", "Set DEFAULT_FROM_EMAIL, such as `Lily <hello@example.com>`.")


@check("operator", "Who runs this")
def check_operator() -> Iterator[Finding]:
    names = ("OPERATOR_NAME", "OPERATOR_ADDRESS", "OPERATOR_EMAIL")
    if missing := [name for name in names if not getattr(settings, name)]:
        yield warning(
            "Terms, privacy and imprint do not say who runs this installation.", f"Set {' and '.join(missing)}."
        )


@check("addresses", "Addresses and callbacks")
def check_addresses() -> Iterator[Finding]:
    address = urlsplit(settings.BASE_URL)
    if address.scheme not in ("http", "https") or not address.hostname or address.path or address.query:
        yield error(
            f"BASE_URL is not an address customers can type: {settings.BASE_URL}",
            "Set it to scheme and host only, such as https://lily.example.com.",
        )
        return
    if settings.PRODUCTION and address.scheme != "https":
        yield error("BASE_URL is not https, so networks refuse its callbacks.", "Set BASE_URL to the https address.")
    if not _answers(address.hostname):
        yield error(
            f"{address.hostname} of BASE_URL is not in ALLOWED_HOSTS, so callbacks end in 400.",
            "Add it to ALLOWED_HOSTS.",
        )
    if not settings.PRODUCTION and address.hostname not in ("127.0.0.1", "localhost") and address.scheme == "http":
        yield warning(
            "BASE_URL is plain http and not this machine, so Bluesky and passkeys refuse it.",
            "Use http://127.0.0.1 and a port, or https.",
        )
    if settings.PRODUCTION and settings.TRUSTED_PROXIES == 0 and settings.SECURE_PROXY_SSL_HEADER:
        yield warning(
            "A proxy ends TLS, and TRUSTED_PROXIES is 0, so every client has the proxy's address.",
            "Set TRUSTED_PROXIES to the number of your proxies.",
        )


def _answers(host: str) -> bool:
    return any(
        pattern == "*" or host == pattern or (pattern.startswith(".") and host.endswith(pattern))
        for pattern in settings.ALLOWED_HOSTS
    )


@check("database", "Database")
def check_database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SHOW server_version_num")
            version = int(cursor.fetchone()[0])
            cursor.execute("SELECT name FROM pg_settings WHERE setting = 'off' AND name = ANY(%s)", [DURABLE])
            forgetful = sorted(name for (name,) in cursor.fetchall())
    except Error:
        yield error("The database does not answer.", "Start PostgreSQL, or set DATABASE_URL to one that runs.")
        return
    if version < 140000:
        yield error(f"PostgreSQL {version // 10000} is too old.", "Use PostgreSQL 14 or newer.")
    if settings.PRODUCTION and forgetful:
        yield error(
            f"PostgreSQL forgets in a crash what it confirmed, so posts can go out twice: {', '.join(forgetful)} off.",
            "Set fsync and synchronous_commit to on.",
        )


@check("migrations", "Migrations")
def check_migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _ in waiting[:3])
        more = f" and {len(waiting) - 3} more" if len(waiting) > 3 else ""
        yield error(f"The database lacks migrations: {names}{more}.", "Run `manage.py migrate`.")


@check("valkey", "Valkey")
def check_valkey() -> Iterator[Finding]:
    try:
        facts = valkey.connection().info()
    except redis.RedisError:
        yield error(
            "Valkey does not answer: pages work, nothing is queued.", "Start Valkey, or set REDIS_URL to one that runs."
        )
        return
    if facts.get("maxmemory_policy", "noeviction") != "noeviction":
        yield error(
            f"Valkey may drop queued work ({facts['maxmemory_policy']}).", "Set maxmemory-policy to noeviction."
        )


@check("processes", "Beat, workers and events")
def check_processes() -> Iterator[Finding]:
    try:
        signs = heartbeat.alive()
    except redis.RedisError:
        yield error("Nobody can say which processes live, because Valkey does not answer.", "Start Valkey first.")
        return
    if not any(sign.kind == heartbeat.BEAT for sign in signs):
        yield error("Beat is not running, so nothing is started at its time.", "Start `celery -A config beat`.")
    served = {queue for sign in signs for queue in sign.queues}
    for queue in settings.QUEUES:
        if queue not in served:
            yield error(f"No worker takes work from the queue {queue}.", f"Start `celery -A config worker -Q {queue}`.")
    if settings.EVENTS_URL and not any(sign.kind == heartbeat.EVENTS for sign in signs):
        yield warning(
            "The events process is not running, so open pages ask every few seconds whether something changed.",
            "Start `gunicorn config.events --config config/gunicorn_events.py`, or remove EVENTS_URL.",
        )
    beats = [sign for sign in signs if sign.kind == heartbeat.BEAT]
    if len(beats) > 1:
        yield warning(f"{len(beats)} beats are running.", "Stop all but one: each starts the same work.")
    for sign in signs:
        skew = (sign.at - timezone.now()).total_seconds()
        if skew > MAX_SKEW:
            yield error(
                f"The clock of {sign.host} is {skew:.0f} s ahead of this machine's.", "Let NTP set the clock of both."
            )


@check("clock", "Clocks")
def check_clock() -> Iterator[Finding]:
    if clock.offset():
        yield _grave(f"Lily's clock is moved by {clock.offset()}.", "Delete the file that CLOCK_FILE names.")
    for name, skew in _skews():
        if abs(skew) > MAX_SKEW:
            yield error(
                f"The clock of {name} is {skew:+.1f} s off this machine's.", "Let NTP set the clock of both machines."
            )


def _skews() -> Iterator[tuple[str, float]]:
    """Seconds each service's clock is ahead of ours, from the middle of its answer. Silent services are left out."""
    try:
        with connection.cursor() as cursor:
            before = timezone.now()
            cursor.execute("SELECT clock_timestamp()")
            yield "the database", _ahead(cursor.fetchone()[0], before)
    except Error:
        pass
    try:
        before = timezone.now()
        seconds, micros = valkey.connection().time()
        yield "Valkey", _ahead(datetime.fromtimestamp(seconds + micros / 1e6, UTC), before)
    except redis.RedisError:
        pass


def _ahead(theirs: datetime, before: datetime) -> float:
    middle = before + (timezone.now() - before) / 2
    return (theirs - middle).total_seconds()


@check("files", "Files")
def check_files() -> Iterator[Finding]:
    place = Path(settings.MEDIA_ROOT)
    parent = next(path for path in (place, *place.parents) if path.exists())
    if not os.access(parent, os.W_OK | os.X_OK):
        yield error(
            f"Pictures cannot be stored in {place}.", "Let the user that runs Lily write there, or set MEDIA_ROOT."
        )
    if settings.PRODUCTION and not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        yield error(
            "Static files are not collected, so pages have no style.", "Run `manage.py collectstatic --noinput`."
        )


@check("secrets", "Secrets at rest")
def check_secrets() -> Iterator[Finding]:
    used: Counter[str] = Counter()
    try:
        known = crypto.keys()
        for model, field in crypto.fields():
            used.update(dict(crypto.key_ids(model, field)))
    except (ImproperlyConfigured, Error):
        return  # said by the checks of settings and database
    for key in sorted(used.keys() - known.keys()):
        yield error(
            f"{used[key]} stored secrets need the key {key}, which FIELD_KEYS lacks.",
            f"Put the key {key} back behind the newest one.",
        )
    if old := sorted(key for key in used.keys() & known.keys() if key != crypto.newest_key_id()):
        yield warning(
            f"Secrets are still stored under older keys: {', '.join(old)}.", "Run `manage.py rotate_field_keys`."
        )


def _grave(problem: str, cure: str) -> Finding:
    """An error in production, a warning elsewhere."""
    return error(problem, cure) if settings.PRODUCTION else warning(problem, cure)
