"""Members, their roles, and teams."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.catalog import MEMBER_LEFT, Role, is_above
from apps.accounts.models import Membership, Organization, Team, User, Workspace
from apps.accounts.telling import tell
from apps.core import audit
from apps.core.errors import Invalid, NotFound, PermissionRefused, WrongState
from apps.plans import entitlements
from apps.plans.catalog import Feature


@transaction.atomic
def change_role(*, actor: Membership, member: Membership, role: str) -> Membership:
    """Give a member another role. Raises PermissionRefused above the actor's own, WrongState for the last owner."""
    actor, member = _lock(actor, member)
    require_rank(actor, member.role, role)
    if member.role == role:
        return member
    if member.role == Role.OWNER:
        _require_other_owner(member)
    before, member.role = member.role, role
    member.save(update_fields=["role"])
    _record("member.role_changed", actor.user, member, before=before, after=role)
    return member


@transaction.atomic
def remove_member(*, actor: Membership, member: Membership, reason: str = "") -> None:
    """Take every right of a member away at once. Raises PermissionRefused, or WrongState for the last owner."""
    actor, member = _lock(actor, member)
    require_rank(actor, member.role)
    _remove(member, "member.removed", actor.user, reason)


@transaction.atomic
def expel_member(*, actor: User, member: Membership, reason: str) -> None:
    """An operator takes every right of a member away. Raises WrongState for the last owner."""
    member = _lock(member, member)[1]
    _remove(member, "member.removed", actor, reason)


@transaction.atomic
def leave_organization(*, member: Membership) -> None:
    """A member's own way out. Raises WrongState for the last owner, who hands over or deletes instead."""
    member = _lock(member, member)[1]
    _remove(member, "member.left", member.user, "")


@transaction.atomic
def transfer_ownership(*, actor: Membership, member: Membership) -> None:
    """Make a member owner in the actor's place; the actor stays as admin. Raises PermissionRefused if not an owner."""
    actor, member = _lock(actor, member)
    if actor.role != Role.OWNER:
        raise PermissionRefused
    if actor.pk == member.pk:
        raise WrongState(_("Choose another person: you are the owner already."))
    Membership.objects.filter(pk=member.pk).update(role=Role.OWNER)
    Membership.objects.filter(pk=actor.pk).update(role=Role.ADMIN)
    _record("organization.handed_over", actor.user, member)


@transaction.atomic
def save_team(
    *,
    actor: Membership,
    organization: Organization,
    team: Team | None,
    name: str,
    members: Iterable[Membership],
    workspaces: Iterable[Workspace],
) -> Team:
    """Create or change a team. Raises FeatureNotInPlan, Invalid for a name that is taken."""
    entitlements.require(organization, Feature.TEAMS)
    Organization.objects.select_for_update().get(pk=organization.pk)
    others = organization.teams.exclude(pk=team.pk) if team else organization.teams.all()
    if others.filter(name__iexact=name).exists():
        raise Invalid(fields={"name": [_("There is a team of this name already.")]})
    is_new, team = team is None, team or Team(organization=organization)
    team.name = name
    team.save()
    team.members.set(members)
    team.workspaces.set(workspaces)
    audit.record(
        "team.created" if is_new else "team.changed",
        organization=organization,
        actor=actor.user,
        target=team,
        members=sorted(str(member.pk) for member in members),
        workspaces=sorted(str(workspace.pk) for workspace in workspaces),
    )
    return team


@transaction.atomic
def delete_team(*, actor: Membership, team: Team) -> None:
    """Delete a team; its members keep what their other teams open (everything, when it was the last team)."""
    audit.record("team.deleted", organization=team.organization, actor=actor.user, target=team)
    team.delete()


def require_rank(actor: Membership, *roles: str) -> None:
    """Nobody gives, changes or removes a role above their own. Raises PermissionRefused."""
    if any(is_above(role, actor.role) for role in roles):
        raise PermissionRefused(_("Only someone of that role or above can do this."))


def _lock(actor: Membership, member: Membership) -> tuple[Membership, Membership]:
    """Both as they are now, with the organization's row locked, so that two owners cannot leave at once."""
    organization = Organization.objects.select_for_update().get(pk=member.organization_id)
    found = {
        row.pk: row for row in organization.memberships.select_related("user").filter(pk__in=[actor.pk, member.pk])
    }
    if member.pk not in found:
        raise NotFound
    if actor.pk not in found:
        raise PermissionRefused
    for row in found.values():
        row.organization = organization
    return found[actor.pk], found[member.pk]


def _require_other_owner(member: Membership) -> None:
    owners = Membership.objects.filter(organization=member.organization_id, role=Role.OWNER)
    if not owners.exclude(pk=member.pk).exists():
        raise WrongState(_("An organization needs an owner. Make someone else owner first."))


def _remove(member: Membership, action: str, actor: User, reason: str) -> None:
    if member.role == Role.OWNER:
        _require_other_owner(member)
    _record(action, actor, member, reason=reason, role=member.role)
    User.objects.filter(pk=member.user_id, last_workspace__organization=member.organization_id).update(
        last_workspace=None
    )
    key, organization = str(member.pk), member.organization
    User.objects.filter(memberships__organization=organization).lock()
    organization.notices.filter(user=member.user).delete()
    User.objects.filter(pk=member.user_id).recount_notices()
    member.delete()
    facts = {"who": str(member.user), "name": organization.name}
    tell(MEMBER_LEFT, key=key, tenant=organization, page="member_list", facts=facts, by=actor)


def _record(action: str, actor: User, member: Membership, **facts: Any) -> None:
    audit.record(action, organization=member.organization, actor=actor, target=member.user, **facts)
