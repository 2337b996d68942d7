"""Workspaces: create, change, brake, delete."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from apps.accounts import signals
from apps.accounts.catalog import WORKSPACE_DELETION, WORKSPACE_PAUSED
from apps.accounts.models import DELETION_GRACE, Organization, User, Workspace
from apps.accounts.services.organizations import require_typed
from apps.accounts.telling import take_back, tell
from apps.core import audit, clock
from apps.core.errors import WrongState
from apps.plans import entitlements
from apps.plans.catalog import Limit


@transaction.atomic
def create_workspace(*, actor: User, organization: Organization, name: str, time_zone: str) -> Workspace:
    """One more brand. Raises LimitReached where the plan has no room."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    entitlements.slot(organization, Limit.WORKSPACES)
    workspace = Workspace.objects.create(organization=organization, name=name, time_zone=time_zone)
    _record("workspace.created", actor, workspace, name=name)
    return workspace


@transaction.atomic
def update_workspace(*, actor: User, workspace: Workspace, name: str, time_zone: str) -> Workspace:
    """A new name or zone. Posts keep their moment; pages show it in the new zone."""
    workspace = Workspace.objects.select_for_update(of=("self",)).select_related("organization").get(pk=workspace.pk)
    before = {"name": workspace.name, "time_zone": workspace.time_zone}
    workspace.name, workspace.time_zone = name, time_zone
    workspace.save(update_fields=["name", "time_zone"])
    _record("workspace.changed", actor, workspace, before=before, after={"name": name, "time_zone": time_zone})
    return workspace


@transaction.atomic
def pause_workspace(*, actor: User, workspace: Workspace, reason: str = "") -> None:
    """The brake: from this commit on nothing of the workspace is published. Pausing twice is pausing once."""
    if Workspace.objects.filter(pk=workspace.pk, is_paused=False).update(is_paused=True):
        workspace.is_paused = True
        _record("workspace.paused", actor, workspace, reason=reason)
        tell(
            WORKSPACE_PAUSED,
            key=f"{workspace.pk}:{clock.now().isoformat()}",
            tenant=workspace,
            page="workspace_settings",
            facts={"who": str(actor), "name": workspace.name},
            by=actor,
        )
        signals.held.send(Workspace, organization=workspace.organization, workspace=workspace)


@transaction.atomic
def resume_workspace(*, actor: User, workspace: Workspace, reason: str = "") -> None:
    """Lets go of the brake; while the organization's is on, nothing moves yet."""
    if Workspace.objects.filter(pk=workspace.pk, is_paused=True).update(is_paused=False):
        workspace.is_paused = False
        _record("workspace.resumed", actor, workspace, reason=reason)
        take_back(WORKSPACE_PAUSED, tenant=workspace)
        _send_resumed(workspace)


@transaction.atomic
def delete_workspace(*, actor: User, workspace: Workspace, typed: str, reason: str = "") -> Workspace:
    """Book the deletion of the workspace with everything in it, in DELETION_GRACE. Its place in the plan is free at
    once; until then nothing of it is published and it can be kept. Raises Invalid unless `typed` is its name."""
    workspace = Workspace.objects.select_for_update(of=("self",)).select_related("organization").get(pk=workspace.pk)
    require_typed(typed, workspace.name)
    if workspace.delete_at is None:
        workspace.delete_at = clock.now() + DELETION_GRACE
        workspace.save(update_fields=["delete_at"])
        _record("workspace.deletion_booked", actor, workspace, reason=reason, delete_at=workspace.delete_at)
        tell(
            WORKSPACE_DELETION,
            key=f"{workspace.pk}:{workspace.delete_at.isoformat()}",
            tenant=workspace,
            page="workspace_settings",
            facts={"who": str(actor), "name": workspace.name},
        )
        signals.held.send(Workspace, organization=workspace.organization, workspace=workspace)
    return workspace


@transaction.atomic
def keep_workspace(*, actor: User, workspace: Workspace, reason: str = "") -> Workspace:
    """Undo a booked deletion. Raises WrongState if there is none any more, LimitReached if its place was given away."""
    organization = Organization.objects.select_for_update().get(pk=workspace.organization_id)
    workspace = Workspace.objects.select_for_update(of=("self",)).select_related("organization").get(pk=workspace.pk)
    if not workspace.can_be_kept:
        raise WrongState
    entitlements.slot(organization, Limit.WORKSPACES)
    workspace.delete_at = None
    workspace.save(update_fields=["delete_at"])
    _record("workspace.kept", actor, workspace, reason=reason)
    take_back(WORKSPACE_DELETION, tenant=workspace)
    _send_resumed(workspace)
    return workspace


def _send_resumed(workspace: Workspace) -> None:
    if not workspace.is_held:
        signals.resumed.send(Workspace, organization=workspace.organization, workspace=workspace)


def _record(action: str, actor: User, workspace: Workspace, **facts: Any) -> None:
    audit.record(
        action, organization=workspace.organization, workspace=workspace, actor=actor, target=workspace, **facts
    )
