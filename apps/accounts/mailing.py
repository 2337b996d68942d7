"""Mails: how they are written, and the one way out. A template's first line is the subject."""

from __future__ import annotations

import logging
from datetime import UTC, timedelta
from smtplib import SMTPRecipientsRefused

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from apps.accounts import access
from apps.accounts.models import OutgoingMail
from apps.core import clock, languages
from apps.core.crypto import CannotDecrypt

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


# -- mails on their way out


def deliver(mail_id: str) -> None:
    """Send a waiting mail, once. What the mail server does not take now waits longer each time, for a day. News that
    are no longer the person's to know are not sent."""
    mail = OutgoingMail.objects.claim(mail_id)
    if mail is None:
        return
    if mail.notice and not access.is_concerned(mail.notice):
        mail.delete()
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
