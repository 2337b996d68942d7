"""The connection to Valkey for what is neither cache nor queue (heartbeats, health, news)."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry


@lru_cache(maxsize=1)
def connection() -> redis.Redis:
    """One pool per process; every command answers or fails within two seconds."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True, health_check_interval=30
    )


@lru_cache(maxsize=1)
def hurried() -> redis.Redis:
    """A pool for what may get lost: each command has one try of a fifth of a second."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=0.2, socket_connect_timeout=0.2, retry=Retry(NoBackoff(), 0)
    )
