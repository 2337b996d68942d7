"""The events process: server-sent events that tell an open page which row changed, so that it need not ask.

`GET /events?ticket=…` streams `news` with a topic, and nothing else: the page then asks for its fragment by the
ordinary way, where its access is checked. `ready` says that news come from now on, so the page asks once more and then
waits; `silent` that they cannot, because Valkey is away, so it asks by itself. No cookie is read, no database opened.

One subscription serves all streams. A stream keeps which topics it has not told yet and no more, so one that reads
slowly costs no memory. Format: https://html.spec.whatwg.org/multipage/server-sent-events.html
"""

from __future__ import annotations

import asyncio
import contextlib
import logging.config
import os
import resource
import signal
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.core.signing import BadSignature
from redis.asyncio import ConnectionError, Redis, RedisError
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from apps.core import heartbeat, tickets

MOST = 2000  # streams at once; whoever comes after that asks by itself
BEAT = 15.0  # seconds until a stream without news says that it lives, well below a proxy's time-out
AGAIN = 1.0  # seconds between two tries to reach Valkey
SPARE = 64  # open files that are no streams
RETRY = b"retry: 5000\n\n"  # milliseconds; our own pages have a back-off of their own
READY, SILENT = "ready", "silent"
SITE = settings.BASE_URL.encode()
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

logging.config.dictConfig(settings.LOGGING)
log = logging.getLogger("lily.events")


class Stream:
    """What one page has not been told yet: topics, `ready` or `silent`, each once, in the order they last came."""

    def __init__(self) -> None:
        self.untold: dict[str, None] = {}
        self.wake = asyncio.Event()
        self.is_over = False

    def tell(self, name: str) -> None:
        self.untold.pop(name, None)
        self.untold[name] = None
        self.wake.set()

    def end(self) -> None:
        self.is_over = True
        self.wake.set()

    def take(self) -> bytes:
        """All there is to tell, as it goes over the wire; a comment where there is nothing."""
        names, self.untold = self.untold, {}
        self.wake.clear()
        return b"".join(map(_event, names)) or b":\n\n"


def _event(name: str) -> bytes:
    kind, topic = (name, "") if name in (READY, SILENT) else ("news", name)
    return f"event: {kind}\ndata: {topic}\n\n".encode()


class Hub:
    """Every open stream, and the one subscription behind them."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.listeners: defaultdict[str, set[Stream]] = defaultdict(set)
        self.is_ready = self.is_over = False

    @property
    def is_full(self) -> bool:
        return self.is_over or len(self.streams) >= MOST

    @contextlib.contextmanager
    def stream(self, topics: frozenset[str]) -> Iterator[Stream]:
        """A stream that hears of these topics for as long as the block lasts."""
        stream = Stream()
        stream.tell(READY if self.is_ready else SILENT)
        self.streams.add(stream)
        for topic in topics:
            self.listeners[topic].add(stream)
        try:
            yield stream
        finally:
            self.streams.discard(stream)
            for topic in topics:
                self.listeners[topic].discard(stream)
                if not self.listeners[topic]:
                    del self.listeners[topic]

    def hear(self, topic: str) -> None:
        for stream in self.listeners.get(topic, ()):
            stream.tell(topic)

    def turn(self, *, ready: bool) -> None:
        self.is_ready = ready
        for stream in self.streams:
            stream.tell(READY if ready else SILENT)

    def end(self) -> None:
        """Every stream ends in good order, and no new one begins; the pages come back when there is a process again."""
        self.is_over = True
        for stream in self.streams:
            stream.end()

    async def listen(self) -> None:
        """Hear what `apps.core.events` announces, for as long as the process lives, through every restart of Valkey."""
        valkey = Redis.from_url(settings.REDIS_URL, decode_responses=True, retry=Retry(NoBackoff(), 0))
        while True:
            try:
                async with valkey.pubsub() as news:
                    await news.subscribe(tickets.CHANNEL)
                    await self._follow(news)
            except (RedisError, OSError) as error:
                if self.is_ready:
                    log.warning("no news come", extra={"problem": type(error).__name__})
                    self.turn(ready=False)
            await asyncio.sleep(AGAIN)

    async def _follow(self, news: PubSub) -> None:
        """Pass on what comes. Raises RedisError when the connection ends, or when nobody answers on it any more."""
        is_asked = False
        while True:
            message = await news.get_message(timeout=BEAT)
            if message is None and is_asked:
                raise ConnectionError("no answer")
            if message is None:
                await news.ping()
            elif message["type"] == "subscribe":
                self.turn(ready=True)
            elif message["type"] == "message":
                self.hear(message["data"])
            is_asked = message is None

    async def show_life(self) -> None:
        while True:
            await asyncio.to_thread(heartbeat.write, heartbeat.EVENTS, streams=len(self.streams))
            await asyncio.sleep(heartbeat.EVERY)


hub = Hub()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        return await _live(receive, send)
    status, topics, seconds = _admit(scope)
    if status != 200:
        more = {503: [(b"retry-after", b"60")], 405: [(b"allow", b"GET")]}.get(status, [])
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0"), *more]})
        return await send({"type": "http.response.body"})
    with hub.stream(topics) as stream:
        gone = asyncio.create_task(_end_when_gone(receive, stream))
        try:
            await _send_news(stream, seconds, send)
        finally:
            gone.cancel()


def _admit(scope: Message) -> tuple[int, frozenset[str], float]:
    """The status to answer, and for 200 the topics and for how many seconds the ticket opens them."""
    headers, asked = dict(scope["headers"]), parse_qs(scope["query_string"].decode("latin-1"))
    nothing: frozenset[str] = frozenset()
    if scope["path"] != "/events":
        return 404, nothing, 0
    if scope["method"] != "GET":
        return 405, nothing, 0
    if headers.get(b"origin", SITE) != SITE:
        return 403, nothing, 0
    try:
        topics, seconds = tickets.read(asked.get("ticket", [""])[0])
    except BadSignature:
        return 401, nothing, 0
    return (503, nothing, 0) if hub.is_full else (200, topics, seconds)


async def _send_news(stream: Stream, seconds: float, send: Send) -> None:
    """Everything the stream is told, until its page goes, its ticket lapses or the process ends."""
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # nginx passes on at once what comes
        (b"access-control-allow-origin", SITE),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": RETRY, "more_body": True})
    until = asyncio.get_running_loop().time() + seconds
    while not stream.is_over and (left := until - asyncio.get_running_loop().time()) > 0:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stream.wake.wait(), min(BEAT, left))
        await send({"type": "http.response.body", "body": stream.take(), "more_body": True})
    await send({"type": "http.response.body"})


async def _end_when_gone(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


async def _live(receive: Receive, send: Send) -> None:
    """ASGI's lifespan: the subscription and the signs of life, from the first moment to the last."""
    await receive()
    _allow_files(MOST + SPARE)
    work = [asyncio.create_task(task) for task in (hub.listen(), hub.show_life())]
    for task in work:
        task.add_done_callback(_end_if_broken)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    for task in work:
        task.cancel()
    await asyncio.to_thread(heartbeat.clear, heartbeat.EVENTS)
    await send({"type": "lifespan.shutdown.complete"})


def _allow_files(wanted: int) -> None:
    """A stream is an open file, and many systems let a process have 1024 until it asks for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))


def _end_if_broken(task: asyncio.Task[None]) -> None:
    """A process that hears nothing must not look alive: gunicorn starts another."""
    if not task.cancelled():
        log.critical("the events process broke", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)
