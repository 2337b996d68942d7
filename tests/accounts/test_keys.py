"""Keys of the API: what one opens, what ends it, and the pages that make and revoke them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from apps.accounts import services
from apps.accounts.catalog import Permission, Role
from apps.accounts.models import KEY_USE_NOTED, ApiKey, hash_token
from apps.core import clock
from apps.core.errors import Invalid, LimitReached, PermissionRefused
from apps.core.models import AuditEntry
from tests.factories import (
    PASSWORD,
    make_key,
    make_membership,
    make_organization,
    make_standing,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def organization():
    return make_organization(plan="pro", owner=make_user(name="Olga Owner"))


@pytest.fixture
def owner(organization):
    return organization.memberships.get()


def ask(client, organization, token):
    """What the API says about an organization's usage to whoever brings this token."""
    address = reverse("api_usage", kwargs={"organization": organization.slug})
    return client.get(address, headers={"Authorization": f"Bearer {token}"})


def link(name, organization, **more):
    return reverse(name, kwargs={"organization": organization.slug, **more})


def fresh(client, user):
    """Signed in and asked for the password a moment ago."""
    client.force_login(user)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def test_key_opens_its_organization(client, organization, owner):
    _key, token = make_key(membership=owner)
    answer = ask(client, organization, token)
    assert (answer.status_code, answer.json()["plan"]) == (200, "pro")


def test_key_is_recognised_and_kept_only_as_a_hash(owner):
    key, token = services.create_key(actor=owner, name="Till", scopes=[Permission.WORKSPACE_VIEW])
    stored = str(ApiKey.objects.filter(pk=key.pk).values().get())
    assert re.fullmatch(r"lily_[\w-]{43}", token)
    assert (key.last_four, token in stored, len(key.token_hash)) == (token[-4:], False, 64)


@pytest.mark.parametrize("token", ["lily_made-up", "", "x" * 5000, "caf\u00e9"])
def test_made_up_key_is_asked_to_authenticate(client, organization, token):
    answer = ask(client, organization, token)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_without_a_key_the_way_to_authenticate_is_named(client, organization):
    answer = client.get(link("api_usage", organization))
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")


def test_bad_key_beside_a_good_session_is_refused(client, organization, owner):
    client.force_login(owner.user)
    assert ask(client, organization, "lily_made-up").status_code == 401


def test_key_opens_no_other_organization_of_its_member(client, owner):
    other = make_organization(plan="pro", owner=owner.user)
    _key, token = make_key(membership=owner)
    assert ask(client, other, token).status_code == 404
    assert ask(client, owner.organization, token).status_code == 200


@pytest.mark.parametrize("end", ["membership", "revoked", "lapsed", "closed account"])
def test_key_ends(client, organization, owner, end):
    member = make_membership(organization=organization, role=Role.ADMIN)
    key, token = make_key(membership=member, expires_at=clock.now() + timedelta(days=1))
    assert ask(client, organization, token).status_code == 200
    match end:
        case "membership":
            services.remove_member(actor=owner, member=member)
        case "revoked":
            services.revoke_key(actor=owner.user, key=key)
        case "lapsed":
            ApiKey.objects.update(expires_at=clock.now())
        case "closed account":
            services.close_account(actor=owner.user, user=member.user, reason="asked")
    assert ask(client, organization, token).status_code == 401


def test_key_of_a_locked_member_names_the_plan_that_would_do(client, organization):
    member = make_membership(organization=organization, role=Role.ADMIN)
    _key, token = make_key(membership=member)
    make_standing(organization, plan="starter")
    answer = ask(client, organization, token)
    assert (answer.status_code, answer.json()["limit"], answer.json()["plan"]) == (402, "members", "pro")


def test_key_may_do_only_what_it_was_given(client, organization, owner):
    _key, token = make_key(membership=owner, scopes=[Permission.CONTENT_WRITE])
    answer = ask(client, organization, token)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")
    assert "organization.view" in answer.json()["detail"]


