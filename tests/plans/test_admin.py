"""Operators change standings through services, and every table opens."""

import pytest
from django.urls import reverse

from apps.core.models import AuditEntry
from apps.plans import entitlements
from apps.plans.models import Override, Standing
from tests.factories import make_organization, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client):
    person = make_user(is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


@pytest.mark.parametrize("table", ["plan", "standing", "override", "usage", "reservation", "trial", "spend"])
def test_every_table_opens(client, operator, table):
    make_organization()
    assert client.get(reverse(f"admin:plans_{table}_changelist")).status_code == 200


def act(client, model, row, action, **fields):
    address = reverse(f"admin:plans_{model}_changelist")
    return client.post(address, {"action": action, "_selected_action": [row.pk], **fields}, follow=True)


def test_a_plan_is_given_with_a_reason(client, operator):
    organization = make_organization(plan="free")
    row = Standing.objects.get(organization=organization)
    answer = act(client, "standing", row, "comp_plan", plan="pro", reason="")
    assert "Say why; it is kept in the audit log." in answer.content.decode()
    act(client, "standing", row, "comp_plan", plan="pro", reason="Partner")
    entitlements.forget(organization)
    assert entitlements.plan_of(organization).key == "pro"
    assert AuditEntry.objects.values_list("action", "reason", "actor").get() == ("plan.comped", "Partner", operator.pk)


def test_a_trial_is_extended(client, operator):
    organization = make_organization(plan="free")
    row = Standing.objects.get(organization=organization)
    answer = act(client, "standing", row, "extend_trial", reason="Ill")
    assert "Say until when." in answer.content.decode()
    act(client, "standing", row, "extend_trial", reason="Ill", until_0="2099-01-01", until_1="12:00")
    entitlements.forget(organization)
    assert entitlements.plan_of(organization).is_trial


def test_an_override_is_added_and_ended_on_record(client, operator):
    organization = make_organization(plan="free")
    fields = {"organization": organization.pk, "kind": "limit", "key": "channels", "value": "9", "reason": "Fair"}
    client.post(reverse("admin:plans_override_add"), fields)
    override = Override.objects.get()
    assert (override.value, override.created_by) == (9, operator)
    act(client, "override", override, "end_override", reason="Over")
    assert not Override.objects.exists()
    assert list(AuditEntry.objects.order_by("at").values_list("action", flat=True)) == [
        "plan.override_set",
        "plan.override_ended",
    ]


def test_a_plan_cannot_be_given_a_number_it_cannot_have(client, operator):
    plan = Standing.objects.get(organization=make_organization()).plan
    fields = {
        "name": "Pro",
        "month_cents": 1,
        "year_cents": 1,
        "order": 2,
        "limits": '{"channels": -1}',
        "features": "{}",
        "levels": "{}",
        "choices": "{}",
    }
    answer = client.post(reverse("admin:plans_plan_change", args=[plan.pk]), fields)
    assert "Not known, or with a value it cannot have: channels." in answer.content.decode()
