"""The pages: where people land, what they see, what a form answers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.accounts.catalog import Role
from apps.accounts.models import Membership, Organization, Team, Workspace
from apps.core import audit, clock
from tests.factories import (
    PASSWORD,
    make_export,
    make_invitation,
    make_membership,
    make_organization,
    make_plans,
    make_team,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client):
    """The signed-in owner of an organization with one workspace."""
    organization = make_organization()
    make_workspace(organization=organization, name="Bakery")
    membership = organization.memberships.get()
    client.force_login(membership.user)
    return membership


def link(name, tenant, **kwargs):
    key = "workspace" if isinstance(tenant, Workspace) else "organization"
    return reverse(name, kwargs={key: tenant.slug, **kwargs})


def test_stranger_sees_the_landing_page_with_the_plans(client, django_assert_num_queries):
    make_plans()
    with django_assert_num_queries(1):
        page = client.get("/")
    assert page.text.count(reverse("account_signup")) == 1
    assert [offer.key for offer in page.context["offers"]] == ["starter", "pro", "enterprise"]
    assert all(
        f"${offer.month}<" in page.text and f"${offer.year} a year" in page.text for offer in page.context["offers"]
    )


def test_person_without_organization_is_led_to_found_one(client):
    client.force_login(make_user())
    assert client.get("/")["Location"] == reverse("organization_new")


def test_founding_leads_into_the_new_workspace(client):
    make_plans()
    user = make_user()
    client.force_login(user)
    response = client.post(reverse("organization_new"), {"name": "Café Ada", "time_zone": "Asia/Calcutta"})
    assert response["Location"] == Workspace.objects.get().get_absolute_url()
    assert Organization.objects.get().time_zone == "Asia/Calcutta"


def test_founding_left_out_takes_the_person_s_name(client):
    make_plans()
    user = make_user(name="Mara Linden", time_zone="Europe/Berlin")
    client.force_login(user)
    client.post(reverse("organization_new"), {"name": "", "time_zone": "UTC", "skip": "1"})
    workspace = Workspace.objects.select_related("organization").get()
    assert (workspace.name, workspace.organization.name) == ("Mara Linden", "Mara Linden")
    assert (workspace.time_zone, workspace.setup) == ("Europe/Berlin", "brand")


@pytest.mark.parametrize(("field", "value"), [("name", ""), ("time_zone", "Mars/Olympus"), ("name", "x" * 81)])
def test_founding_says_what_is_wrong_next_to_the_field(client, field, value):
    client.force_login(make_user())
    response = client.post(reverse("organization_new"), {"name": "Café", "time_zone": "UTC"} | {field: value})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not Organization.objects.exists()


def test_founding_page_offers_invitations_to_the_own_address(client):
    user = make_user()
    invitation = make_invitation(email=user.email)
    make_invitation(email="other@example.com")
    client.force_login(user)
    page = client.get(reverse("organization_new"))
    assert page.context["invitations"] == [invitation]
    assert invitation.get_accept_url().encode() in page.content


def test_home_leads_to_the_workspace_opened_last(client, owner):
    second = make_workspace(organization=owner.organization)
    client.get(link("workspace_settings", second))
    assert client.get("/")["Location"] == second.get_absolute_url()
    second.delete()
    assert client.get("/")["Location"] == owner.organization.workspaces.get().get_absolute_url()


def test_member_whom_no_team_lets_in_lands_on_the_organization(client):
    workspace = make_workspace()
    member = make_membership(organization=workspace.organization)
    make_team(organization=workspace.organization, workspaces=[workspace])
    client.force_login(member.user)
    assert client.get("/")["Location"] == link("usage", workspace.organization)


def test_usage_page_names_other_zones(client, owner):
    page = client.get(link("usage", owner.organization))
    assert page.context["workspaces_elsewhere"] == []
    Workspace.objects.update(time_zone="Asia/Tokyo")
    assert b"Asia/Tokyo" in client.get(link("usage", owner.organization)).content


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_however_long(client, owner, count, django_assert_num_queries):
    organization = owner.organization
    for n in range(count):
        member = make_membership(organization=organization)
        make_team(organization=organization, name=f"Team {n}", members=[member])
        if n:
            make_workspace(organization=organization)
    make_invitation(organization=organization)
    audit.record("member.removed", organization=organization, actor=owner.user)
    for name, queries in {"member_list": 9, "team_list": 10, "audit_list": 7, "usage": 12}.items():
        with django_assert_num_queries(queries):
            assert client.get(link(name, organization)).status_code == 200


def test_locked_member_is_told_why_and_how_to_go(client):
    workspace = make_workspace(organization=make_organization(plan="free", name="Café Ada"))
    member = make_membership(organization=workspace.organization, role=Role.ADMIN)
    client.force_login(member.user)
    assert client.get("/")["Location"] == workspace.get_absolute_url()
    page = client.get(workspace.get_absolute_url())
    leave = link("member_leave", workspace.organization)
    words = page.content.decode()
    assert (page.status_code, words.count(leave), words.count(link("usage", workspace.organization))) == (402, 1, 0)
    assert "Your place in Café Ada is locked" in words
    assert client.get(leave).status_code == 200
    assert client.get(reverse("person_export")).status_code == 200
    assert client.post(leave)["Location"] == reverse("home")
    assert not workspace.organization.memberships.filter(user=member.user).exists()


def test_home_leads_past_what_the_plan_locks(client):
    user = make_user()
    locked = make_workspace(organization=make_organization(plan="free", name="Anna"))
    make_membership(organization=locked.organization, user=user)
    user.remember_workspace(locked)
    own = make_workspace(organization=make_organization(owner=user, name="Zoe"))
    client.force_login(user)
    assert client.get("/")["Location"] == own.get_absolute_url()


@pytest.fixture
def locked(client):
    """The second workspace of an organization whose plan has one; its owner is signed in."""
    organization = make_organization(plan="free")
    make_workspace(organization=organization)
    client.force_login(organization.memberships.get().user)
    return make_workspace(organization=organization, name="Cakes")


@pytest.mark.parametrize("name", ["calendar", "post_list", "library", "brand_edit", "channel_list"])
def test_locked_workspace_is_read_and_says_so_once(client, locked, name):
    page = client.get(link(name, locked))
    words = page.content.decode()
    assert (page.status_code, words.count("Cakes is locked by your plan"), words.count("New post")) == (200, 1, 0)
    assert link("usage", locked.organization) in words


def test_locked_workspace_makes_nothing_new_and_says_what_would_help(client, locked):
    page = client.get(link("post_new", locked))
    words = page.content.decode()
    assert (page.status_code, words.count("<h1>Cakes is locked</h1>")) == (402, 1)
    assert words.count("is locked by your plan") == 0, "one sentence is enough"
    assert words.count(link("usage", locked.organization)) == 3  # the rail, the phone's sheet, the way on
    part = client.post(link("post_new", locked), headers={"HX-Request": "true"})
    assert (part.status_code, part.content.count(b'class="upgrade"'), part.content.count(b"<html")) == (402, 1, 0)


def test_locked_workspace_makes_room_by_its_deletion(client, locked):
    assert client.get(link("workspace_settings", locked)).status_code == 200
    client.post(link("workspace_delete", locked), {"typed": "Cakes"})
    locked.refresh_from_db()
    assert locked.delete_at is not None
    page = client.get(link("organization_settings", locked.organization))
    assert [(one.name, one.lock) for one in page.context["workspaces"]] == [("Café Ada", None), ("Cakes", "workspaces")]


def test_lists_of_the_organization_mark_what_is_locked(client, locked):
    make_membership(organization=locked.organization)
    make_membership(organization=locked.organization, role=Role.OWNER)
    for name in ("organization_settings", "member_list"):
        assert client.get(link(name, locked.organization)).content.decode().count("locked by the plan</span>") == 1


def test_audit_log_is_read_page_by_page(client, owner, settings):
    for n in range(51):
        audit.record(f"test.number_{n}", organization=owner.organization, actor=owner.user)
    audit.record("test.elsewhere", organization=make_organization())
    first = client.get(link("audit_list", owner.organization)).context["page"]
    assert [first.rows[0].action, len(first.rows)] == ["test.number_50", 50]
    second = client.get(link("audit_list", owner.organization), {"after": first.after}).context["page"]
    assert [row.action for row in second] == ["test.number_0"]
    assert second.after == ""
    assert client.get(link("audit_list", owner.organization), {"after": "nonsense"}).status_code == 200


def test_times_are_those_of_the_tenant_and_of_the_person(client, owner):
    Organization.objects.update(time_zone="Asia/Tokyo")
    owner.user.time_zone = "America/New_York"
    owner.user.save()
    moment = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    entry = audit.record("test.done", organization=owner.organization)
    make_export(user=owner.user, created_at=moment)
    local = entry.at.astimezone(ZoneInfo("Asia/Tokyo"))
    assert local.strftime("%H:%M:%S") in client.get(link("audit_list", owner.organization)).content.decode()
    assert b"22 Nov 2026, 13:30" in client.get(reverse("person_export")).content
    assert timezone.get_current_timezone_name() == "UTC"


def test_member_is_changed_and_removed(client, owner):
    member = make_membership(organization=owner.organization)
    client.post(link("member_edit", owner.organization, pk=member.pk), {"role": "manager"})
    assert Membership.objects.get(pk=member.pk).role == Role.MANAGER
    client.post(link("member_remove", owner.organization, pk=member.pk))
    assert not Membership.objects.filter(pk=member.pk).exists()


def test_role_above_the_own_is_not_even_offered(client):
    admin = make_membership(role=Role.ADMIN)
    member = make_membership(organization=admin.organization)
    client.force_login(admin.user)
    response = client.post(link("member_edit", admin.organization, pk=member.pk), {"role": "owner"})
    assert response.status_code == 422
    assert Role.OWNER not in dict(response.context["form"].fields["role"].choices)


def test_last_owner_is_told_to_hand_over_first(client, owner):
    response = client.post(link("member_leave", owner.organization))
    assert response.status_code == 409
    assert b"Make someone else owner first" in response.content


def test_leaving_leads_home(client, owner):
    member = make_membership(organization=owner.organization)
    client.force_login(member.user)
    assert client.get(link("member_leave", owner.organization)).status_code == 200
    assert client.post(link("member_leave", owner.organization))["Location"] == "/"
    assert client.get(link("usage", owner.organization)).status_code == 404


def test_handing_over_asks_for_the_password(client, owner):
    member = make_membership(organization=owner.organization)
    path = link("member_transfer", owner.organization, pk=member.pk)
    assert client.post(path)["Location"].startswith(reverse("account_reauthenticate"))
    assert Membership.objects.get(pk=owner.pk).role == Role.OWNER
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(path)
    assert Membership.objects.get(pk=member.pk).role == Role.OWNER


def test_invitation_with_wrong_fields_says_so(client, owner):
    response = client.post(link("invitation_new", owner.organization), {"email": "no address", "role": "owner"})
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"email", "role"}


def test_full_plan_shows_the_way_up(client, owner):
    for _ in range(4):
        make_membership(organization=owner.organization)
    response = client.post(link("invitation_new", owner.organization), {"email": "new@example.com", "role": "member"})
    assert response.status_code == 402
    assert b"room for 5 members" in response.content


def test_invitation_of_another_address_says_whose_it_is(client, owner):
    invitation = make_invitation(email="new@example.com")
    page = client.get(invitation.get_accept_url())
    assert b"You are logged in with another address" in page.content
    assert client.post(invitation.get_accept_url()).status_code == 403


def test_invitation_page_is_never_cached(client):
    assert "no-store" in client.get(make_invitation().get_accept_url())["Cache-Control"]


def test_team_is_made_and_changed(client, owner):
    workspace = owner.organization.workspaces.get()
    values = {"name": "Bakers", "members": [owner.pk], "workspaces": [workspace.pk]}
    client.post(link("team_new", owner.organization), values)
    team = Team.objects.get()
    assert (list(team.members.all()), list(team.workspaces.all())) == ([owner], [workspace])
    client.post(link("team_edit", owner.organization, pk=team.pk), {"name": "Cooks"})
    team.refresh_from_db()
    assert (team.name, team.members.count()) == ("Cooks", 0)
    client.post(link("team_delete", owner.organization, pk=team.pk))
    assert not Team.objects.exists()


def test_team_takes_no_row_of_another_organization(client, owner):
    other = make_membership()
    response = client.post(link("team_new", owner.organization), {"name": "X", "members": [other.pk]})
    assert response.status_code == 422


def test_settings_change_name_and_zone(client, owner):
    workspace = owner.organization.workspaces.get()
    client.post(link("workspace_settings", workspace), {"name": "Cakes", "time_zone": "Asia/Tokyo"})
    client.post(link("organization_settings", owner.organization), {"name": "Ada", "time_zone": "Asia/Kolkata"})
    workspace = Workspace.objects.select_related("organization").get()
    assert (workspace.name, workspace.time_zone) == ("Cakes", "Asia/Tokyo")
    assert (workspace.organization.name, workspace.organization.time_zone) == ("Ada", "Asia/Kolkata")


def test_brake_is_one_click_each_way(client, owner):
    workspace = owner.organization.workspaces.get()
    for tenant, kind in ((workspace, "workspace"), (owner.organization, "organization")):
        client.post(link(f"{kind}_pause", tenant))
        assert type(tenant).objects.get().is_paused
        client.post(link(f"{kind}_resume", tenant))
        assert not type(tenant).objects.get().is_paused


def test_workspace_is_deleted_by_its_typed_name_and_kept_by_one_click(client, owner):
    workspace = owner.organization.workspaces.get()
    assert client.post(link("workspace_delete", workspace), {"typed": "Bread"}).status_code == 422
    client.post(link("workspace_delete", workspace), {"typed": "Bakery"})
    assert Workspace.objects.get().delete_at > clock.now() + timedelta(days=6)
    assert b"will be deleted on" in client.get(link("workspace_settings", workspace)).content
    client.post(link("workspace_keep", workspace))
    assert Workspace.objects.get().delete_at is None


def test_profile_changes_name_and_zone(client, owner):
    client.post(reverse("person_edit"), {"name": "Ada L.", "time_zone": "Europe/Paris"})
    owner.user.refresh_from_db()
    assert (owner.user.name, owner.user.time_zone) == ("Ada L.", "Europe/Paris")


def test_fresh_workspace_is_made_in_the_zone_of_the_organization(client, owner):
    Organization.objects.update(time_zone="Europe/Lisbon")
    page = client.get(link("workspace_new", owner.organization))
    assert page.context["form"]["time_zone"].value() == "Europe/Lisbon"
    client.post(link("workspace_new", owner.organization), {"name": "Second", "time_zone": "Europe/Lisbon"})
    assert owner.organization.workspaces.count() == 2
