"""The one way from an address to a tenant. Pages, API and callbacks all come through here.

A person who is no member gets `NotFound`, as if the organization did not exist. A member or a workspace that is surplus
to the plan is locked: what `LEFT_BY_LOCK` leaves still works, everything else is `LimitReached`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import signing
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from apps.accounts.catalog import KINDS, LEFT_BY_LOCK, PERMISSIONS, Kind, Permission, Role
from apps.accounts.models import (
    EXPORT_SALT,
    ApiKey,
    Export,
    Invitation,
    Membership,
    Notice,
    Organization,
    Team,
    User,
    Workspace,
    hash_token,
)
from apps.core import clock
from apps.core.errors import KeyRefused, LimitReached, NotFound, PermissionRefused
from apps.core.paging import Page, newest_first
from apps.core.prepared import Prepared
from apps.plans import entitlements
from apps.plans.catalog import Feature, Limit

_workspaces = Prepared(lambda user: Workspace.objects.for_member(user))
_keys = Prepared(
    lambda token_hash, now: (
        ApiKey.objects.filter(token_hash=token_hash).usable_at(now).select_related("membership__user")
    )
)


@dataclass(frozen=True)
class Access:
    """What a person may do in one organization, and in one workspace where the address names one.

    `lock` is the limit of the plan that locks the membership or the workspace, None where nothing is locked. `scopes`
    are those of the key a program came with, None for a person.
    """

    membership: Membership
    organization: Organization
    workspace: Workspace | None = None
    lock: Limit | None = None
    workspaces: tuple[Workspace, ...] = ()  # all of the person's, where they were read with the one
    scopes: frozenset[str] | None = None

    @property
    def permissions(self) -> frozenset[Permission]:
        allowed = permissions_of(self.membership.role, self.lock)
        return allowed if self.scopes is None else allowed & self.scopes

    @property
    def setup(self) -> str:
        """The step of setting up that waits for this person: an owner, while the plan does not lock the workspace."""
        is_theirs = self.membership.role == Role.OWNER and not self.lock
        return self.workspace.setup if self.workspace and is_theirs else ""

    def require(self, permission: Permission) -> None:
        """Raises PermissionRefused for what the role does not have or the key was not given, LimitReached for what the
        lock takes from it."""
        if permission not in PERMISSIONS[self.membership.role]:
            raise PermissionRefused
        if self.scopes is not None and permission not in self.scopes:
            raise PermissionRefused(_("This key was not given “%(scope)s”.") % {"scope": permission})
        if permission not in self.permissions:
            raise self._locked()

    def _locked(self) -> LimitReached:
        if self.lock == Limit.MEMBERS:
            words = _(
                "The plan of %(name)s has room for fewer members, so your place is locked. An owner can change that."
            )
            before, name = self.membership.seniors, self.organization.name
        else:
            words = _("The plan has room for fewer workspaces. You can look at %(name)s, but make nothing new in it.")
            before, name = self.workspace.older, self.workspace.name
        return entitlements.surplus(self.organization, self.lock, before, words % {"name": name})


def permissions_of(role: str, lock: Limit | None) -> frozenset[Permission]:
    """What a role may do, less what a lock of the plan takes from it."""
    return PERMISSIONS[role] & LEFT_BY_LOCK[lock] if lock else PERMISSIONS[role]


def find_organization(user: User, slug: str) -> Access:
    """Access to an organization by its slug. Raises NotFound to anyone who is no member of it."""
    rows = Membership.objects.select_related("organization").with_seniors()
    membership = rows.filter(user=user, organization__slug=slug).first()
    if membership is None:
        raise NotFound
    organization = membership.organization
    return Access(membership, organization, lock=_lock_of_member(organization, membership.role, membership.seniors))


def find_workspace(user: User, slug: str) -> Access:
    """Access to a workspace by its slug. Raises NotFound to strangers and to members whose teams do not open it."""
    workspaces = _workspaces(user=user.pk)  # all: the page's switcher wants them, and reading them twice costs more
    workspace = next((row for row in workspaces if row.slug == slug), None)
    if workspace is None or not _is_open(workspace):
        raise NotFound
    organization, fields = workspace.organization, ("id", "organization_id", "user_id", "role", "created_at")
    values = (workspace.member_id, organization.pk, user.pk, workspace.role, workspace.member_since)
    membership = Membership.from_db(workspace._state.db, fields, values)
    membership.organization, membership.seniors = organization, workspace.seniors
    return Access(membership, organization, workspace, _lock_of(workspace), tuple(workspaces))


def narrow(found: Access, key: ApiKey | None) -> Access:
    """What is left of a member's access for a program that comes with their key; all of it without one.

    Raises NotFound in every organization but the key's own, whatever else the person is a member of.
    """
    if key is None:
        return found
    if key.membership_id != found.membership.pk:
        raise NotFound
    return replace(found, scopes=frozenset(key.scopes))


def find_key(token: str) -> ApiKey:
    """The key of a token, with its member. Raises KeyRefused for one that is made up, revoked or lapsed."""
    key = _keys.first(token_hash=hash_token(token), now=clock.now())
    if key is None:
        raise KeyRefused
    return key


def find_keys(organization: Organization) -> list[ApiKey]:
    """The organization's keys, newest first, with their members."""
    return list(ApiKey.objects.of_organization(organization).select_related("membership__user").newest_first())


