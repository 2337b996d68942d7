"""What this app hears from below: a limit that is nearly or wholly used is told to the owners."""

from __future__ import annotations

from datetime import datetime

from django.dispatch import receiver

from apps.accounts.catalog import LIMIT_NEARED
from apps.accounts.models import Organization
from apps.accounts.telling import tell
from apps.core import clock
from apps.plans.catalog import Limit
from apps.plans.signals import limit_neared


@receiver(limit_neared)
def tell_owners(
    *,
    organization: Organization,
    limit: str,
    percent: int,
    allowed: int,
    used: int,
    resets_at: datetime | None,
    **kwargs: object,
) -> None:
    """Once for each period; of what has none (members, profiles) at most once a day."""
    period = resets_at or clock.now().date()
    tell(
        LIMIT_NEARED,
        key=f"{organization.pk}:{limit}:{percent}:{period.isoformat()}",
        tenant=organization,
        page="usage",
        facts={"limit": str(limit), "allowed": allowed, "used": used},
        organization=organization,
        what=Limit(limit).label,
        allowed=allowed,
        used=used,
        resets_at=resets_at,
    )
