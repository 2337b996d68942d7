"""Servers to measure: gunicorn as Lily is served, with Lily in it or with something to compare it with.

BENCH_SERVER names another one, where it is installed, that was looked at (docs/decisions/house.md): granian, uvicorn.
"""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
START = 60  # seconds
SERVERS = {
    "gunicorn": "gunicorn {wsgi} --config config/gunicorn.py --bind {host}:{port} --max-requests 0",
    "granian": "granian {wsgi} --interface wsgi --host {host} --port {port} --workers {workers} "
    "--blocking-threads {threads} --no-access-log --log-level warning",
    "uvicorn": "uvicorn {asgi} --host {host} --port {port} --workers {workers} --log-level warning",
}


@contextmanager
def served(application: str, port: int, **environment: str) -> Iterator[subprocess.Popen]:
    """`module:application` on this port, by as many processes as Lily's; its log goes beside the data of the run."""
    log = Path(os.environ["STATE"], f"{application.partition(':')[0]}.log")
    words = SERVERS[os.environ.get("BENCH_SERVER", "gunicorn")].format(
        wsgi=application,
        asgi=application.replace("wsgi", "asgi"),
        host="127.0.0.1",
        port=port,
        workers=os.environ["WEB_CONCURRENCY"],
        threads=os.environ.get("WEB_THREADS", "4"),
    )
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", *words.split()],
            cwd=ROOT,
            env=os.environ | {"CLOCK_FILE": ""} | environment,
            stdout=out,
            stderr=out,
        )
    try:
        until = time.monotonic() + START
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{application} does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    peer = http.client.HTTPConnection("127.0.0.1", port, timeout=START)
    try:
        peer.request("GET", "/")
        return peer.getresponse().status > 0
    except OSError:
        return False
    finally:
        peer.close()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
