"""Rows to count for tests of the door itself, whatever the apps above register."""

from collections.abc import Iterator

import pytest

from apps.plans import entitlements
from apps.plans.catalog import Limit


@pytest.fixture
def slot_rows() -> Iterator[list[Limit]]:
    """Workspaces and memberships count, oldest first, and nothing else does."""
    registered = dict(entitlements._rows)
    entitlements._rows.clear()
    entitlements.register(Limit.WORKSPACES, lambda organization: organization.workspaces.order_by("created_at", "id"))
    entitlements.register(Limit.MEMBERS, lambda organization: organization.memberships.order_by("created_at", "id"))
    yield list(entitlements._rows)
    entitlements._rows.clear()
    entitlements._rows.update(registered)
