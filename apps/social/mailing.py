"""Mails about connected profiles."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.accounts import access
from apps.accounts.catalog import Permission
from apps.accounts.mailing import send_mail
from apps.accounts.models import User, Workspace
from apps.core import clock
from apps.core.errors import NotFound
from apps.social.models import Channel


def mail_reconnect(channel_pk: UUID) -> None:
    """Tell those who may mend it that a profile needs a person; once, unless sending fails."""
    with transaction.atomic():
        waiting = Channel.objects.untold().locked_or_skipped()
        channel = waiting.select_related("workspace__organization").filter(pk=channel_pk).first()
        if channel is None:
            return
        for person in people_managing(channel.workspace):
            send_mail("social/mail/reconnect", person.email, language=person.language, person=person, channel=channel)
        channel.told_at = clock.now()
        channel.save(update_fields=["told_at"])


def people_managing(workspace: Workspace) -> list[User]:
    """Those who may connect profiles of a workspace."""
    members = workspace.organization.memberships.select_related("user")
    return [membership.user for membership in members if _may_manage(membership.user, workspace)]


def _may_manage(person: User, workspace: Workspace) -> bool:
    try:
        return Permission.CHANNELS_CONNECT in access.find_workspace(person, workspace.slug).permissions
    except NotFound:
        return False
