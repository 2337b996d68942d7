"""Telling people that a profile waits for them."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts.catalog import CHANNEL_LOST
from apps.accounts.telling import tell
from apps.core import clock
from apps.social.models import Channel


@transaction.atomic
def tell_of_lost(channel_pk: UUID) -> None:
    """Tell those who may mend it that a profile has to be connected again, once."""
    waiting = Channel.objects.untold().locked_or_skipped()
    channel = waiting.select_related("workspace__organization").filter(pk=channel_pk).first()
    if channel is None:
        return
    channel.told_at = clock.now()
    channel.save(update_fields=["told_at"])
    tell(
        CHANNEL_LOST,
        key=f"{channel.pk}:{channel.told_at.isoformat()}",
        tenant=channel.workspace,
        page={"name": "channel_reconnect", "pk": str(channel.pk)},
        facts={"handle": channel.handle, "network": channel.facts.label},
        channel=channel,
    )
