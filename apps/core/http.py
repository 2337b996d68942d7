"""The one HTTP client: every byte to and from a vendor passes here, SDKs included.

- Guard: a name is resolved once, every address that is not public is dropped, and the connection goes to the address
  that was checked (so a name that answers differently a moment later gains nothing); TLS and Host keep the name.
  Plain http and private addresses only for the exact `host:port` pairs of `settings.OUTBOUND_ALLOW`.
- Limits: time-outs per phase and a total one over everything, and a size limit on the decoded answer.
- Log: vendor, method, host, path, status, milliseconds and bytes; never a query, a header or a body.
- Redirects are not followed; a caller that asks for it goes through the same guard again.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import Any

import httpcore2
import httpx2
from django.conf import settings

from apps.core import clock, metrics
from apps.core.addresses import is_public
from apps.core.errors import OutcomeUnknown, TryLater, VendorError

log = logging.getLogger("lily.vendor")

TOTAL, CONNECT, READ, WRITE = 20.0, 5.0, 15.0, 15.0  # seconds
MAX_BYTES = 16 * 1024 * 1024  # of a decoded answer
USER_AGENT = "Lily/1.0 (+https://lily.social)"

_deadline: ContextVar[float | None] = ContextVar("deadline", default=None)


class AddressRefused(httpx2.ConnectError):
    """The guard let no connection be made: not public, or not encrypted. Nothing was sent."""


class AnswerTooLarge(httpx2.ReadError):
    """The answer is larger than the client takes. The request was sent."""


def client(
    vendor: str,
    *,
    timeout: float = TOTAL,
    read: float | None = None,
    max_bytes: int = MAX_BYTES,
    **options: Any,
) -> httpx2.Client:
    """A client for one vendor's calls. Cheap to make and to close: connections are kept per process and vendor.

    `timeout` is seconds for one whole call, name look-up and answer included; `read` the longest silence within it.
    Other options (`base_url`, `headers`, `auth`) are httpx2's own.
    """
    phases = httpx2.Timeout(
        connect=min(CONNECT, timeout),
        read=min(read or READ, timeout),
        write=min(WRITE, timeout),
        pool=min(CONNECT, timeout),
    )
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", **options.pop("headers", {})}
    return httpx2.Client(
        transport=Transport(vendor, total=timeout, max_bytes=max_bytes),
        timeout=phases,
        headers=headers,
        follow_redirects=options.pop("follow_redirects", False),
        trust_env=False,  # a proxy from the environment would connect around the guard
        **options,
    )


class Transport(httpx2.BaseTransport):
    """Sends through the process's pool under a deadline, limits what comes back, logs the call."""

    def __init__(self, vendor: str, *, total: float, max_bytes: int) -> None:
        self.vendor, self.total, self.max_bytes = vendor, total, max_bytes

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        started = time.monotonic()
        deadline = started + self.total
        try:
            with _until(deadline):
                response = _pool(self.vendor, os.getpid(), tuple(settings.OUTBOUND_ALLOW)).handle_request(request)
        except httpx2.HTTPError as error:
            error.request = request
            self._log(request, started, problem=type(error).__name__)
            raise
        body = Body(response, deadline=deadline, max_bytes=self.max_bytes)
        body.when_closed = lambda: self._log(request, started, status=response.status_code, size=body.size)
        headers = [(k, v) for k, v in response.headers.raw if k.lower() not in (b"content-encoding", b"content-length")]
        return httpx2.Response(response.status_code, headers=headers, stream=body, extensions=response.extensions)

    def _log(
        self, request: httpx2.Request, started: float, *, status: int = 0, size: int = 0, problem: str = ""
    ) -> None:
        seconds = time.monotonic() - started
        metrics.count_vendor_call(self.vendor, seconds, status=status, problem=problem)
        facts = {
            "vendor": self.vendor,
            "method": request.method,
            "host": request.url.host,
            "path": request.url.path,
            "status": status,
            "ms": round(seconds * 1000),
            "bytes": size,
        }
        log.info("vendor call", extra=facts | ({"problem": problem} if problem else {}))


