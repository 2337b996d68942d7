"""Addresses of private files: whoever has one may see that one file until it expires.

A signed address and not the session decides, because networks fetch pictures by address (Instagram, Threads), mails
show them, and a page of sixty pictures should not ask sixty times who is looking. It names one file of one picture,
cannot be guessed, is given out only on pages whose access was checked, lives hours, and dies with its picture.
Expiries are rounded, so that a browser finds the same picture under the same address again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from apps.core import clock

LIVES: dict[str, timedelta] = {  # at least this long, at most twice
    "preview": timedelta(hours=12),
    "file": timedelta(hours=2),
    "original": timedelta(hours=1),
}


def address(asset_id: UUID | str, variant: str) -> str:
    """The address of one variant of an asset, from the root of this site."""
    return _path(asset_id, variant, expiry(LIVES[variant]))


def addressing() -> Callable[[UUID | str, str], str]:
    """`address` for the many pictures of one page: the clock is read once for all."""
    expires = {variant: expiry(life) for variant, life in LIVES.items()}
    return lambda asset_id, variant: _path(asset_id, variant, expires[variant])


def expiry(life: timedelta) -> int:
    """Until when an address that is given out now holds, in seconds since 1970: at least its life, at most twice."""
    seconds = int(life.total_seconds())
    return (int(clock.now().timestamp()) // seconds + 2) * seconds


@lru_cache(4096)  # the pictures of a page are those of its next visit, and signing them all takes a millisecond
def _path(asset_id: UUID | str, variant: str, expires: int) -> str:
    values: dict[str, Any] = {"variant": variant, "expires": expires}
    signature = signature_of(asset_id, **values)
    return reverse("asset_file", kwargs={"asset": asset_id, **values, "signature": signature})


def remaining(key: UUID, variant: str, expires: int, signature: str) -> timedelta | None:
    """How much longer an address holds; None for one that is forged or over."""
    if not constant_time_compare(signature_of(key, variant, expires), signature):
        return None
    left = datetime.fromtimestamp(expires, UTC) - clock.now()
    return left if left > timedelta() else None


def signature_of(key: UUID | str, variant: str, expires: int) -> str:
    """What an address of one file of a row carries."""
    return salted_hmac("media.address", f"{key}:{variant}:{expires}", algorithm="sha256").hexdigest()[:32]
