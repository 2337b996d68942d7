"""The record of who did what to whom, and why. Rows are added, never changed: the database itself refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Model, QuerySet

from apps.core.context import client_address, request_id
from apps.core.models import AuditEntry

if TYPE_CHECKING:
    from apps.accounts.models import Organization, User, Workspace


def record(
    action: str,
    *,
    organization: Organization | None,
    actor: User | None = None,
    workspace: Workspace | None = None,
    target: Model | None = None,
    reason: str = "",
    **facts: Any,
) -> AuditEntry:
    """Write one entry, in the caller's transaction. `facts` are JSON values and hold no secret.

    `action` is a dotted name ("channel.connected"). Actor None means Lily itself. Raises ValueError for a fact whose
    name says it is a secret.
    """
    if secrets := sorted(name for name in facts if AuditEntry.SECRET_NAMES.search(name)):
        raise ValueError(f"These do not belong into the audit log: {', '.join(secrets)}.")
    return AuditEntry.objects.create(
        action=action,
        organization=organization,
        actor=actor if actor is not None and actor.pk else None,
        actor_label=str(actor or ""),
        workspace=workspace,
        target_type=target._meta.label_lower if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_label=str(target)[:200] if target is not None else "",
        reason=reason,
        facts=facts,
        request_id=request_id(),
        client_address=client_address(),
    )


def forget_person(person: User) -> None:
    """Empty what names a person: their label and address as an actor, their label as a target. The deeds stay."""
    AuditEntry.objects.filter(actor=person).update(actor_label="", client_address=None)
    about = AuditEntry.objects.filter(target_type=person._meta.label_lower, target_id=str(person.pk))
    about.update(target_label="")


def entries(organization: Organization) -> QuerySet[AuditEntry]:
    """What was done in an organization, for its own people, with the actors loaded."""
    return AuditEntry.objects.filter(organization=organization).select_related("actor", "workspace")
