"""Django's PostgreSQL backend, asking the socket before the server whether a kept connection still lives.

`CONN_HEALTH_CHECKS` sends `SELECT 1` before the first query of each request: a round trip, a sixth of what a busy page
waits for. A server that ended the connection has closed its socket, and that is seen here without asking anybody, as
urllib3 does (`util.connection.is_connection_dropped`).
"""

from __future__ import annotations

import select

from django.db.backends.postgresql import base
from psycopg.pq import TransactionStatus


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """Whether queries can be sent. An idle connection with nothing to read is; any other is asked."""
        return self._is_quiet() or super().is_usable()

    def _is_quiet(self) -> bool:
        if self.connection is None or self.connection.info.transaction_status != TransactionStatus.IDLE:
            return False
        watch = select.poll()  # select() itself knows no file numbers past 1,024
        watch.register(self.connection.fileno(), select.POLLIN)
        return not watch.poll(0)
