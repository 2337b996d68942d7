"""Work done later: mails, exports, deletions. Every task may run twice."""

from __future__ import annotations

from celery import shared_task

from apps.accounts import deleting, exporting, mailing
from apps.accounts.models import OutgoingMail

MAILS_AT_ONCE = 200


@shared_task(ignore_result=True)
def send_mail(mail_id: str) -> None:
    mailing.deliver(mail_id)


@shared_task(ignore_result=True)
def send_waiting_mails() -> None:
    """Every half minute: news, mails the mail server did not take, and those whose task was lost with the queue."""
    for pk in OutgoingMail.objects.due().values_list("pk", flat=True)[:MAILS_AT_ONCE]:
        send_mail.delay(str(pk))


@shared_task(ignore_result=True, time_limit=1800, soft_time_limit=1740)
def make_export(export_id: str) -> None:
    exporting.make_export(export_id)


@shared_task(ignore_result=True, time_limit=600, soft_time_limit=540)
def delete_due() -> None:
    deleting.delete_due()


@shared_task(ignore_result=True)
def clear_expired() -> None:
    deleting.clear_expired()
