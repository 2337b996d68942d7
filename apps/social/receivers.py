"""What this app hears from below: a workspace that goes for good gives its permissions back at the networks."""

from __future__ import annotations

from django.dispatch import receiver

from apps.accounts.models import Organization, Workspace
from apps.accounts.signals import deleting
from apps.social import connecting
from apps.social.models import Channel


@receiver(deleting)
def give_permissions_back(*, organization: Organization, workspace: Workspace | None, **kwargs: object) -> None:
    channels = Channel.objects.of_organization(organization).counted()
    for channel in channels.filter(workspace=workspace) if workspace else channels:
        connecting.disconnect(channel, actor=None, reason="deleted")
