"""The one way from an address to a tenant. Pages, API and callbacks all come through here.

A person who is no member gets `NotFound`, as if the organization did not exist.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.accounts.catalog import PERMISSIONS, Permission, Role
from apps.accounts.models import Membership, Organization, Team, User, Workspace
from apps.core.errors import NotFound, PermissionRefused
from apps.plans import entitlements
from apps.plans.catalog import Feature


@dataclass(frozen=True)
class Access:
    """What a person may do in one organization, and in one workspace where the address names one."""

    membership: Membership
    organization: Organization
    workspace: Workspace | None
    permissions: frozenset[Permission]

    def require(self, permission: Permission) -> None:
        if permission not in self.permissions:
            raise PermissionRefused


def find_organization(user: User, slug: str) -> Access:
    """Access to an organization by its slug. Raises NotFound to anyone who is no member of it."""
    membership = Membership.objects.select_related("organization").filter(user=user, organization__slug=slug).first()
    if membership is None:
        raise NotFound
    return Access(membership, membership.organization, None, PERMISSIONS[membership.role])


def find_workspace(user: User, slug: str) -> Access:
    """Access to a workspace by its slug. Raises NotFound to strangers and to members whose teams do not open it."""
    workspace = Workspace.objects.select_related("organization").filter(slug=slug).first()
    if workspace is None:
        raise NotFound
    membership = Membership.objects.filter(user=user, organization=workspace.organization_id).first()
    if membership is None or not is_open(membership, workspace):
        raise NotFound
    membership.organization = workspace.organization
    return Access(membership, workspace.organization, workspace, PERMISSIONS[membership.role])


def is_open(membership: Membership, workspace: Workspace) -> bool:
    """Whether the member's teams open this workspace; without the teams feature every member sees all."""
    if membership.role in (Role.OWNER, Role.ADMIN):
        return True
    if not entitlements.allows(workspace.organization, Feature.TEAMS):
        return True
    teams = Team.objects.filter(organization=workspace.organization_id)
    return not teams.exists() or teams.filter(members=membership, workspaces=workspace).exists()
