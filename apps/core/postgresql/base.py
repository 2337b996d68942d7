"""Django's PostgreSQL backend with savings for what every page asks.

Prepared cursors: the server plans each statement once for each connection, instead of anew for each request
(https://www.psycopg.org/psycopg3/docs/advanced/prepare.html). Behind pgbouncer that needs version 1.21 or later.
Left to itself the server plans the first five times for the values given, and for ever where such a plan looks cheaper
by a hair (https://www.postgresql.org/docs/current/runtime-config-query.html, plan_cache_mode).

A look at the socket: `CONN_HEALTH_CHECKS` sends `SELECT 1` before the first query of each request, a round trip, a
sixth of what a busy page waits for. A server that ended the connection has closed its socket, and that is seen here
without asking anybody, as urllib3 does (`util.connection.is_connection_dropped`).
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base, operations
from psycopg.pq import TransactionStatus

PREPARED = "prepared"


class PreparedCursor(psycopg.Cursor):
    """The connection keeps the hundred statements used last; psycopg forgets them when it rolls back."""

    def execute(self, query: Any, params: Any = None, **_: Any) -> PreparedCursor:
        self.connection.prepare_threshold = 0  # Django's None keeps every statement from being prepared
        try:
            return super().execute(query, params)
        finally:
            self.connection.prepare_threshold = None


class DatabaseOperations(operations.DatabaseOperations):
    def last_executed_query(self, cursor: Any, sql: str, params: Any) -> str | None:
        """With its values, for logs and tests: a prepared statement went to the server without them."""
        if isinstance(cursor, PreparedCursor):
            return self.compose_sql(sql, params)
        return super().last_executed_query(cursor, sql, params)


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def _configure_connection(self, connection: psycopg.Connection) -> bool:
        super()._configure_connection(connection)  # type: ignore[misc]
        connection.execute("SET plan_cache_mode = force_generic_plan")
        return True  # it is to be committed

    def prepared_cursor(self) -> Any:
        """A cursor like any of Django's, whose values go beside the statement; only text that stays the same pays."""
        return self._cursor(PREPARED)  # type: ignore[attr-defined]

    def create_cursor(self, name: str | None = None) -> Any:
        return PreparedCursor(self.connection) if name == PREPARED else super().create_cursor(name)

    def is_usable(self) -> bool:
        """Whether queries can be sent. An idle connection with nothing to read is; any other is asked."""
        return self._is_quiet() or super().is_usable()

    def _is_quiet(self) -> bool:
        if self.connection is None or self.connection.info.transaction_status != TransactionStatus.IDLE:
            return False
        watch = select.poll()  # select() itself knows no file numbers past 1,024
        watch.register(self.connection.fileno(), select.POLLIN)
        return not watch.poll(0)
