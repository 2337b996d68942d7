"""The web server as the Procfile runs it: who gets a connection, and what those cost on which nothing is said."""

import http.client
import socket
import sys
from collections import Counter

import pytest
from django.conf import settings

from tests.peers.processes import Process, free_port

THREADS = 4  # of each of the two processes


@pytest.fixture
def port(request, tmp_path_factory):
    """Of a server with the patience and the silence (seconds) a test asks for."""
    patience, silence = request.param
    port = free_port()
    words = ["-m", "gunicorn", "tests.core.hurried_web", "--config", "tests/core/hurried_web.py"]
    ready = tmp_path_factory.mktemp("ready")
    told = {"WEB_BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2", "WEB_THREADS": str(THREADS), "READY": str(ready)}
    told |= {"PATIENCE": patience, "SILENCE": silence}
    log = tmp_path_factory.mktemp("log") / "web.log"
    server = Process([sys.executable, *words], log=log, env=told, cwd=settings.BASE_DIR)
    try:
        server.wait_until(lambda: len(list(ready.iterdir())) == 2)
        yield port
    finally:
        server.stop()


@pytest.fixture
def connect(port):
    opened = []

    def open_one():
        opened.append(http.client.HTTPConnection("127.0.0.1", port, timeout=10))
        opened[-1].connect()
        return opened[-1]

    yield open_one
    for connection in opened:
        connection.close()


def ask_all(connections):
    """The process that answered each, all asked at once."""
    for connection in connections:
        connection.request("GET", "/")
    return [connection.getresponse().read() for connection in connections]


@pytest.mark.parametrize("port", [("0.4", "20")], indirect=True)  # a busy machine wakes the other process late
def test_processes_share_what_comes_at_once(connect):
    connections = [connect() for _ in range(16)]
    answered = [ask_all(connections) for _ in range(3)]
    assert answered[1] == answered[2] == answered[0]  # each stays where it is
    assert len(Counter(answered[0])) == 2
    assert min(Counter(answered[0]).values()) >= THREADS


@pytest.mark.parametrize("port", [("0.01", "0.6")], indirect=True)
def test_connections_on_which_nothing_is_said_keep_nobody_waiting(connect):
    silent = [connect() for _ in range(100)]
    for _ in range(3):
        connection = connect()
        connection.sock.settimeout(2)
        assert ask_all([connection])
    assert silent[0].sock.recv(1) == b""  # closed after a while
    silent[-1].sock.settimeout(2)
    assert silent[-1].sock.recv(1) == b""


@pytest.mark.parametrize("port", [("0.01", "0.6")], indirect=True)
def test_a_slow_sender_is_waited_for(connect):
    connection = connect()
    connection.sock.sendall(b"GET / HTTP/1.1\r\n")
    with pytest.raises(socket.timeout):
        connection.sock.settimeout(1)  # longer than silence lasts
        connection.sock.recv(1)
    connection.sock.sendall(b"Host: lily\r\n\r\n")
    assert connection.sock.recv(12) == b"HTTP/1.1 200"
