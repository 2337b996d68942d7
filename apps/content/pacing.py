"""How fast we go: a token bucket per organization and network, the network's quota per channel, a circuit per server.

The bucket lives in Valkey; when Valkey does not answer, the same arithmetic runs on a row of the database, and
publishing goes on. Every function that answers a time says how long to wait; zero means go.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import redis
from django.conf import settings
from django.db import connection
from django.db.models import F, QuerySet

from apps.content.models import Attempt, Bucket, Circuit
from apps.core import clock, valkey
from apps.core.prepared import Prepared
from apps.social.models import Channel

logger = logging.getLogger(__name__)

GO = timedelta()
CIRCUIT_FAILURES = 5
CIRCUIT_PAUSE = timedelta(seconds=120)
CIRCUIT_PROBE = timedelta(seconds=60)  # how long one probe keeps the others waiting: a lease

# Calls a network takes per channel: (how many, in which window). Read November 2026.
QUOTAS: dict[str, tuple[tuple[int, timedelta], ...]] = {
    "x": ((75, timedelta(minutes=15)),),  # https://docs.x.com/x-api/fundamentals/rate-limits
    "instagram": (
        (25, timedelta(days=1)),
    ),  # https://developers.facebook.com/docs/instagram-platform/content-publishing
    "threads": ((250, timedelta(days=1)),),  # https://developers.facebook.com/docs/threads/overview
    "mastodon": ((300, timedelta(minutes=5)),),  # https://docs.joinmastodon.org/api/rate-limits/
    "bluesky": (
        (1666, timedelta(hours=1)),
    ),  # 5,000 points an hour, 3 a record: https://docs.bsky.app/docs/advanced-guides/rate-limits
}

# KEYS[1] the bucket; ARGV: now, seconds a token takes, tokens it holds. Answers the seconds to wait, 0: one was taken.
# The bucket is the moment at which it is full again (the generic cell rate algorithm), so there is nothing to refill.
TAKE = """
local full = tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
local now, each, room = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if full < now then full = now end
local wait = full + each - now - each * room
if wait > 0 then return tostring(wait) end
redis.call('SET', KEYS[1], string.format('%.6f', full + each), 'PX', math.ceil((full + each - now) * 1000) + 1000)
return '0'
"""


def take_token(organization_id: UUID, network: str) -> timedelta:
    """Take one of the organization's tokens for a network; how long to wait when there is none."""
    key, each = f"pace:{organization_id}:{network}", settings.PUBLISH_PACE_SECONDS / settings.PUBLISH_PACE_CALLS
    now = clock.now()
    try:
        seconds = float(valkey.connection().eval(TAKE, 1, key, now.timestamp(), each, settings.PUBLISH_PACE_CALLS))
    except redis.RedisError:
        logger.warning("valkey does not answer, pacing by the database", extra={"key": key})
        return _take_from_database(key, now, timedelta(seconds=each))
    return timedelta(seconds=seconds)


def _take_from_database(key: str, now: datetime, each: timedelta) -> timedelta:
    """The same on a row: one conditional upsert."""
    room = each * settings.PUBLISH_PACE_CALLS
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {Bucket._meta.db_table} AS bucket (key, full_at) VALUES (%(key)s, %(first)s)
            ON CONFLICT (key) DO UPDATE SET full_at = greatest(bucket.full_at, %(now)s) + %(each)s
            WHERE greatest(bucket.full_at, %(now)s) + %(each)s - %(now)s <= %(room)s RETURNING full_at""",  # noqa: S608
            {"key": key, "first": now + each, "now": now, "each": each, "room": room},  # type: ignore[dict-item]
        )
        if cursor.fetchone():
            return GO
    full_at = Bucket.objects.values_list("full_at", flat=True).get(key=key)
    return max(full_at + each - room - now, timedelta(milliseconds=1))


def wait_for_quota(channel: Channel) -> timedelta:
    """How long until the network's quota for this channel has room again, by our own record of calls."""
    now, wait = clock.now(), GO
    for allowed, window in QUOTAS.get(channel.network, ()):
        oldest_counted = _last_calls(allowed).first(channel=channel.pk, since=now - window)
        if oldest_counted is not None:
            wait = max(wait, oldest_counted + window - now)
    return wait


@cache
def _last_calls(allowed: int) -> Prepared:
    """When the call was made before which a channel had `allowed` since then."""

    def compose(channel: UUID, since: datetime) -> QuerySet:
        calls = Attempt.objects.sent_since(channel, since).order_by("-started_at")
        return calls.values_list("started_at", flat=True)[allowed - 1 : allowed]

    return Prepared(compose)


# -- the circuit: a server that keeps failing is left alone

_open_circuit = Prepared(lambda key: Circuit.objects.filter(key=key, failures__gte=CIRCUIT_FAILURES))


def circuit_key(channel: Channel) -> str:
    return f"{channel.network} {channel.server}"


def wait_for_circuit(channel: Channel) -> timedelta:
    """How long the channel's server is left alone; after that one call is let through to probe it."""
    now, key = clock.now(), circuit_key(channel)
    circuit = _open_circuit.first(key=key)
    if circuit is None:
        return GO
    is_probe = Circuit.objects.filter(key=key, failures__gte=CIRCUIT_FAILURES, open_until__lte=now).update(
        open_until=now + CIRCUIT_PROBE
    )
    return GO if is_probe else max((circuit.open_until or now) - now, timedelta(seconds=1))


def note_failure(channel: Channel) -> None:
    """The server did not answer as it should; the fifth time in a row opens its circuit."""
    key = circuit_key(channel)
    Circuit.objects.bulk_create([Circuit(key=key)], ignore_conflicts=True)
    Circuit.objects.filter(key=key).update(failures=F("failures") + 1)
    Circuit.objects.filter(key=key, failures__gte=CIRCUIT_FAILURES).update(open_until=clock.now() + CIRCUIT_PAUSE)


def note_answer(channel: Channel) -> None:
    """The server answered, whatever it said: its circuit is closed."""
    Circuit.objects.filter(key=circuit_key(channel), failures__gt=0).update(failures=0, open_until=None)
