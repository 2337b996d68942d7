"""The only door to plans: what an organization may do, and how much of it is used.

Upper apps never read `plans.models`. Counted rows (channels, members, workspaces) are registered by the app that
owns them, in `ready()`: `entitlements.register(Limit.CHANNELS, queryset_of_organization)`, oldest (kept) first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Model, QuerySet

from apps.plans.catalog import Choice, Feature, Level, Limit

if TYPE_CHECKING:
    from apps.accounts.models import Organization


def register(limit: Limit, rows: Callable[[Organization], QuerySet]) -> None:
    """Say which rows count against a slot limit; the queryset is ordered by who stays when there are too many."""
    raise NotImplementedError


def plan_of(organization: Organization):
    """The effective plan by the clock, overrides included; read once per request and kept on the instance."""
    raise NotImplementedError


def allows(organization: Organization, feature: Feature) -> bool:
    """Whether the effective plan states the feature."""
    return False


def require(organization: Organization, feature: Feature) -> None:
    """Raises FeatureNotInPlan."""
    raise NotImplementedError


def require_level(organization: Organization, level: Level, value: str) -> None:
    """Raises FeatureNotInPlan if the plan's level is below `value`."""
    raise NotImplementedError


def require_choice(organization: Organization, choice: Choice, value: str) -> None:
    """Raises FeatureNotInPlan if the plan does not state this member of the choice (a network, an image model)."""
    raise NotImplementedError


def require_horizon(organization: Organization, at: datetime) -> None:
    """Raises LimitReached if `at` is further ahead than the plan's horizon."""
    raise NotImplementedError


def slot(organization: Organization, limit: Limit) -> None:
    """Inside a transaction: lock the organization's standing, count the rows, raise LimitReached if there is no room.

    The caller creates the row in the same transaction, so a race of fifty never passes the cap.
    """
    raise NotImplementedError


def is_locked(organization: Organization, limit: Limit, pk: UUID) -> bool:
    """Whether a counted row is surplus to the effective plan (locked, never deleted)."""
    raise NotImplementedError


def reserve(subject: Model, *limits: Limit, organization: Organization, due: datetime, expires: datetime | None = None):
    """Reserve one of each limit for `subject`, on the periods of `due`. Raises LimitReached and then changes nothing.

    Publications: `reserve(publication, Limit.PUBLICATIONS_DAY, Limit.PUBLICATIONS_WEEK, organization=…, due=due_at)`.
    Idempotent per subject and limit; a released one is reserved anew.
    """
    raise NotImplementedError


def move(subject: Model, *, organization: Organization, due: datetime) -> None:
    """Move what is reserved for `subject` to the periods of another due time. Raises LimitReached, changing nothing."""
    raise NotImplementedError


def commit(subject: Model) -> None:
    """What was reserved for `subject` is used. Safe to call twice."""
    raise NotImplementedError


def release(subject: Model) -> None:
    """What was reserved for `subject` is free again. Safe to call twice; never undoes a commit."""
    raise NotImplementedError


def usage(organization: Organization):
    """One line per limit for pages: allowed, used, reserved, percent, resets_at, level (ok, warn, full)."""
    raise NotImplementedError
