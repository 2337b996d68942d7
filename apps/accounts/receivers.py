"""What this app hears from below: a limit that is nearly or wholly used is told to the owners by mail."""

from __future__ import annotations

from datetime import datetime

from django.dispatch import receiver

from apps.accounts import tasks
from apps.accounts.models import Organization
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
    tasks.send_limit_notice.delay(
        str(organization.pk),
        limit=str(limit),
        allowed=allowed,
        used=used,
        resets_at=resets_at and resets_at.isoformat(),
    )
