"""Deletions that have come due, and what has expired. Each step may be cut off and is then done by the next run."""

from __future__ import annotations

from django.db import connection, models, transaction

from apps.accounts import signals
from apps.accounts.belongings import stored_files
from apps.accounts.models import Export, Organization, User, Workspace
from apps.core import audit
from apps.core.models import StoredAnswer


def delete_due() -> None:
    """Delete for good what is due: organizations, then workspaces, then people."""
    for organization in Organization.objects.due_for_deletion():
        signals.deleting.send(Organization, organization=organization, workspace=None)
        _delete(organization, "organization.deleted", None)
    for workspace in Workspace.objects.due_for_deletion().select_related("organization"):
        signals.deleting.send(Workspace, organization=workspace.organization, workspace=workspace)
        _delete(workspace, "workspace.deleted", workspace.organization)
    for user in User.objects.due_for_deletion():
        signals.deleting_user.send(User, user=user)
        audit.forget_person(user)
        _remove_exports(Export.objects.filter(user=user))
        _delete(user, "person.gone", None)


def _delete(row: User | Organization | Workspace, action: str, organization: Organization | None) -> None:
    """Delete the row with all that belongs to it, unless it was kept meanwhile."""
    with transaction.atomic():
        due = type(row).objects.due_for_deletion().select_for_update(of=("self",)).filter(pk=row.pk).first()
        if due is None:
            return
        if isinstance(due, Organization):
            _remove_exports(due.exports.all())
        audit.record(action, organization=organization, id=str(row.pk), kind=row._meta.model_name)
        files = stored_files(due)
        readers = User.objects.filter(pk__in=list(due.notices.unread().values_list("user", flat=True)))
        readers.lock()
        due.delete()
        readers.recount_notices()
    for storage, name in files:
        storage.delete(name)


def clear_expired() -> None:
    """Remove exports past their week, counts of log-ins past their minutes and answers kept for repeated calls past
    their day; lost exports can be asked for again."""
    _remove_exports(Export.objects.expired())
    Export.objects.stuck().update(state=Export.State.FAILED)
    StoredAnswer.objects.over().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_cache WHERE expires < now()")


def _remove_exports(exports: models.QuerySet) -> None:
    for export in exports:
        export.path.unlink(missing_ok=True)
        export.delete()
