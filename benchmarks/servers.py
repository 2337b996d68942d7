"""Servers to measure: gunicorn as Lily is served, with Lily in it or with something to compare it with."""

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


@contextmanager
def served(application: str, port: int, **environment: str) -> Iterator[None]:
    """`module:application` under config/gunicorn.py on this port; its log goes beside the data of the run."""
    log = Path(os.environ["STATE"], f"{application.partition(':')[0]}.log")
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", application, "--config", "config/gunicorn.py", "--max-requests", "0"],
            cwd=ROOT,
            env=os.environ | {"WEB_BIND": f"127.0.0.1:{port}", "CLOCK_FILE": ""} | environment,
            stdout=out,
            stderr=out,
        )
    try:
        until = time.monotonic() + START
        while not _answers(port):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{application} does not answer: {log.read_text()[-2000:]}")
            time.sleep(0.1)
        yield
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
