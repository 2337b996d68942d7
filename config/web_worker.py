"""gunicorn's threaded worker with two faults mended (gunicorn 27.0).

It takes whatever connections there are, whether it has a thread for them or not: of two processes one got all of
sixteen browsers and the other none, and a proxy keeps such connections for a minute
(https://github.com/benoitc/gunicorn/issues/3433). And one on which nothing is said takes a thread for five seconds, so
that with a few hundred of them nobody is answered.
"""

from __future__ import annotations

import time
from concurrent.futures import Future
from typing import Any

from gunicorn.workers import gthread

PATIENCE = 0.01  # seconds until one more is taken all the same, so that nobody waits for others to leave
SILENCE = 10.0  # seconds in which a new connection has to say something


class FairWorker(gthread.ThreadWorker):
    """Takes a connection while a thread is free for it, or after a moment in which nobody else took it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.taken_at = 0.0
        super().__init__(*args, **kwargs)

    @property
    def worker_connections(self) -> int:
        """How many there may be until no more are taken; asked each time before looking."""
        if time.monotonic() - self.taken_at > PATIENCE:
            return self.most
        return min(self.most, len(self.keepalived_conns) + self.cfg.threads)

    @worker_connections.setter
    def worker_connections(self, most: int) -> None:
        self.most = most

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        super().wait_for_and_dispatch_events(timeout if self._accepting else min(timeout, PATIENCE))

    def enqueue_req(self, conn: gthread.TConn) -> None:
        """A new connection waits for its first request as a kept one does for its next: without a thread."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        self.taken_at = time.monotonic()
        silent: Future = Future()
        silent.set_result(gthread._DEFER)
        self.finish_request(conn, silent)
        conn.timeout = self.taken_at + SILENCE