def test_key_loses_what_its_maker_loses(client, organization, owner):
    member = make_membership(organization=organization, role=Role.ADMIN)
    _key, token = make_key(membership=member)
    services.change_role(actor=owner, member=member, role=Role.VIEWER)
    workspace = make_workspace(organization=organization)
    address, by_key = reverse("api_posts", args=[workspace.slug]), {"Authorization": f"Bearer {token}"}
    statuses = [client.get(address, headers=by_key).status_code, client.post(address, headers=by_key).status_code]
    assert statuses == [200, 403]


def test_last_use_is_noted_to_ten_minutes(client, organization, owner):
    key, token = make_key(membership=owner)
    ask(client, organization, token)
    key.refresh_from_db()
    first = key.last_used_at
    ask(client, organization, token)
    key.refresh_from_db()
    assert key.last_used_at == first
    ApiKey.objects.update(last_used_at=first - KEY_USE_NOTED)
    ask(client, organization, token)
    key.refresh_from_db()
    assert key.last_used_at > first


def test_maker_gives_no_more_than_they_have(organization):
    viewer = make_membership(organization=organization, role=Role.VIEWER)
    with pytest.raises(PermissionRefused):
        services.create_key(actor=viewer, name="Till", scopes=[Permission.CONTENT_WRITE])


@pytest.mark.parametrize("scopes", [[], ["organization.delete"], ["no.such"]])
def test_key_takes_scopes_of_the_list_and_at_least_one(owner, scopes):
    with pytest.raises(Invalid) as refusal:
        services.create_key(actor=owner, name="Till", scopes=scopes)
    assert [*refusal.value.fields] == ["scopes"]


def test_plan_without_an_api_makes_no_key(organization, owner):
    make_standing(organization, plan="free")
    with pytest.raises(LimitReached) as refusal:
        services.create_key(actor=owner, name="Till", scopes=[Permission.WORKSPACE_VIEW])
    assert (refusal.value.limit, refusal.value.plan) == ("api_hour", "starter")


def test_making_and_revoking_stand_in_the_audit_log(owner):
    key, token = services.create_key(actor=owner, name="Till", scopes=[Permission.WORKSPACE_VIEW])
    services.revoke_key(actor=owner.user, key=key)
    entries = AuditEntry.objects.filter(action__startswith="api_key.").order_by("at")
    assert [entry.action for entry in entries] == ["api_key.made", "api_key.revoked"]
    assert token not in str([*entries.values()])


# -- the pages


def test_token_is_shown_once(client, organization, owner):
    fresh(client, owner.user)
    data = {"name": "Till", "scopes": ["workspace.view"], "lives": "90"}
    page = client.post(link("key_new", organization), data)
    (token,) = re.findall(r"lily_[\w-]{43}", page.content.decode())
    assert "no-store" in page["Cache-Control"]
    until = ApiKey.objects.get(token_hash=hash_token(token)).expires_at
    assert until.date() == (clock.now() + timedelta(days=90)).date()
    assert "lily_" not in client.get(link("key_list", organization)).content.decode()


def test_making_a_key_asks_who_is_there(client, organization, owner):
    client.force_login(owner.user)
    page = client.get(link("key_new", organization))
    assert (page.status_code, page.url.split("?")[0]) == (302, "/account/reauthenticate/")


def test_form_without_a_scope_comes_back(client, organization, owner):
    fresh(client, owner.user)
    page = client.post(link("key_new", organization), {"name": "Till", "lives": ""})
    assert (page.status_code, ApiKey.objects.exists()) == (422, False)


def test_key_is_revoked_from_its_line(client, organization, owner):
    key, token = make_key(membership=owner)
    client.force_login(owner.user)
    page = client.post(link("key_revoke", organization, pk=key.pk))
    assert page.url == link("key_list", organization)
    assert ask(client, organization, token).status_code == 401


def test_small_plan_sees_what_would_do(client, organization, owner):
    make_standing(organization, plan="free")
    client.force_login(owner.user)
    page = client.get(link("key_list", organization)).content.decode()
    assert ("The API comes with Starter" in page, link("key_new", organization) in page) == (True, False)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_list_costs_the_same_however_long(client, organization, owner, count, django_assert_num_queries):
    client.force_login(owner.user)
    for _ in range(count):
        make_key(membership=owner)
    client.get(link("key_list", organization))
    with django_assert_num_queries(7):
        page = client.get(link("key_list", organization))
    assert page.content.decode().count(">Revoke<") == count
