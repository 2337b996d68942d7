"""The settings of the web server with less patience than in production, and a page that says which process made it."""

import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from config import web_worker
from config.gunicorn import *  # noqa: F403

web_worker.PATIENCE, web_worker.SILENCE = float(os.environ["PATIENCE"]), float(os.environ["SILENCE"])


def post_worker_init(worker):
    Path(os.environ["READY"], str(worker.pid)).touch()


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    time.sleep(0.05)
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
