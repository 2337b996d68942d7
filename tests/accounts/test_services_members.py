"""Roles, removal, leaving, handing over, teams."""

import threading

import pytest
from django.db import connection

from apps.accounts import services
from apps.accounts.catalog import Role
from apps.accounts.models import Membership
from apps.core.errors import DomainError, FeatureNotInPlan, Invalid, PermissionRefused, WrongState
from apps.core.models import AuditEntry
from tests.factories import make_membership, make_organization, make_team, make_workspace

pytestmark = pytest.mark.django_db


def owner_of(organization):
    return organization.memberships.get(role=Role.OWNER)


def role_of(membership):
    return Membership.objects.get(pk=membership.pk).role


def test_change_role_is_recorded():
    member = make_membership(role=Role.MEMBER)
    services.change_role(actor=owner_of(member.organization), member=member, role=Role.MANAGER)
    assert role_of(member) == Role.MANAGER
    entry = AuditEntry.objects.get(action="member.role_changed")
    assert entry.facts == {"before": "member", "after": "manager"}


@pytest.mark.parametrize(
    ("acting", "before", "after"),
    [
        (Role.ADMIN, Role.MEMBER, Role.OWNER),
        (Role.ADMIN, Role.OWNER, Role.MEMBER),
        (Role.MANAGER, Role.VIEWER, "admin"),
    ],
)
def test_nobody_gives_or_takes_a_role_above_their_own(acting, before, after):
    organization = make_organization()
    actor = make_membership(organization=organization, role=acting)
    member = make_membership(organization=organization, role=before)
    with pytest.raises(PermissionRefused):
        services.change_role(actor=actor, member=member, role=after)
    assert role_of(member) == before


def test_admin_removes_members_but_no_owner():
    organization = make_organization()
    admin = make_membership(organization=organization, role=Role.ADMIN)
    member = make_membership(organization=organization)
    services.remove_member(actor=admin, member=member)
    assert not Membership.objects.filter(pk=member.pk).exists()
    with pytest.raises(PermissionRefused):
        services.remove_member(actor=admin, member=owner_of(organization))


def test_last_owner_stays():
    organization = make_organization()
    owner = owner_of(organization)
    with pytest.raises(WrongState):
        services.leave_organization(member=owner)
    with pytest.raises(WrongState):
        services.remove_member(actor=owner, member=owner)
    with pytest.raises(WrongState):
        services.change_role(actor=owner, member=owner, role=Role.ADMIN)
    assert role_of(owner) == Role.OWNER


def test_leaving_forgets_the_last_workspace_of_that_organization():
    member = make_membership()
    member.user.remember_workspace(make_workspace(organization=member.organization))
    services.leave_organization(member=member)
    member.user.refresh_from_db()
    assert member.user.last_workspace is None
    assert not member.user.memberships.exists()


def test_removed_actor_may_do_nothing_any_more():
    organization = make_organization()
    admin = make_membership(organization=organization, role=Role.ADMIN)
    member = make_membership(organization=organization)
    Membership.objects.filter(pk=admin.pk).delete()
    with pytest.raises(PermissionRefused):
        services.remove_member(actor=admin, member=member)


def test_transfer_swaps_owner_and_admin():
    member = make_membership(role=Role.VIEWER)
    owner = owner_of(member.organization)
    services.transfer_ownership(actor=owner, member=member)
    assert (role_of(member), role_of(owner)) == (Role.OWNER, Role.ADMIN)
    with pytest.raises(PermissionRefused):
        services.transfer_ownership(actor=owner, member=member)


def test_team_needs_the_feature_and_a_free_name():
    organization = make_organization(plan="starter")
    values = {"actor": owner_of(organization), "name": "Bakery", "members": [], "workspaces": []}
    with pytest.raises(FeatureNotInPlan):
        services.save_team(organization=organization, team=None, **values)
    organization = make_organization(plan="pro")
    values["actor"] = owner_of(organization)
    team = services.save_team(organization=organization, team=None, **values)
    with pytest.raises(Invalid):
        services.save_team(organization=organization, team=None, **values | {"name": "bakery"})
    assert services.save_team(organization=organization, team=team, **values) == team


def test_team_deleted_leaves_members_and_workspaces():
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization)
    team = make_team(organization=workspace.organization, members=[member], workspaces=[workspace])
    services.delete_team(actor=owner_of(workspace.organization), team=team)
    assert not workspace.organization.teams.exists()
    assert role_of(member) == Role.MEMBER


@pytest.mark.django_db(transaction=True)
def test_last_two_owners_cannot_leave_at_once():
    organization = make_organization()
    owners = [owner_of(organization), *(make_membership(organization=organization, role=Role.OWNER) for _ in range(7))]
    start = threading.Barrier(len(owners))
    refused = []

    def leave(member):
        start.wait()
        try:
            services.leave_organization(member=member)
        except DomainError as error:
            refused.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[member]) for member in owners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["wrong_state"]
    assert organization.memberships.filter(role=Role.OWNER).count() == 1