def find_own_key(organization: Organization, pk: UUID) -> ApiKey:
    """A key of the organization by its own key. Raises NotFound."""
    keys = ApiKey.objects.of_organization(organization).select_related("membership__organization", "membership__user")
    key = keys.filter(pk=pk).first()
    if key is None:
        raise NotFound
    return key


def find_open_workspaces(user: User, found: Access | None = None) -> list[Workspace]:
    """Every workspace the person may open, by organization and age, for switching, each with its `lock`.

    One query, unless they were `found` with the page's own, and one more for the plans of organizations whose plan
    might shut something.
    """
    have = {found.organization.pk: found.organization} if found else {}
    workspaces = list(found.workspaces if found else ()) or _workspaces(user=user.pk)
    for workspace in workspaces:
        workspace.organization = have.setdefault(workspace.organization_id, workspace.organization)
    entitlements.read_plans(workspace.organization for workspace in workspaces if _asks_plan(workspace))
    opened = [workspace for workspace in workspaces if _is_open(workspace)]
    for workspace in opened:
        workspace.lock = _lock_of(workspace)
    return opened


def find_workspaces(organization: Organization) -> list[Workspace]:
    """The organization's workspaces, oldest first, each with its `lock`."""
    workspaces = list(organization.workspaces.with_older())
    for workspace in workspaces:
        workspace.organization, workspace.lock = organization, _lock_of_workspace(organization, workspace.older)
    return workspaces


def find_members(organization: Organization) -> list[Membership]:
    """The organization's members, oldest first, with their people and teams, each with its `lock`."""
    members = list(organization.memberships.select_related("user").prefetch_related("teams").with_seniors())
    for member in members:
        member.lock = _lock_of_member(organization, member.role, member.seniors)
    return members


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


def find_people(tenant: Organization | Workspace, permission: Permission) -> list[User]:
    """The members who `look_after` a tenant with this permission, oldest first."""
    organization = tenant.organization if isinstance(tenant, Workspace) else tenant
    roles = [role for role, allowed in PERMISSIONS.items() if permission in allowed]
    members = organization.memberships.filter(role__in=roles).select_related("user")
    return [member.user for member in members if looks_after(member.user, tenant, permission)]


def looks_after(user: User, tenant: Organization | Workspace, permission: Permission) -> bool:
    """Whether news of a tenant that ask for this permission are this person's: a locked member gets none, a locked
    workspace's still reach those who would act, since making room is theirs too."""
    find = find_workspace if isinstance(tenant, Workspace) else find_organization
    try:
        found = find(user, tenant.slug)
    except NotFound:
        return False
    return user.is_active and found.lock != Limit.MEMBERS and permission in PERMISSIONS[found.membership.role]


def is_concerned(notice: Notice) -> bool:
    """Whether what a notice tells is still its person's to know."""
    if notice.tenant is None or notice.about.permission is None:
        return notice.user.is_active
    return looks_after(notice.user, notice.tenant, notice.about.permission)


def find_notices(user: User, after: str = "") -> Page:
    """The person's notices, newest first, a page at a time."""
    return newest_first(user.notices.listed().select_related("organization", "workspace"), after=after)


def find_notice(user: User, pk: UUID) -> Notice:
    """A notice of the person's own. Raises NotFound, also when it went with what it was about."""
    notice = user.notices.listed().select_related("user", "organization", "workspace").filter(pk=pk).first()
    if notice is None:
        raise NotFound(_("This notice is no longer kept. What it was about may be gone too."))
    return notice


def find_kinds(user: User) -> list[Kind]:
    """What the person may be told of, by the roles they have anywhere."""
    allowed = {one for role in user.memberships.values_list("role", flat=True) for one in PERMISSIONS[role]}
    return [kind for kind in KINDS.values() if kind.permission is None or kind.permission in allowed]


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


def _asks_plan(workspace: Any) -> bool:
    """Whether the plan has a say in what a member may do in a workspace read by `for_member`."""
    return workspace.role != Role.OWNER or workspace.older > 0


def _lock_of(workspace: Any) -> Limit | None:
    """What locks a workspace read by `for_member` for that member."""
    organization = workspace.organization
    return _lock_of_member(organization, workspace.role, workspace.seniors) or _lock_of_workspace(
        organization, workspace.older
    )


def _lock_of_member(organization: Organization, role: str, seniors: int) -> Limit | None:
    """Owners are never locked: somebody must be able to put it right."""
    is_locked = role != Role.OWNER and entitlements.is_surplus(organization, Limit.MEMBERS, seniors)
    return Limit.MEMBERS if is_locked else None


def _lock_of_workspace(organization: Organization, older: int) -> Limit | None:
    """The oldest workspace is never locked, so that its pages need not know the plan."""
    is_locked = older > 0 and entitlements.is_surplus(organization, Limit.WORKSPACES, older)
    return Limit.WORKSPACES if is_locked else None
