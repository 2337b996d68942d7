"""Rows to count for tests of the door itself, whatever the apps above register."""

from collections.abc import Iterator

import pytest

from apps.accounts.models import Membership, Workspace
from apps.plans import entitlements
from apps.plans.catalog import Limit


@pytest.fixture
def slot_rows() -> Iterator[list[Limit]]:
    """Workspaces and memberships count, oldest first, and nothing else does."""
    registered = dict(entitlements._counted)
    entitlements._counted.clear()
    entitlements.register(
        Limit.WORKSPACES, lambda tenant: Workspace.objects.filter(organization=tenant).order_by("created_at", "id")
    )
    entitlements.register(
        Limit.MEMBERS, lambda tenant: Membership.objects.filter(organization=tenant).order_by("created_at", "id")
    )
    yield list(entitlements._counted)
    entitlements._counted.clear()
    entitlements._counted.update(registered)
