"""Operators' pages of people and tenants."""

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.urls import reverse

from apps.accounts.catalog import Role
from apps.accounts.models import ApiKey, Export, Invitation, Membership, Notice, Organization, Team, User, Workspace
from apps.core.models import AuditEntry
from tests.factories import (
    make_export,
    make_invitation,
    make_key,
    make_membership,
    make_notice,
    make_organization,
    make_team,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db

MODELS = [User, Organization, Workspace, Membership, Team, Invitation, Export, ApiKey, Notice]


@pytest.fixture
def operator(client):
    person = make_user(name="Op Erator", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def act(client, row, action, reason="They asked us to by phone."):
    data = {"action": f"operator_{action}", ACTION_CHECKBOX_NAME: [row.pk], "confirmed": "yes", "reason": reason}
    return client.post(reverse(f"admin:accounts_{row._meta.model_name}_changelist"), data, follow=True)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_however_long(client, operator, model, count, django_assert_max_num_queries):
    for _ in range(count):
        organization = make_organization()
        make_workspace(organization=organization)
        make_team(organization=organization)
        make_invitation(organization=organization)
        make_export(user=operator)
        make_key(membership=organization.memberships.get())
        make_notice(organization=organization)
    with django_assert_max_num_queries(8):
        assert client.get(reverse(f"admin:accounts_{model._meta.model_name}_changelist")).status_code == 200


@pytest.mark.parametrize("model", MODELS)
def test_row_is_shown_without_its_secrets_and_cannot_be_written(client, operator, model):
    make_team(organization=make_organization(owner=operator))
    make_workspace()
    make_export(user=operator)
    invitation = make_invitation()
    key, _token = make_key()
    make_notice()
    page = client.get(reverse(f"admin:accounts_{model._meta.model_name}_change", args=[model.objects.first().pk]))
    assert page.status_code == 200
    for secret in (operator.password, invitation.nonce, invitation.token_hash, key.token_hash):
        assert secret.encode() not in page.content
    assert b"_save" not in page.content


def test_every_table_has_a_page():
    from django.apps import apps

    assert set(apps.get_app_config("accounts").get_models()) <= set(admin.site._registry)


def test_operator_removes_a_member_with_a_reason(client, operator):
    member = make_membership()
    act(client, member, "member_removed")
    assert not Membership.objects.filter(pk=member.pk).exists()
    entry = AuditEntry.objects.get(action="member.removed")
    assert (entry.actor, entry.reason) == (operator, "They asked us to by phone.")


def test_operator_is_told_why_the_last_owner_stays(client, operator):
    owner = make_organization().memberships.get(role=Role.OWNER)
    page = act(client, owner, "member_removed")
    assert b"An organization needs an owner" in page.content
    assert Membership.objects.filter(pk=owner.pk).exists()


def test_operator_uses_the_brake(client, operator):
    workspace = make_workspace()
    act(client, workspace, "workspace_paused")
    act(client, workspace.organization, "organization_paused")
    workspace = Workspace.objects.select_related("organization").get()
    assert workspace.is_paused
    assert workspace.organization.is_paused


def test_operator_closes_an_account_and_opens_it_again(client, operator):
    person = make_user()
    act(client, person, "account_closed")
    assert not User.objects.get(pk=person.pk).is_active
    act(client, person, "account_opened")
    assert User.objects.get(pk=person.pk).is_active
    act(client, operator, "account_closed")
    assert User.objects.get(pk=operator.pk).is_active


def test_operator_takes_an_invitation_back(client, operator):
    invitation = make_invitation()
    act(client, invitation, "invitation_taken_back")
    assert not Invitation.objects.exists()


def test_admin_asks_strangers_to_log_in_the_usual_way_and_hides_from_customers(client):
    assert client.get("/admin/login/", {"next": "/admin/"})["Location"].startswith("/account/login/")
    client.force_login(make_user())
    assert client.get("/admin/", follow=True).status_code in (403, 404)
