"""Telling people what happened, in Lily and by mail, as each has chosen.

Only rows are written, in the caller's transaction: what is told is told when the caller's work is done, and not
otherwise. `tasks.send_waiting_mails` sends the mails within half a minute.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.accounts import access
from apps.accounts.catalog import Kind, Way
from apps.accounts.mailing import compose
from apps.accounts.models import Notice, Organization, OutgoingMail, User, Workspace
from apps.core import clock, languages


@transaction.atomic
def tell(
    kind: Kind,
    *,
    key: str,
    tenant: Organization | Workspace | None,
    page: str | dict[str, Any],
    facts: dict[str, Any],
    people: Iterable[User] | None = None,
    by: User | None = None,
    **context: object,
) -> int:
    """Tell `people` (None: whoever has the kind's permission in the tenant) of an event, once for each `key`.

    `page` is the name of the page it leads to, or a dict with `name`, `pk` and `query`; `facts` are plain values for
    the kind's sentence, `context` what its mail's template needs beside them. Who did it (`by`) knows already. Returns
    how many people were told.
    """
    if people is None:
        people = access.find_people(tenant, kind.permission)
    where = {"organization": tenant, "workspace": None}
    if isinstance(tenant, Workspace):
        where = {"organization": tenant.organization, "workspace": tenant}
    told = {"page": {"name": page} if isinstance(page, str) else page, "facts": facts, **where}
    others = sorted((person for person in people if person != by), key=lambda person: person.pk)  # one order of locks
    return sum(_tell(person, kind, key, told, context) for person in others)


@transaction.atomic
def take_back(kind: Kind, *, tenant: Organization | Workspace, key: str = "") -> None:
    """It no longer holds: what was told of it goes, and with it what still waits to be mailed. `key` is how the keys of
    the events begin, where the tenant has several."""
    told = tenant.notices.filter(kind=kind.key, key__startswith=key)
    readers = User.objects.filter(pk__in=list(told.values_list("user", flat=True)))
    readers.lock()
    told.delete()
    readers.recount_notices()


def _tell(person: User, kind: Kind, key: str, told: dict[str, Any], context: dict[str, object]) -> bool:
    """Whether this call is the one that told the person."""
    ways = person.ways(kind)
    if not ways:
        return False
    is_listed = Way.LILY in ways
    told = told | {"is_listed": is_listed, "read_at": None if is_listed else clock.now()}
    notice, is_new = Notice.objects.get_or_create(user=person, kind=kind.key, key=key, defaults=told)
    if is_new and is_listed:
        User.objects.filter(pk=person.pk).update(unread_notices=F("unread_notices") + 1)
    if is_new and Way.MAIL in ways:
        _write(notice, context)
    return is_new


def _write(notice: Notice, context: dict[str, object]) -> None:
    person, kind = notice.user, notice.about
    subject, text = compose(kind.template, language=person.language, notice=notice, person=person, **context)
    if Way.MAIL not in kind.always:
        with languages.speaking(person.language):
            text += "\n" + _("Choose what Lily mails you:") + f" {settings.BASE_URL}/account/notices/\n"
    OutgoingMail.objects.create(to=person.email, subject=subject, text=text, notice=notice)
