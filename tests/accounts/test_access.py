"""Who may open what: the one way from an address to a tenant."""

from datetime import timedelta

import pytest

from apps.accounts import access
from apps.accounts.catalog import PERMISSIONS, Permission, Role
from apps.core import clock
from apps.core.errors import LimitReached, NotFound, PermissionRefused
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.plans.models import Plan
from tests.factories import make_membership, make_organization, make_standing, make_team, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role.values)
def test_member_gets_the_permissions_of_the_role(role):
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization, role=role)
    found = access.find_workspace(member.user, workspace.slug)
    assert found.permissions == PERMISSIONS[role]
    assert (found.workspace, found.organization, found.membership) == (workspace, workspace.organization, member)


def test_stranger_and_made_up_address_get_the_same_answer():
    workspace = make_workspace()
    stranger = make_user()
    for slug in (workspace.slug, "no-such-12345678"):
        with pytest.raises(NotFound):
            access.find_workspace(stranger, slug)
    for slug in (workspace.organization.slug, "no-such-12345678"):
        with pytest.raises(NotFound):
            access.find_organization(stranger, slug)


def test_require_refuses_what_the_role_does_not_have():
    workspace = make_workspace()
    viewer = make_membership(organization=workspace.organization, role=Role.VIEWER)
    found = access.find_workspace(viewer.user, workspace.slug)
    found.require(Permission.WORKSPACE_VIEW)
    with pytest.raises(PermissionRefused):
        found.require(Permission.CONTENT_WRITE)


@pytest.mark.parametrize(
    ("plan", "role", "is_teamed", "opens"),
    [
        ("pro", Role.MEMBER, False, False),
        ("pro", Role.MEMBER, True, True),
        ("pro", Role.ADMIN, False, True),
        ("pro", Role.OWNER, False, True),
        ("starter", Role.MEMBER, False, True),
    ],
)
def test_teams_open_workspaces_where_the_plan_has_them(plan, role, is_teamed, opens):
    organization = make_organization(plan=plan)
    shown, other = make_workspace(organization=organization), make_workspace(organization=organization)
    member = make_membership(organization=organization, role=role)
    make_team(organization=organization, members=[member] if is_teamed else [], workspaces=[shown])
    assert (shown in access.find_open_workspaces(member.user)) is opens
    if opens:
        assert access.find_workspace(member.user, shown.slug).workspace == shown
    else:
        with pytest.raises(NotFound):
            access.find_workspace(member.user, shown.slug)
    is_other_open = opens and not is_teamed
    assert (other in access.find_open_workspaces(member.user)) is is_other_open


def test_everyone_sees_all_where_there_are_no_teams():
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization)
    assert access.find_open_workspaces(member.user) == [workspace]


def test_lost_teams_feature_opens_all_again():
    organization = make_organization(plan="pro")
    workspace = make_workspace(organization=organization)
    member = make_membership(organization=organization)
    make_team(organization=organization, workspaces=[workspace])
    assert access.find_open_workspaces(member.user) == []
    make_standing(organization, plan="free")
    assert access.find_open_workspaces(member.user) == [workspace]


@pytest.mark.parametrize(("role", "queries"), [(Role.OWNER, 1), (Role.MEMBER, 2)])
def test_find_workspace_costs_one_query_and_the_plan_of_whom_it_may_lock(role, queries, django_assert_num_queries):
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization, role=role)
    with django_assert_num_queries(queries):
        found = access.find_workspace(member.user, workspace.slug)
    with django_assert_num_queries(2 - queries):
        entitlements.plan_of(found.organization)


@pytest.mark.parametrize("count", [1, 3])
def test_find_open_workspaces_costs_one_query_and_the_plans(count, django_assert_num_queries):
    user = make_user()
    for _ in range(count):
        member = make_membership(user=user)
        make_workspace(organization=member.organization)
        make_workspace(organization=member.organization)
    with django_assert_num_queries(2):
        assert len(access.find_open_workspaces(user)) == 2 * count


