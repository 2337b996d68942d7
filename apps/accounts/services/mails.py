"""Mails a person waits for: verification, reset, what happened to their account, invitations."""

from __future__ import annotations

import logging

from django.db import transaction
from kombu.exceptions import OperationalError

from apps.accounts import mailing, tasks
from apps.accounts.models import Invitation, OutgoingMail

log = logging.getLogger("lily.mail")


def post_mail(*, to: str, subject: str, text: str, invitation: Invitation | None = None) -> OutgoingMail:
    """Have a mail sent by a worker at once, and again until the mail server takes it.

    The request answers without waiting for a mail server: how long it takes tells nobody whether an address is known,
    and one that is down breaks no page. Where there is no queue the mail is tried here and now instead of lost. One
    about an `invitation` that is taken back meanwhile goes with it.
    """
    mail = OutgoingMail.objects.create(to=to, subject=subject, text=text, invitation=invitation)
    transaction.on_commit(lambda: _hand_over(mail))
    return mail


def _hand_over(mail: OutgoingMail) -> None:
    try:
        tasks.send_mail.apply_async([str(mail.pk)], retry=False)
    except OperationalError:
        log.warning("no queue: a mail is sent within its request", extra={"mail": str(mail.pk)})
        mailing.deliver(str(mail.pk))