class Body(httpx2.SyncByteStream):
    """An answer's bytes, decoded, under the deadline and the size limit. Closes the answer when one is passed."""

    def __init__(self, response: httpx2.Response, *, deadline: float, max_bytes: int) -> None:
        self.response, self.deadline, self.max_bytes = response, deadline, max_bytes
        self.size = 0
        self.when_closed = lambda: None

    def __iter__(self) -> Iterator[bytes]:
        coding = self.response.headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "gzip", ""):
            raise httpx2.DecodingError(f"answer in {coding}, which was not asked for")
        chunks = self._raw()
        for chunk in self._unzip(chunks) if coding == "gzip" else chunks:
            self.size += len(chunk)
            if self.size > self.max_bytes:
                raise AnswerTooLarge(f"answer above {self.max_bytes} bytes")
            yield chunk

    def _raw(self) -> Iterator[bytes]:
        stream = iter(self.response.stream)  # type: ignore[arg-type]
        while True:
            with _until(self.deadline):
                chunk = next(stream, None)
            if chunk is None:
                return
            yield chunk

    def _unzip(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Unpacks at most a byte more than the limit allows, so that a bomb never fills the memory."""
        packed = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            for chunk in chunks:
                yield packed.decompress(chunk, self.max_bytes + 1 - self.size)
                if packed.unconsumed_tail:
                    raise AnswerTooLarge(f"answer above {self.max_bytes} bytes")
        except zlib.error as error:
            raise httpx2.DecodingError("answer is not the gzip it says it is") from error

    def close(self) -> None:
        self.response.close()
        self.when_closed()


# -- connecting


@contextmanager
def _until(deadline: float) -> Iterator[None]:
    token = _deadline.set(deadline)
    try:
        yield
    finally:
        _deadline.reset(token)


def _left(timeout: float | None, expired: type[Exception]) -> float | None:
    """Seconds this step may take: its own time-out or what is left of the whole call, whichever is less."""
    deadline = _deadline.get()
    if deadline is None:
        return timeout
    left = deadline - time.monotonic()
    if left <= 0:
        raise expired("the whole call took too long")
    return left if timeout is None else min(timeout, left)


class Stream(httpcore2.NetworkStream):
    """A connection whose every step also ends at the call's deadline."""

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self.inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, _left(timeout, httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, _left(timeout, httpcore2.WriteTimeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        return Stream(self.inner.start_tls(ssl_context, server_hostname, _left(timeout, httpcore2.ConnectTimeout)))

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class GuardedBackend(httpcore2.SyncBackend):
    """Resolves once, keeps public addresses, connects to one of those."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        found = resolve(host, port, _left(timeout, httpcore2.ConnectTimeout))
        is_allowed = f"{host}:{port}" in settings.OUTBOUND_ALLOW
        addresses = [address for address in found if is_allowed or is_public(address)]
        if not addresses:
            raise Refused(f"{host}:{port} is not a public address")
        for last, address in enumerate(addresses, start=1 - len(addresses)):
            try:
                seconds = _left(timeout, httpcore2.ConnectTimeout)
                return Stream(super().connect_tcp(address, port, seconds, local_address, socket_options))
            except httpcore2.ConnectError:
                if last == 0:
                    raise
        raise AssertionError("unreachable")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        raise Refused("unix sockets are not the outside")


class Refused(httpcore2.ConnectError):
    """The guard's refusal, below httpx2."""


def resolve(host: str, port: int, timeout: float | None) -> list[str]:
    """The addresses of a name, in the system's order. The look-up itself cannot be stopped, so it is left behind."""
    import socket

    answers: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            answers.put([entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            answers.put(error)

    threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
    try:
        answer = answers.get(timeout=timeout)
    except queue.Empty:
        raise httpcore2.ConnectTimeout(f"{host} was not resolved in time") from None
    if isinstance(answer, Exception):
        raise httpcore2.ConnectError(f"{host} has no address") from answer
    return list(dict.fromkeys(answer))


class Pool(httpx2.HTTPTransport):
    """httpx2's own transport over a pool that connects through the guard."""

    def __init__(self) -> None:
        self._pool = httpcore2.ConnectionPool(
            ssl_context=_tls(),
            max_connections=100,
            max_keepalive_connections=20,
            keepalive_expiry=15,
            network_backend=GuardedBackend(),
        )

    def __del__(self) -> None:
        self.close()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        host, port = request.url.host, request.url.port or (443 if request.url.scheme == "https" else 80)
        if request.url.scheme != "https" and f"{host}:{port}" not in settings.OUTBOUND_ALLOW:
            raise AddressRefused(f"{host}:{port} is not encrypted")
        try:
            return super().handle_request(request)
        except httpx2.ConnectError as error:
            if isinstance(error.__cause__, Refused):
                raise AddressRefused(str(error)) from error
            raise


@lru_cache(maxsize=64)
def _pool(vendor: str, process: int, allowed: tuple[str, ...]) -> Pool:
    """Per vendor; anew after a fork (connections are not shared) and when the allow-list changes (tests)."""
    return Pool()


atexit.register(_pool.cache_clear)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return httpx2.create_ssl_context(trust_env=False)


# -- what is certain after an error


def was_sent(error: httpx2.HTTPError) -> bool:
    """Whether the other side may have got the request. False is certain; True is a maybe."""
    never = (
        httpx2.ConnectError,
        httpx2.ConnectTimeout,
        httpx2.PoolTimeout,
        httpx2.UnsupportedProtocol,
        httpx2.LocalProtocolError,
    )
    return not isinstance(error, never)


@contextmanager
def calling(vendor: str, *, has_effect: bool) -> Iterator[None]:
    """Turns what httpx2 raises into what we must do.

    A call without effect (a look-up), or one that never left, may be made again: TryLater. A call with an effect
    whose answer was lost: OutcomeUnknown.
    """
    try:
        yield
    except httpx2.HTTPError as error:
        raise as_vendor_error(error, vendor, has_effect=has_effect) from error


def as_vendor_error(error: httpx2.HTTPError, vendor: str, *, has_effect: bool) -> VendorError:
    """TryLater or OutcomeUnknown for one of httpx2's errors. See `calling`."""
    if has_effect and was_sent(error):
        return OutcomeUnknown(vendor=vendor, cause=type(error).__name__)
    return TryLater(vendor=vendor, cause=type(error).__name__)


def retry_after(response: httpx2.Response) -> timedelta | None:
    """What a Retry-After header asks for, in seconds or as a date (RFC 9110, 10.2.3); None without a readable one."""
    value = response.headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return timedelta(seconds=int(value))
    try:
        at, sent = parsedate_to_datetime(value), response.headers.get("Date")
        return max(
            timedelta(), at.astimezone(UTC) - (parsedate_to_datetime(sent).astimezone(UTC) if sent else clock.now())
        )
    except (TypeError, ValueError):
        return None
