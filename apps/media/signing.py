"""Addresses of private files: whoever has one may see that one file until it expires.

A signed address and not the session decides, because networks fetch pictures by address (Instagram, Threads), mails
show them, and a page of sixty pictures should not ask sixty times who is looking. It names one file of one picture,
cannot be guessed, is given out only on pages whose access was checked, lives hours, and dies with its picture.
Expiries are rounded, so that a browser finds the same picture under the same address again.
"""

from __future__ import annotations

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
    seconds = int(LIVES[variant].total_seconds())
    expires = (int(clock.now().timestamp()) // seconds + 2) * seconds
    return _path(asset_id, variant, expires)


@lru_cache(4096)  # the pictures of a page are those of its next visit, and signing them all takes a millisecond
def _path(asset_id: UUID | str, variant: str, expires: int) -> str:
    values: dict[str, Any] = {"asset": asset_id, "variant": variant, "expires": expires}
    return reverse("asset_file", kwargs={**values, "signature": _signature(**values)})


def remaining(asset_id: UUID, variant: str, expires: int, signature: str) -> timedelta | None:
    """How much longer an address holds; None for one that is forged or over."""
    if not constant_time_compare(_signature(asset_id, variant, expires), signature):
        return None
    left = datetime.fromtimestamp(expires, UTC) - clock.now()
    return left if left > timedelta() else None


def _signature(asset: UUID | str, variant: str, expires: int) -> str:
    return salted_hmac("media.address", f"{asset}:{variant}:{expires}", algorithm="sha256").hexdigest()[:32]
