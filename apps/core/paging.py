"""Pages of lists by key: the next page starts after the last row shown, so that page 1,000 costs what page 1 does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """Some rows, newest first; `after` leads to the next ones and is empty on the last page."""

    rows: list[Any]
    after: str

    def __iter__(self) -> Iterator[Any]:
        return iter(self.rows)


def newest_first(rows: QuerySet, *, after: str = "", size: int = PAGE_SIZE) -> Page:
    """A page of rows whose key is a time-ordered UUID. An `after` that is no key is taken as the first page."""
    with suppress(ValueError):
        rows = rows.filter(pk__lt=UUID(after))
    found = list(rows.order_by("-pk")[: size + 1])
    return Page(found[:size], str(found[size - 1].pk) if len(found) > size else "")


def by_cursor(rows: QuerySet, *, limit: int, cursor: UUID | None = None) -> Page:
    """The same as the API asks for it."""
    return newest_first(rows, after=str(cursor or ""), size=limit)
