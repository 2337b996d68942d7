"""The frame: what every page knows of where the person is."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.urls import resolve, reverse

from apps.accounts import access, context
from apps.accounts.catalog import Permission, Role
from tests.factories import make_membership, make_organization, make_user, make_workspace

pytestmark = pytest.mark.django_db


def frame_of(user, path="/account/profile/", found=None):
    request = RequestFactory().get(path)
    request.user, request.resolver_match = user, resolve(path)
    if found:
        request.access, request.organization, request.workspace = found, found.organization, found.workspace
    return context.frame(request)


def test_public_page_asks_the_database_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert "frame" not in frame_of(AnonymousUser(), "/")


def test_frame_that_nobody_reads_asks_the_database_nothing(django_assert_num_queries):
    user = make_user()
    with django_assert_num_queries(0):
        frame_of(user)


@pytest.mark.parametrize("count", [1, 3])
def test_frame_costs_one_query_however_much_there_is(count, django_assert_num_queries):
    member = make_membership()
    workspaces = [make_workspace(organization=member.organization) for _ in range(count)]
    found = access.find_workspace(member.user, workspaces[0].slug)
    with django_assert_num_queries(1):  # the counters; the switcher's list and the plan came with access
        frame = frame_of(member.user, found=found)
        assert [brand.is_current for brand in frame["frame"].place.brands] == [True] + [False] * (count - 1)
        assert [line.allowed for line in frame["frame"].meters] == [15, 100, 50]
        assert frame["plan"].key == "pro"


def test_page_of_the_person_shows_the_workspace_they_were_in(django_assert_num_queries):
    member = make_membership()
    make_workspace(organization=member.organization)
    last = make_workspace(organization=member.organization, name="Last")
    member.user.remember_workspace(last)
    with django_assert_num_queries(2):  # the switcher's list and its plans
        frame = frame_of(member.user)
        assert frame["here"].workspace == last
    assert frame["workspace"] is None
    assert frame["permissions"] == frozenset()


def test_locked_workspace_is_shown_as_such_and_offers_nothing_new():
    organization = make_organization(plan="free")
    owner = organization.memberships.get().user
    workspaces = [make_workspace(organization=organization) for _ in range(2)]
    frames = [frame_of(owner, found=access.find_workspace(owner, workspace.slug)) for workspace in workspaces]
    assert [[brand.is_locked for brand in frame["frame"].place.brands] for frame in frames] == [[False, True]] * 2
    assert [(str(frame["lock"] or ""), bool(frame["new_post_url"])) for frame in frames] == [
        ("", True),
        ("workspaces", False),
    ]
    assert frames[1]["frame"].place.organization_nav == frames[0]["frame"].place.organization_nav


def test_locked_member_is_shown_no_figures_of_the_organization(django_assert_num_queries):
    workspace = make_workspace(organization=make_organization(plan="free"))
    member = make_membership(organization=workspace.organization)
    found = access.find_workspace(member.user, workspace.slug)
    with django_assert_num_queries(0):
        frame = frame_of(member.user, found=found)
        assert (frame["frame"].meters, frame["frame"].place.nav, frame["frame"].place.organization_nav) == ((), (), ())
        assert [brand.is_locked for brand in frame["frame"].place.brands] == [True]


def test_page_of_another_organization_does_not_show_the_last_workspace():
    member = make_membership()
    member.user.remember_workspace(make_workspace(organization=member.organization))
    other = make_organization(owner=member.user)
    frame = frame_of(member.user, found=access.find_organization(member.user, other.slug))
    assert (frame["here"].organization, frame["here"].workspace) == (other, None)
    assert frame["frame"].place.nav == ()


@pytest.mark.parametrize(("role", "shows"), [(Role.VIEWER, False), (Role.ADMIN, True)])
def test_navigation_shows_what_the_role_may_open(role, shows):
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization, role=role)
    path = reverse("workspace_settings", args=[workspace.slug])
    frame = frame_of(member.user, path, access.find_workspace(member.user, workspace.slug))
    assert (path in [link.url for link in frame["frame"].place.nav]) is shows
    assert [link.url for link in frame["frame"].place.nav if link.is_current] == ([path] if shows else [])
    assert (Permission.CONTENT_WRITE in frame["permissions"]) is shows


def test_frame_is_drawn_anew_when_something_in_it_changes(client):
    workspace = make_workspace(name="Café Linden")
    member = make_membership(organization=workspace.organization)
    client.force_login(member.user)
    pages = []
    for name in ("Café Linden", "Café Linde", "Café Linde"):
        workspace.name = name
        workspace.save()
        pages.append(client.get(f"/w/{workspace.slug}/posts/").content.decode().partition("<main")[0])
    assert ["Café Linden" in page for page in pages] == [True, False, False]
    assert ["Café Linde<" in page for page in pages] == [False, True, True]
