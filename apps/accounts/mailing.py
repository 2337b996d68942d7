"""Mails about people and organizations. A template's first line is the subject."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string

from apps.accounts.catalog import Role
from apps.accounts.models import Export, Invitation, Organization, User
from apps.plans.catalog import Limit


def send_mail(template: str, to: str, **context: object) -> None:
    """Render `templates/<template>.txt` and send it. `base_url` is in the context, without a slash at the end."""
    text = render_to_string(f"{template}.txt", {"base_url": settings.BASE_URL, **context}).strip()
    subject, _, body = text.partition("\n")
    EmailMessage(subject.strip(), f"{body.strip()}\n", settings.DEFAULT_FROM_EMAIL, [to]).send()


def mail_invitation(invitation_id: str) -> None:
    """The link to accept, unless the invitation was accepted or taken back meanwhile."""
    open_ones = Invitation.objects.pending().select_related("organization", "invited_by")
    if invitation := open_ones.filter(pk=invitation_id).first():
        send_mail("accounts/mail/invitation", invitation.email, invitation=invitation)


def mail_deletion_notice(organization_id: str) -> None:
    """To every owner: the organization will be deleted, and how to keep it."""
    organization = Organization.objects.exclude(delete_at=None).filter(pk=organization_id).first()
    if organization is None:
        return
    for owner in _owners(organization):
        send_mail("accounts/mail/deletion_notice", owner.email, organization=organization, person=owner)


def mail_limit_notice(organization_id: str, *, limit: str, allowed: int, used: int, resets_at: str | None) -> None:
    """To every owner: a limit of the plan is nearly or wholly used."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        return
    facts = {
        "organization": organization,
        "what": Limit(limit).label,
        "allowed": allowed,
        "used": used,
        "resets_at": resets_at and datetime.fromisoformat(resets_at).astimezone(organization.zone),
    }
    for owner in _owners(organization):
        send_mail("accounts/mail/limit_notice", owner.email, person=owner, **facts)


def mail_export_ready(export: Export) -> None:
    send_mail("accounts/mail/export_ready", export.user.email, export=export)


def _owners(organization: Organization) -> QuerySet[User]:
    return User.objects.filter(memberships__organization=organization, memberships__role=Role.OWNER)
