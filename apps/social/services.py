"""What people do with a connected profile besides connecting it."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.core import audit
from apps.social.models import Channel
from apps.social.signals import channel_paused, channel_resumed


@transaction.atomic
def pause_channel(channel: Channel, *, actor: User, reason: str = "") -> Channel:
    """Pull the brake of one profile: nothing is sent until `resume_channel`."""
    channel = _locked(channel)
    channel.pause()
    channel.save(update_fields=["is_paused"])
    _record("channel.paused", channel, actor, reason)
    channel_paused.send(Channel, channel=channel, actor=actor)
    return channel


@transaction.atomic
def resume_channel(channel: Channel, *, actor: User, reason: str = "") -> Channel:
    """Let the brake go; the apps above apply their rule to what was held."""
    channel = _locked(channel)
    channel.resume()
    channel.save(update_fields=["is_paused"])
    _record("channel.resumed", channel, actor, reason)
    channel_resumed.send(Channel, channel=channel, actor=actor)
    return channel


def _locked(channel: Channel) -> Channel:
    return Channel.objects.locked().get(pk=channel.pk)


def _record(action: str, channel: Channel, actor: User, reason: str) -> None:
    workspace = channel.workspace
    audit.record(
        action,
        organization=workspace.organization,
        actor=actor,
        workspace=workspace,
        target=channel,
        reason=reason,
    )
