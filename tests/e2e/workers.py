"""A real worker with its beat, for journeys that end on a network."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.peers.processes import Process

CHECKOUT = Path(__file__).parents[2]


class Worker:
    """Celery over every queue, with beat: what `bin/dev` runs in three processes. Uses this test's own stores."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        options = "worker --queues default,publish,imaging --concurrency 2 --loglevel WARNING --without-mingle --beat"
        command = [sys.executable, "-m", "celery", "--app", "config.celery", "--quiet", *options.split()]
        self.log = folder / "worker.log"
        self.process = Process(
            [*command, "--schedule", str(folder / "beat"), "--hostname", "journey@%h"],
            log=self.log,
            env={"DJANGO_SETTINGS_MODULE": "config.settings.test", **environment},
            cwd=CHECKOUT,
        )

    def stop(self) -> None:
        self.process.stop()
