"""Mails about people and organizations. A template's first line is the subject."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone

from apps.accounts.catalog import Role
from apps.accounts.models import Export, Organization, OutgoingMail, User
from apps.core import clock, languages
from apps.core.crypto import CannotDecrypt
from apps.plans.catalog import Limit

MAIL_PATIENCE = timedelta(days=1)  # then it is given up: its link is stale or its person has asked for another
SUBJECT_MAX = 200  # characters

log = logging.getLogger("lily.mail")


def compose(template: str, *, language: str = "", **context: object) -> tuple[str, str]:
    """Subject and text of `templates/<template>.txt` in the reader's language, its times in UTC. `base_url` is in the
    context, without a slash at the end."""
    with languages.speaking(language), timezone.override(UTC):
        text = render_to_string(f"{template}.txt", {"base_url": settings.BASE_URL, **context}).strip()
    subject, _, body = text.partition("\n")
    return subject.strip()[:SUBJECT_MAX], f"{body.strip()}\n"


def send_mail(template: str, to: str, *, language: str = "", **context: object) -> None:
    subject, text = compose(template, language=language, **context)
    EmailMessage(subject, text, settings.DEFAULT_FROM_EMAIL, [to]).send()


def mail_deletion_notice(organization_id: str) -> None:
    """To every owner: the organization will be deleted, and how to keep it."""
    organization = Organization.objects.exclude(delete_at=None).filter(pk=organization_id).first()
    if organization is None:
        return
    for owner in _owners(organization):
        send_mail(
            "accounts/mail/deletion_notice",
            owner.email,
            language=owner.language,
            organization=organization,
            person=owner,
        )


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
        send_mail("accounts/mail/limit_notice", owner.email, language=owner.language, person=owner, **facts)


def mail_export_ready(export: Export) -> None:
    send_mail("accounts/mail/export_ready", export.user.email, language=export.user.language, export=export)


def _owners(organization: Organization) -> QuerySet[User]:
    return User.objects.filter(memberships__organization=organization, memberships__role=Role.OWNER)


# -- mails on their way out


def deliver(mail_id: str) -> None:
    """Send a waiting mail, once. What the mail server does not take now waits longer each time, for a day."""
    mail = OutgoingMail.objects.claim(mail_id)
    if mail is None:
        return
    try:
        mail.as_message().send()
    except (OSError, CannotDecrypt) as error:  # smtplib's errors are all of the first kind
        _wait_or_give_up(mail, error)
    else:
        mail.delete()


def _wait_or_give_up(mail: OutgoingMail, error: Exception) -> None:
    is_over = _is_refused_for_good(error) or clock.now() >= mail.created_at + MAIL_PATIENCE
    facts = {"mail": str(mail.pk), "tries": mail.tries, "error": type(error).__name__}
    if is_over:
        log.error("a mail was given up", extra=facts)
        mail.delete()
        return
    log.warning("the mail server did not take a mail", extra=facts)
    mail.next_try_at = clock.now() + mail_back_off(mail.tries)
    mail.save(update_fields=["next_try_at"])


def mail_back_off(tries: int) -> timedelta:
    """Half a minute after the first try, doubled with each up to an hour."""
    return min(timedelta(seconds=30 * 2 ** min(tries - 1, 10)), timedelta(hours=1))


def _is_refused_for_good(error: Exception) -> bool:
    """Whether the mail server knows no such address (5xx, RFC 5321 4.2.1); everything else may be mended."""
    return isinstance(error, SMTPRecipientsRefused) and all(code >= 500 for code, _ in error.recipients.values())
