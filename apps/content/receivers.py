"""News from below: brakes, profiles and brands' rules. Each is written on the queued publications in the sender's
transaction."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.accounts.models import Organization, Workspace
from apps.accounts.signals import held, resumed
from apps.brand.signals import rules_changed
from apps.brand.vault import StyleVault
from apps.content import services
from apps.social.models import Channel
from apps.social.signals import (
    channel_connected,
    channel_disconnected,
    channel_paused,
    channel_reconnect_needed,
    channel_resumed,
)


@receiver([held, resumed])
def review_after_brake(organization: Organization, workspace: Workspace | None = None, **_news: Any) -> None:
    services.review_holds(organization=organization, workspace=workspace)


@receiver(rules_changed)
def review_after_new_rules(workspace: Workspace, vault: StyleVault, **_news: Any) -> None:
    services.review_words(workspace=workspace, vault=vault)


@receiver([channel_connected, channel_disconnected, channel_paused, channel_reconnect_needed, channel_resumed])
def review_after_channel_news(channel: Channel, **_news: Any) -> None:
    services.review_channel(channel=channel)
