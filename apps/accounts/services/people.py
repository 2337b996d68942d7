"""What a person does with themselves: change, export, delete."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.accounts import tasks
from apps.accounts.catalog import MEMBER_LEFT, Role
from apps.accounts.models import Export, Organization, User
from apps.accounts.services.organizations import require_typed
from apps.accounts.telling import tell
from apps.core import audit, clock
from apps.core.errors import WrongState


@transaction.atomic
def update_person(*, user: User, name: str, time_zone: str, language: str = "") -> User:
    """What a person says of themselves; an empty language is that of their browser, and English in mails."""
    user.name, user.time_zone, user.language = name, time_zone, language
    user.save(update_fields=["name", "time_zone", "language"])
    return user


def request_export(*, user: User, organization: Organization | None = None) -> Export:
    """Have a zip made of the person's data, or of an organization's; a mail says when it is ready.

    Raises WrongState while an earlier one is being made.
    """
    try:
        with transaction.atomic():
            export = Export.objects.create(user=user, organization=organization)
            audit.record("export.requested", organization=organization, actor=user, target=export)
            tasks.make_export.delay_on_commit(str(export.pk))
    except IntegrityError as error:
        raise WrongState(_("An export is being made already. A mail will say when it is ready.")) from error
    return export


@transaction.atomic
def delete_person(*, user: User, typed: str) -> None:
    """Delete a person at once, with the organizations they are alone in; the rows follow in a task.

    Raises Invalid unless `typed` is their address, WrongState while they are the last owner of an organization that
    has other members.
    """
    require_typed(typed, user.email)
    organizations = Organization.objects.select_for_update(of=("self",)).filter(memberships__user=user).order_by("pk")
    User.objects.filter(memberships__organization__in=list(organizations)).lock()
    for organization in organizations:
        others = organization.memberships.exclude(user=user)
        if not others.exists():
            organization.delete_at = clock.now()
            organization.save(update_fields=["delete_at"])
        elif not others.filter(role=Role.OWNER).exists() and user.memberships.filter(
            organization=organization, role=Role.OWNER
        ):
            raise WrongState(
                _("You are the only owner of %(name)s. Make someone else owner first, or delete it.")
                % {"name": organization}
            )
        audit.record("person.deleted", organization=organization, actor=user)
        facts = {"who": str(user), "name": organization.name}
        tell(
            MEMBER_LEFT,
            key=f"{organization.pk}:{user.pk}",
            tenant=organization,
            page="member_list",
            facts=facts,
            by=user,
        )
    user.delete_at, user.is_active = clock.now(), False
    user.save(update_fields=["delete_at", "is_active"])
    user.memberships.exclude(organization__delete_at__lte=clock.now()).delete()
    tasks.delete_due.delay_on_commit()


@transaction.atomic
def close_account(*, actor: User, user: User, reason: str) -> None:
    """An operator shuts a person out at once, everywhere; nothing of theirs is deleted."""
    if actor.pk == user.pk:
        raise WrongState(_("You cannot close your own account here."))
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        audit.record("person.closed", organization=None, actor=actor, target=user, reason=reason)


@transaction.atomic
def open_account(*, actor: User, user: User, reason: str) -> None:
    """Let a person in again. Raises WrongState for one who is being deleted."""
    if not User.objects.filter(pk=user.pk, is_active=False, delete_at=None).update(is_active=True):
        raise WrongState(_("This account is open, or it is being deleted."))
    audit.record("person.opened", organization=None, actor=actor, target=user, reason=reason)
