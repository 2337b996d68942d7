"""Who may open what: the one way from an address to a tenant."""

import pytest

from apps.accounts import access
from apps.accounts.catalog import PERMISSIONS, Permission, Role
from apps.core.errors import NotFound, PermissionRefused
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


def test_find_workspace_costs_one_query(django_assert_num_queries):
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization)
    with django_assert_num_queries(1):
        access.find_workspace(member.user, workspace.slug)


@pytest.mark.parametrize("count", [1, 3])
def test_find_open_workspaces_costs_one_query(count, django_assert_num_queries):
    member = make_membership()
    for _ in range(count):
        make_workspace(organization=member.organization)
    with django_assert_num_queries(1):
        assert len(access.find_open_workspaces(member.user)) == count
