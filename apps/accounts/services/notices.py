"""What people do with what they were told, and how they want to be told."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Greatest

from apps.accounts.models import Notice, User


@transaction.atomic
def read_notice(*, notice: Notice) -> None:
    """The person has opened it. Opening twice is opening once."""
    _count_down(notice.user, Notice.objects.filter(pk=notice.pk).mark_read())


@transaction.atomic
def read_notices(*, user: User) -> None:
    """The person has seen all of them."""
    _count_down(user, user.notices.listed().mark_read())


def choose_ways(*, user: User, choices: dict[str, list[str]]) -> None:
    """How the person is told of each kind from now on: kind → ways. Kinds left out stay as they were chosen."""
    user.notice_choices = {**user.notice_choices, **choices}
    user.save(update_fields=["notice_choices"])


def _count_down(user: User, read: int) -> None:
    if read:
        User.objects.filter(pk=user.pk).update(unread_notices=Greatest(F("unread_notices") - read, 0))
