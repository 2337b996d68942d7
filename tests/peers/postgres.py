"""A PostgreSQL of a test's own with durable data, which crashes and is started again on what it had written down."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psycopg

from house import places, services


class Postgres:
    """A copy of the database `source`, kept in `folder`: one that the servers' user may enter (`places.temporary`)."""

    def __init__(self, folder: Path, *, source: str) -> None:
        self.folder, self.programs = folder / "postgres", services.find_programs()
        self.port = services.free_port()
        with services.running(folder, lasting=True, given={"REDIS_URL": "not needed"}) as addresses:
            self._copy(source, addresses.database)
        password = places.secret(self.folder / "password")
        self.url = f"postgresql://{services.ROLE}:{password}@127.0.0.1:{self.port}/{services.DATABASE}"
        self.start()

    def start(self) -> None:
        """Start it (again), on the same port with the same data."""
        data = self.folder / "data"
        self.process, _ = services._start(
            lambda _free: services._start_postgres(self.programs, self.folder, data, self.port, lasting=True)
        )

    def crash(self, signum: signal.Signals) -> None:
        """No checkpoint, no farewell: what was not written to its log is gone."""
        self.process.send_signal(signum)
        self.process.wait(10)

    def recover(self) -> None:
        """Start it again if it ended; returns when it has read its log and answers."""
        if self.process.poll() is not None:
            self.start()
        until = time.monotonic() + services.START
        while True:
            try:
                psycopg.connect(self.url).close()
                return
            except psycopg.OperationalError:  # it reads its log, or ends the connections it still has
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        self.crash(signal.SIGQUIT)

    def _copy(self, source: str, target: str) -> None:
        dump = self.folder / "dump"
        services._run([self.programs.postgres / "pg_dump", "-Fc", f"--file={dump}", source], self.folder)
        services._run([self.programs.postgres / "pg_restore", "--no-owner", f"--dbname={target}", dump], self.folder)
