"""Mail in development: kept as files, read on the mailbox page. Absent in production (`MAILBOX_DIR` is None there)."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from apps.core.errors import NotFound
from apps.core.ids import uuid7

KEPT = 200  # mails; older ones are dropped when a new one comes
_LINK = re.compile(r"https?://[^\s<>\"')\]]+")


class MailboxBackend(BaseEmailBackend):
    """EMAIL_BACKEND of development: one file per mail in `MAILBOX_DIR`, named by time."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        place = _place()
        place.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            part = place / f"{uuid7()}.part"
            part.write_bytes(message.message().as_bytes())
            part.rename(part.with_suffix(".eml"))  # a reader never sees half a mail
        for old in sorted(place.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return len(email_messages)


@dataclass(frozen=True)
class Mail:
    """One kept mail, as the page shows it."""

    id: UUID
    at: datetime
    sender: str
    to: str
    subject: str
    text: str

    @property
    def links(self) -> list[str]:
        return list(dict.fromkeys(link.rstrip(".,;:") for link in _LINK.findall(self.text)))


def mails() -> list[Mail]:
    """Newest first. Raises NotFound where there is no mailbox."""
    return [_read(path) for path in sorted(_place().glob("*.eml"), reverse=True)]


def find_mail(mail_id: UUID) -> Mail:
    """Raises NotFound."""
    path = _place() / f"{mail_id}.eml"
    if not path.exists():
        raise NotFound
    return _read(path)


def _place() -> Path:
    if settings.MAILBOX_DIR is None:
        raise NotFound
    return Path(settings.MAILBOX_DIR)


def _read(path: Path) -> Mail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    at = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
    return Mail(UUID(path.stem), at, str(message["From"]), str(message["To"]), str(message["Subject"]), _text(message))


def _text(message: ParsedMessage) -> str:
    body = message.get_body(preferencelist=("plain", "html"))
    return body.get_content().strip() if body is not None else ""