def test_places_in_the_plan_are_those_entitlements_counts():
    """The numbers read with a row and the registered order say the same, ties of time and all."""
    organization, at = make_organization(), clock.now()
    for role in (Role.MEMBER, Role.OWNER, Role.ADMIN, Role.VIEWER):
        make_membership(organization=organization, role=role)
        make_workspace(organization=organization, created_at=at)
    make_workspace(organization=organization, created_at=at - timedelta(days=1), delete_at=at)
    organization.memberships.exclude(role=Role.OWNER).update(created_at=at)
    for room in (1, 2, 3, 4, 5):
        Plan.objects.filter(key="pro").update(limits={"members": room, "workspaces": room})
        entitlements.forget(organization)
        kept = entitlements.unlocked(organization, Limit.MEMBERS)
        kept |= set(organization.memberships.filter(role=Role.OWNER).values_list("pk", flat=True))
        assert {row.pk for row in access.find_members(organization) if not row.lock} == kept
        staying = [row for row in access.find_workspaces(organization) if row.delete_at is None]
        assert {row.pk for row in staying if not row.lock} == entitlements.unlocked(organization, Limit.WORKSPACES)


def test_surplus_member_may_leave_and_nothing_else():
    workspace = make_workspace(organization=make_organization(plan="free"))
    member = make_membership(organization=workspace.organization, role=Role.ADMIN)
    for found in (
        access.find_organization(member.user, workspace.organization.slug),
        access.find_workspace(member.user, workspace.slug),
    ):
        assert (found.lock, found.permissions) == (Limit.MEMBERS, {Permission.ORGANIZATION_LEAVE})
        found.require(Permission.ORGANIZATION_LEAVE)
        with pytest.raises(LimitReached) as refusal:
            found.require(Permission.WORKSPACE_VIEW)
        error = refusal.value
        assert (error.limit, error.allowed, error.used, error.plan) == ("members", 1, 2, "pro")
        with pytest.raises(PermissionRefused):
            found.require(Permission.BILLING_MANAGE)


def test_every_owner_stays_whatever_the_plan():
    workspace = make_workspace(organization=make_organization(plan="free"))
    second = make_membership(organization=workspace.organization, role=Role.OWNER)
    found = access.find_workspace(second.user, workspace.slug)
    assert (found.lock, found.permissions) == (None, PERMISSIONS[Role.OWNER])


def test_surplus_workspace_is_looked_at_and_opens_with_a_bigger_plan():
    organization = make_organization(plan="free")
    make_workspace(organization=organization)
    second = make_workspace(organization=organization)
    owner = organization.memberships.get().user
    found = access.find_workspace(owner, second.slug)
    taken = {
        Permission.CONTENT_WRITE,
        Permission.CONTENT_PUBLISH,
        Permission.BRAND_EDIT,
        Permission.CHANNELS_CONNECT,
    }
    assert (found.lock, PERMISSIONS[Role.OWNER] - found.permissions) == (Limit.WORKSPACES, taken)
    with pytest.raises(LimitReached) as refusal:
        found.require(Permission.CONTENT_WRITE)
    error = refusal.value
    assert (error.limit, error.allowed, error.used, error.plan) == ("workspaces", 1, 2, "pro")
    make_standing(organization, plan="pro")
    assert access.find_workspace(owner, second.slug).lock is None


def test_workspace_moves_up_when_an_older_one_is_to_be_deleted():
    organization = make_organization(plan="free")
    first, second = make_workspace(organization=organization), make_workspace(organization=organization)
    owner = organization.memberships.get().user
    assert [row.lock for row in access.find_open_workspaces(owner)] == [None, Limit.WORKSPACES]
    first.delete_at = clock.now() + timedelta(days=7)
    first.save()
    assert access.find_workspace(owner, second.slug).lock is None
