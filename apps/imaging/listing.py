"""What the library's page shows: every picture of the workspace, newest first."""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from apps.accounts.models import Workspace
from apps.core.paging import Page
from apps.core.prepared import Prepared
from apps.media import signing
from apps.media.models import Asset

PAGE = 48  # pictures
KEY: Any = Cast("pk", TextField())
VARIANT = Case(When(preview="", then=Value("file")), default=Value("preview"))


class Tile(NamedTuple):
    """A picture as one tile; `url` is a signed address and "" where there is nothing to show."""

    pk: str
    name: str
    alt_text: str
    state: str
    width: int
    height: int
    url: str

    @property
    def is_pending(self) -> bool:
        return self.state == Asset.State.PENDING


def _compose_page(workspace: UUID, **chosen: Any) -> QuerySet:
    assets = Asset.objects.filter(workspace=workspace).newest_first()
    assets = assets.filter(kind=chosen["kind"]) if "kind" in chosen else assets
    assets = assets.older_than(chosen["after"]) if "after" in chosen else assets
    return assets.values_list(KEY, "name", "alt_text", "state", "width", "height", VARIANT)[: PAGE + 1]


_page = Prepared(_compose_page)


def page(workspace: Workspace, *, kind: str = "", after: UUID | None = None) -> Page:
    """Pictures of one kind or all, from after the key `after`."""
    chosen = {"kind": kind, "after": after}
    rows = _page(workspace=workspace.pk, **{name: value for name, value in chosen.items() if value})
    address = signing.addressing()

    def tile(pk: str, name: str, alt_text: str, state: str, width: int, height: int, variant: str) -> Tile:
        url = address(pk, variant) if state == Asset.State.READY else ""
        return Tile(pk, name, alt_text, state, width, height, url)

    return Page([tile(*row) for row in rows[:PAGE]], rows[PAGE - 1][0] if len(rows) > PAGE else "")
