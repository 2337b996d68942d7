from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin import AdminSite
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import path, reverse

from apps.accounts.models import Workspace
from apps.core import audit
from apps.core.admin import OperatorAdmin, ReadOnlyAdmin, service_action
from apps.core.errors import WrongState
from apps.core.models import AuditEntry
from config import urls
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.test_admin")]


def pause_workspace(workspace: Workspace, *, actor, reason: str) -> None:
    if workspace.is_paused:
        raise WrongState("It is paused already.")
    workspace.is_paused = True
    workspace.save()


class WorkspaceAdmin(OperatorAdmin):
    states = ("is_paused",)
    actions = [service_action(pause_workspace, description="Pause", action="workspace.paused")]


site = AdminSite(name="trial")
site.register(Workspace, WorkspaceAdmin)
urlpatterns = [path("trial/", site.urls), *urls.urlpatterns]
LIST = "/trial/accounts/workspace/"


@pytest.fixture
def operator(client):
    person = factories.make_user(name="Op Erator", is_staff=True, is_superuser=True)
    client.force_login(person)
    return person


def choose(client, *rows: Workspace, **more: str):
    data = {"action": "workspace_paused", ACTION_CHECKBOX_NAME: [row.pk for row in rows], **more}
    return client.post(LIST, data)


def test_action_asks_for_a_reason_first(client, operator):
    workspace = factories.make_workspace()
    response = choose(client, workspace)
    assert (response.status_code, response.templates[0].name) == (200, "admin/service_action.html")
    workspace.refresh_from_db()
    assert not workspace.is_paused


def test_action_without_a_reason_does_nothing(client, operator):
    workspace = factories.make_workspace()
    assert b"This field is required" in choose(client, workspace, confirmed="1", reason=" ").content
    workspace.refresh_from_db()
    assert not workspace.is_paused


def test_action_calls_the_service_and_keeps_the_reason(client, operator):
    workspace = factories.make_workspace()
    assert choose(client, workspace, confirmed="1", reason="Asked by phone").status_code == 302
    workspace.refresh_from_db()
    assert workspace.is_paused
    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.actor, entry.reason, entry.organization, entry.workspace, entry.target_id) == (
        "workspace.paused",
        operator,
        "Asked by phone",
        workspace.organization,
        workspace,
        str(workspace.pk),
    )


def test_row_that_refuses_is_told_and_the_others_go_on(client, operator):
    paused, running = factories.make_workspace(name="Paused", is_paused=True), factories.make_workspace(name="Running")
    choose(client, paused, running, confirmed="1", reason="Why")
    page = client.get(LIST).content.decode()
    assert "Paused: It is paused already." in page
    assert "Running: done." in page
    assert AuditEntry.objects.count() == 1


def test_states_are_shown_and_not_edited(client, operator):
    workspace = factories.make_workspace()
    address = f"{LIST}{workspace.pk}/change/"
    assert b'name="is_paused"' not in client.get(address).content
    client.post(
        address, {"organization": workspace.organization.pk, "name": "New", "time_zone": "UTC", "is_paused": "on"}
    )
    workspace.refresh_from_db()
    assert (workspace.name, workspace.is_paused) == ("New", False)


def test_audit_log_is_only_read(client, operator):
    entry = audit.record("x.y", organization=None)
    page = client.get(reverse("admin:core_auditentry_change", args=[entry.pk]))
    assert page.status_code == 200
    assert b'name="_save"' not in page.content and b"Delete" not in page.content
    assert client.get(reverse("admin:core_auditentry_add")).status_code == 403


def test_audit_list_asks_the_same_number_of_queries(client, operator):
    address, counts = reverse("admin:core_auditentry_changelist"), []
    client.get(address)
    for rows in (1, 2):
        for _ in range(rows):
            workspace = factories.make_workspace()
            audit.record("x.y", organization=workspace.organization, workspace=workspace, actor=operator)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


OURS = [
    (model, options)
    for model, options in admin.site._registry.items()
    if model.__module__.startswith("apps.") and not model._meta.auto_created
]


@pytest.mark.parametrize(("model", "options"), OURS, ids=lambda value: getattr(value, "__name__", ""))
def test_every_admin_of_ours_is_fast_and_opens(client, operator, model, options):
    assert isinstance(options, OperatorAdmin), "use OperatorAdmin or ReadOnlyAdmin of core.admin"
    assert options.show_full_result_count is False
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert client.get(reverse(f"{name}_changelist")).status_code == 200
    if not isinstance(options, ReadOnlyAdmin) and options.has_add_permission(client.get("/").wsgi_request):
        assert client.get(reverse(f"{name}_add")).status_code == 200


def test_every_table_of_ours_is_in_the_admin():
    from django.apps import apps

    ours = {model for model in apps.get_models() if model.__module__.startswith("apps.")}
    assert ours - {model for model, _ in OURS} == set()
