"""The one way from an address to a tenant. Pages, API and callbacks all come through here.

A person who is no member gets `NotFound`, as if the organization did not exist.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.catalog import PERMISSIONS, Permission, Role
from apps.accounts.models import (
    EXPORT_SALT,
    Export,
    Invitation,
    Membership,
    Organization,
    Team,
    User,
    Workspace,
)
from apps.core.errors import NotFound, PermissionRefused
from apps.core.prepared import Prepared
from apps.plans import entitlements
from apps.plans.catalog import Feature

_workspaces = Prepared(lambda user: Workspace.objects.for_member(user))
_workspace = Prepared(lambda user, slug: Workspace.objects.for_member(user).filter(slug=slug))


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
    workspace = next(iter(_workspace(user=user.pk, slug=slug)), None)
    if workspace is None or not _is_open(workspace):
        raise NotFound
    organization, fields = workspace.organization, ("id", "organization_id", "user_id", "role", "created_at")
    values = (workspace.member_id, organization.pk, user.pk, workspace.role, workspace.member_since)
    membership = Membership.from_db(workspace._state.db, fields, values)
    membership.organization = organization
    return Access(membership, organization, workspace, PERMISSIONS[membership.role])


def find_open_workspaces(user: User, known: Iterable[Organization] = ()) -> list[Workspace]:
    """Every workspace the person may open, by organization and age, for switching: one query.

    Organizations whose teams would shut the person out cost one look at their plan each, unless the caller already
    has them in `known`.
    """
    have = {organization.pk: organization for organization in known}
    found = []
    for workspace in _workspaces(user=user.pk):
        workspace.organization = have.setdefault(workspace.organization_id, workspace.organization)
        if _is_open(workspace):
            found.append(workspace)
    return found


def find_workspaces_elsewhere(organization: Organization) -> list[Workspace]:
    """Workspaces that show posts in another zone than the one the organization's limits are counted in."""
    return list(organization.workspaces.exclude(time_zone=organization.time_zone))


def find_own_invitations(user: User) -> list[Invitation]:
    """Open invitations to addresses that are the person's own and verified."""
    addresses = user.emailaddress_set.filter(verified=True).values_list("email", flat=True)  # type: ignore[attr-defined]
    return list(Invitation.objects.pending().filter(email__in=addresses).select_related("organization", "invited_by"))


def find_member(organization: Organization, pk: UUID) -> Membership:
    """A member of the organization by key. Raises NotFound."""
    return _one(organization.memberships.select_related("user"), pk, organization)


def find_open_invitation(organization: Organization, pk: UUID) -> Invitation:
    """An invitation of the organization that nobody accepted yet. Raises NotFound."""
    return _one(organization.invitations.filter(accepted_at=None), pk, organization)


def find_team(organization: Organization, pk: UUID) -> Team:
    """A team of the organization by key. Raises NotFound."""
    return _one(organization.teams.all(), pk, organization)


def find_export(user: User, signed: str) -> Export:
    """The person's own finished export of a signed address. Raises NotFound, also past its week and to anyone who may
    no longer export the organization."""
    try:
        pk = signing.Signer(salt=EXPORT_SALT).unsign(signed)
    except signing.BadSignature as error:
        raise NotFound from error
    export = user.exports.select_related("organization").filter(pk=pk).first()
    if export is None or not export.is_downloadable:
        raise NotFound(_("This export is no longer kept. You can have a new one made."))
    if export.organization:
        find_organization(user, export.organization.slug).require(Permission.ORGANIZATION_DELETE)
    return export


def find_organizations_of(user: User) -> list[Organization]:
    """The person's organizations, each with the number of its other members (`others`) and of other owners."""
    others = Count("memberships", filter=~Q(memberships__user=user))
    owners = Count("memberships", filter=~Q(memberships__user=user) & Q(memberships__role=Role.OWNER))
    mine = user.memberships.values("organization")
    return list(Organization.objects.filter(pk__in=mine).annotate(others=others, other_owners=owners))


def find_demo_person() -> User:
    """The person `DEMO_LOGIN` names. Raises NotFound where it names nobody, and before the demo was seeded."""
    if not settings.DEMO_LOGIN:
        raise NotFound
    user = User.objects.filter(email=settings.DEMO_LOGIN, is_active=True).first()
    if user is None:
        raise NotFound(_("The demo person does not exist yet. Start with bin/dev, which makes them."))
    return user


def describe_security(user: User) -> dict[str, Any]:
    """How the person's account is protected, for the page that leads to each part."""
    types = list(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return {
        "has_totp": Authenticator.Type.TOTP in types,
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in types,
        "passkeys": types.count(Authenticator.Type.WEBAUTHN),
    }


def _one(rows: QuerySet, pk: UUID, organization: Organization) -> Any:
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound
    row.organization = organization
    return row


def _is_open(workspace: Any) -> bool:
    """Whether a workspace read by `for_member` is open to that member: owners and admins see all, everyone does where
    there are no teams or the plan has none."""
    if workspace.role in (Role.OWNER, Role.ADMIN) or workspace.is_teamed or not workspace.has_teams:
        return True
    return not entitlements.allows(workspace.organization, Feature.TEAMS)
