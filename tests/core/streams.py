"""The events process and a Valkey of its own, for the tests of both sides."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
from django.conf import settings

from house import services
from tests.peers.processes import Process, free_port, listens

SITE = "http://127.0.0.1:8000"


class Valkey:
    """A server of this file's own, that can be killed and started again on its port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port, self.process = folder, free_port(), None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        words = [str(services.find_programs().valkey), "--port", str(self.port), "--save", "", "--appendonly", "no"]
        self.process = Process([*words, "--bind", "127.0.0.1"], log=self.folder / "valkey.log", cwd=self.folder)
        self.process.wait_until(listens(self.port))

    def kill(self) -> None:
        self.process.kill()


class Server:
    """The events process as the Procfile runs it, in a hurry, for the pages of `site`. Ends with its block."""

    def __init__(self, folder: Path, valkey_url: str, *, site: str = SITE) -> None:
        self.port = free_port()
        self.log = folder / f"events-{self.port}.log"
        told = {"EVENTS_BIND": f"127.0.0.1:{self.port}", "BASE_URL": site, "REDIS_URL": valkey_url}
        told |= {"DJANGO_SETTINGS_MODULE": "config.settings.test", "PYTEST_XDIST_WORKER": "gw0"}
        words = ["-m", "gunicorn", "config.events", "--config", "tests/core/hurried_events.py"]
        self.process = Process([sys.executable, *words], log=self.log, env=told, cwd=settings.BASE_DIR)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/events"

    @property
    def worker(self) -> psutil.Process:
        [child] = psutil.Process(self.process.pid).children()
        return child

    def __enter__(self) -> Server:
        self.process.wait_until(listens(self.port))
        self.process.wait_until(psutil.Process(self.process.pid).children)  # gunicorn listens before it has a worker
        return self

    def __exit__(self, *_: object) -> None:
        self.process.stop()
