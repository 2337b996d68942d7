"""The connection to Valkey for what is neither cache nor queue (heartbeats, health)."""

from __future__ import annotations

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def connection() -> redis.Redis:
    """One pool per process; every command answers or fails within two seconds."""
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, decode_responses=True, health_check_interval=30
    )
