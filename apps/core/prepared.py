"""Queries that many pages ask, composed once.

Django composes the SQL of a queryset anew every time; for what each page asks, that costs about ten times what the
database takes to answer (docs/decisions). A `Prepared` query is composed at its first use, and from then on only its
values are exchanged. Rows come out as the queryset would give them. The server plans it once for each connection,
unless it ends after so many rows: a plan for any tenant's first thirty reads everybody's newest until it has them.
Where it cannot, because no other index has the order that is asked for, say `is_planned_once`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Field, ForeignObject, Lookup, Model, QuerySet, prefetch_related_objects
from django.db.models.sql.compiler import SQLCompiler

MARKS: dict[type, Callable[[], Any]] = {
    UUID: uuid4,
    str: lambda: secrets.token_hex(16),
    datetime: lambda: datetime.fromtimestamp(secrets.randbelow(2**31) + secrets.randbelow(10**6) / 10**6, UTC),
}


class Prepared:
    """`Prepared(lambda user: Workspace.objects.for_member(user))`, then `workspaces(user=user.pk)` gives a list.

    Every value (a UUID, str, datetime, or a list of UUIDs or datetimes) must go into the SQL as it is given, as a
    parameter: what is computed from one, or decided by one, would be frozen. Tests compose each query anew and compare.
    """

    is_compared: ClassVar[bool] = False  # tests set it: every use is compared with the queryset composed anew

    def __init__(self, compose: Callable[..., QuerySet], *, is_planned_once: bool = False) -> None:
        self.compose, self.is_planned_once = compose, is_planned_once
        self._composed: dict[frozenset[str], _Composed] = {}

    def __call__(self, **values: Any) -> list[Any]:
        """The rows for these values; each set of names is composed once."""
        names = frozenset(values)
        composed = self._composed.get(names)
        if composed is None:
            composed = self._composed[names] = _Composed.of(self.compose, values)
        if self.is_compared:
            composed.compare(self.compose(**values), values)
        return composed.run(values, is_planned_once=self.is_planned_once or not composed.queryset.query.is_sliced)

    def first(self, **values: Any) -> Any:
        """The first row, None where there is none."""
        return next(iter(self(**values)), None)

    def get(self, **values: Any) -> Any:
        """The first row. Raises the model's DoesNotExist where there is none."""
        rows = self(**values)
        if not rows:
            raise self._composed[frozenset(values)].queryset.model.DoesNotExist
        return rows[0]


@dataclass(frozen=True)
class _Composed:
    """A queryset's SQL with its parameters: `slots` names the value of each, or None for one that stays.

    `statement` has those that stay in it, so that the server's plan may rest on them: partial indexes do.
    """

    queryset: QuerySet
    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    slots: tuple[str | None, ...]
    statement: str
    converters: dict[int, Any]

    @classmethod
    def of(cls, compose: Callable[..., QuerySet], values: dict[str, Any]) -> _Composed:
        """Composed with marks in place of the values, so that each is found again among the parameters."""
        marks = {name: _mark(value) for name, value in values.items()}
        queryset = compose(**marks)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        sent = {name: as_sent(mark) for name, mark in marks.items()}
        slots = tuple(next((name for name, mark in sent.items() if mark == param), None) for param in params)
        if set(slots) - {None} != set(marks):
            raise TypeError(f"{set(marks) - set(slots)} do not reach the SQL as they are given.")
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        return cls(queryset, compiler, sql, tuple(params), slots, _stated(sql, params, slots), converters)

    def filled(self, values: dict[str, Any]) -> tuple[Any, ...]:
        sent = {name: as_sent(value) for name, value in values.items()}
        pairs = zip(self.slots, self.params, strict=True)
        return tuple(param if slot is None else sent[slot] for slot, param in pairs)

    def run(self, values: dict[str, Any], *, is_planned_once: bool) -> list[Any]:
        """As `QuerySet._fetch_all`, by a copy of the compiler that has its rows already."""
        compiler: Any = copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # this thread's
        rows = self._fetch(compiler, values, is_planned_once)
        compiler.execute_sql = lambda *args, **kwargs: rows
        compiler.results_iter = lambda *args, **kwargs: iter(rows)
        queryset: Any = self.queryset
        query = SimpleNamespace(get_compiler=lambda using: compiler, selected=queryset.query.selected)
        stand_in: Any = SimpleNamespace(
            db=DEFAULT_DB_ALIAS, model=queryset.model, query=query, _known_related_objects={}
        )
        found = list(queryset._iterable_class(stand_in))
        prefetch_related_objects(found, *queryset._prefetch_related_lookups)
        return found

    def _fetch(self, compiler: Any, values: dict[str, Any], is_planned_once: bool) -> Iterable[tuple[Any, ...]]:
        sent = {name: as_sent(value) for name, value in values.items()}
        connection = compiler.connection
        with connection.prepared_cursor() if is_planned_once else connection.cursor() as cursor:
            cursor.execute(self.statement, [sent[slot] for slot in self.slots if slot])
            rows = cursor.fetchall()
        return map(tuple, compiler.apply_converters(rows, self.converters)) if self.converters else rows

    def compare(self, queryset: QuerySet, values: dict[str, Any]) -> None:
        sql, params = queryset.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        if (sql, tuple(params)) != (self.sql, self.filled(values)):
            raise AssertionError(f"{sql} {params} is prepared as {self.sql} {self.filled(values)}")


@ForeignObject.register_lookup
@Field.register_lookup
class Among(Lookup):
    """`filter(post__among=keys)`: like `__in`, but one parameter however many values there are (`= ANY(array)`)."""

    lookup_name, prepare_rhs = "among", False

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        lhs, lhs_params = self.process_lhs(compiler, connection)
        field = self.lhs.output_field
        kind = getattr(field, "target_field", field).db_type(connection)
        return f"{lhs} = ANY(%s::{kind}[])", (*lhs_params, as_sent(self.rhs))


def keep(row: Model, name: str, related: list[Any]) -> None:
    """Let `row.name.all()` give these rows, as `prefetch_related` does with those it has found."""
    found: Any = row._meta.get_field(name).related_model._default_manager.all()
    found._result_cache, found._prefetch_done = related, True
    row.__dict__.setdefault("_prefetched_objects_cache", {})[name] = found


def as_sent(value: Any) -> Any:
    """A list of keys or times as PostgreSQL writes an array, which is made ten times as fast as the driver does."""
    if not isinstance(value, list):
        return value
    texts = [
        one if isinstance(one, str) else one.isoformat() if isinstance(one, datetime) else str(one) for one in value
    ]
    return f"{{{','.join(texts)}}}"


def _stated(sql: str, params: Sequence[Any], slots: Sequence[str | None]) -> str:
    """The SQL with every parameter that stays written out."""
    ops: Any = connections[DEFAULT_DB_ALIAS].ops
    texts = (
        "%s" if slot else ops.compose_sql("%s", [param]).replace("%", "%%")
        for slot, param in zip(slots, params, strict=True)
    )
    return sql.replace("%%", "%%%%") % tuple(texts)


def _mark(value: Any) -> Any:
    return [_mark(value[0])] if isinstance(value, list) else MARKS[type(value)]()
