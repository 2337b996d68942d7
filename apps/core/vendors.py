"""Vendors' own SDKs, made lazily over our client: their weight is paid by the process that uses them.

One retry loop is ours; every SDK here is told not to retry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from apps.core import http

if TYPE_CHECKING:
    import openai


def openai_client(*, api_key: str, base_url: str | None = None, timeout: float = 60.0) -> openai.OpenAI:
    """OpenAI's client, or that of a vendor who speaks the same protocol at `base_url`. `timeout` in seconds."""
    import openai

    vendor = "openai" if base_url is None else http.httpx2.URL(base_url).host
    return openai.OpenAI(
        api_key=api_key,
        base_url=base_url,
        max_retries=0,
        timeout=timeout,
        http_client=http.client(vendor, timeout=timeout, read=timeout, max_bytes=64 * 1024 * 1024),
    )
