"""A client that costs little: plain sockets kept alive, one thread, so that what is measured is the server."""

import selectors
import socket
import statistics
import time
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from types import MappingProxyType

Headers = Mapping[str, str]
PLAIN = {"Host": "127.0.0.1", "Accept-Encoding": "identity"}


@dataclass(frozen=True)
class Load:
    """What came of asking for some seconds."""

    per_second: float
    median: float  # milliseconds
    p95: float  # milliseconds
    bytes: int  # of the last body


def asking_for(path: str, headers: Headers) -> bytes:
    """The request as it is sent."""
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in (PLAIN | dict(headers)).items())]
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


class Connection:
    """One kept-alive connection that asks for the same page again and again."""

    def __init__(self, port: int, request: bytes) -> None:
        self.request = request
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.port = port
        self.body = 0  # bytes of the last one

    def ask(self) -> None:
        self.answer, self.length, self.began = b"", None, time.perf_counter()
        try:
            self.socket.sendall(self.request)
        except OSError:  # the server recycles a connection now and then
            self.socket.close()
            self.__init__(self.port, self.request)
            self.socket.sendall(self.request)

    def read(self) -> bool:
        """Whether the answer is whole. Raises RuntimeError when it is not a 200."""
        part = self.socket.recv(1 << 18)
        self.answer += part
        if self.length is None and (end := self.answer.find(b"\r\n\r\n")) >= 0:
            head = self.answer[:end].lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(f"The page did not come: {self.answer[:300]!r}")
            self.length = end + 4 + int(head.partition(b"content-length:")[2].split(b"\r\n")[0])
            self.body = self.length - end - 4
        if not part:
            raise RuntimeError("The server closed the connection in an answer.")
        return self.length is not None and len(self.answer) >= self.length


def typical(loads: list[Load]) -> Load:
    """The median of each figure."""
    return Load(*(statistics.median(figures) for figures in zip(*map(astuple, loads), strict=True)))


def measure(
    port: int, path: str, *, headers: Headers = MappingProxyType({}), connections: int = 1, seconds: float = 3
) -> Load:
    """Ask for a page on so many connections at once for so long; the first tenth is to warm up and not counted."""
    request = asking_for(path, headers)
    asking = [Connection(port, request) for _ in range(connections)]
    try:
        took, elapsed = _keep_asking(asking, seconds)
    finally:
        for connection in asking:
            connection.socket.close()
    took = took or [elapsed * 1000]
    return Load(
        per_second=len(took) / elapsed,
        median=statistics.median(took),
        p95=sorted(took)[int(len(took) * 0.95)],
        bytes=asking[0].body,
    )


def _keep_asking(asking: list[Connection], seconds: float) -> tuple[list[float], float]:
    """Milliseconds of each answer asked for after the warm-up, and the seconds they were counted in."""
    took: list[float] = []
    with selectors.DefaultSelector() as selector:
        for connection in asking:
            connection.ask()
            selector.register(connection.socket, selectors.EVENT_READ, connection)
        begin = time.perf_counter() + seconds / 10
        while (now := time.perf_counter()) < begin + seconds or not took:
            for key, _ in selector.select(timeout=30):
                connection = key.data
                if connection.read():
                    if connection.began >= begin:
                        took.append((time.perf_counter() - connection.began) * 1000)
                    selector.unregister(connection.socket)
                    connection.ask()
                    selector.register(connection.socket, selectors.EVENT_READ, connection)
    return took, now - begin
