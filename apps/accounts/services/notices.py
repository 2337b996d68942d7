"""What people do with what they were told, and how they want to be told."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import Notice, User


@transaction.atomic
def read_notice(*, notice: Notice) -> None:
    """The person has opened it. Opening twice is opening once."""
    reader = User.objects.filter(pk=notice.user_id)
    reader.lock()
    if Notice.objects.filter(pk=notice.pk).mark_read():
        reader.recount_notices()


@transaction.atomic
def read_notices(*, user: User) -> None:
    """The person has seen all of them."""
    reader = User.objects.filter(pk=user.pk)
    reader.lock()
    user.notices.listed().mark_read()
    reader.recount_notices()


def choose_ways(*, user: User, choices: dict[str, list[str]]) -> None:
    """How the person is told of each kind from now on: kind → ways. Kinds left out stay as they were chosen."""
    user.notice_choices = {**user.notice_choices, **choices}
    user.save(update_fields=["notice_choices"])
