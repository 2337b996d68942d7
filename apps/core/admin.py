"""What operators' pages share: fast lists, states that are only read, and actions that call a service with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.auth import get_permission_codename
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.core import audit
from apps.core.errors import DomainError
from apps.core.models import AuditEntry, StoredAnswer

Service = Callable[..., Any]

admin.site.site_header = gettext_lazy("Lily for operators")
admin.site.site_title = gettext_lazy("Lily for operators")
admin.site.index_title = gettext_lazy("Tables")


class OperatorAdmin(admin.ModelAdmin):
    """The base of every admin of ours. Name the states a service changes in `states`: they are shown, not edited.

    `list_select_related = True` follows no link that may be empty: name those the list shows.
    """

    list_select_related = True
    list_per_page = 50
    show_full_result_count = False
    formfield_overrides = {URLField: {"assume_scheme": "https"}}  # what Django 6 does by itself
    states: tuple[str, ...] = ()

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Who may run an action that calls a service: as who may change the row, also where rows are only read."""
        options = self.model._meta
        return request.user.has_perm(f"{options.app_label}.{get_permission_codename('change', options)}")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *self.states)


class ReadOnly:
    """Rows that only services write: looked at, never added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, OperatorAdmin):
    """A table of such rows."""


class ReadOnlyInline(ReadOnly, admin.TabularInline):
    """Such rows on the page of the row they belong to."""

    extra = 0


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text=gettext_lazy("Kept in the audit log with your name."),
    )


def service_action(
    service: Service, *, description: str, action: str, permission: str = "operate"
) -> Callable[..., Any]:
    """An admin action: asks for a reason on a page between, calls `service(row, actor=…, reason=…)` for each row and
    keeps each in the audit log as `action`. A row whose service raises a DomainError is told and left.

    Usage: `actions = [service_action(services.pause_channel, description=_("Pause"), action="channel.paused")]`.
    """

    def perform(modeladmin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> TemplateResponse | None:
        form = ReasonForm(request.POST if "confirmed" in request.POST else None)
        if not form.is_valid():
            return _ask(modeladmin, request, queryset, form, description, perform.__name__)
        for row in queryset:
            _call(modeladmin, request, row, service, action, form.cleaned_data["reason"])
        return None

    perform.__name__ = action.replace(".", "_")
    perform.short_description = description  # type: ignore[attr-defined]
    perform.allowed_permissions = (permission,)  # type: ignore[attr-defined]
    return perform


def _ask(
    modeladmin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet, form: ReasonForm, title: str, name: str
) -> TemplateResponse:
    values = {
        **modeladmin.admin_site.each_context(request),
        "title": title,
        "form": form,
        "rows": queryset,
        "action": name,
        "opts": modeladmin.model._meta,
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/service_action.html", values)


def _call(
    modeladmin: admin.ModelAdmin, request: HttpRequest, row: Model, service: Service, action: str, reason: str
) -> None:
    label = str(row)
    organization, workspace = _tenant(row)
    try:
        service(row, actor=request.user, reason=reason)
    except DomainError as error:
        messages.error(request, f"{label}: {error}")
        return
    audit.record(
        action,
        organization=organization,
        workspace=workspace,
        actor=request.user,
        target=row,
        reason=reason,
        by_operator=True,
    )
    messages.success(request, _("%(row)s: done.") % {"row": label})


def _tenant(row: Model) -> tuple[Any, Any]:
    """(organization, workspace) a row belongs to, as far as it says."""
    name = row._meta.label_lower
    workspace = row if name == "accounts.workspace" else getattr(row, "workspace", None)
    organization = row if name == "accounts.organization" else getattr(row, "organization", None)
    return organization or getattr(workspace, "organization", None), workspace


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "actor_label", "target_label", "organization", "reason")
    list_select_related = ("organization",)
    list_filter = ("action",)
    search_fields = ("=target_id", "=request_id", "organization__slug")


@admin.register(StoredAnswer)
class StoredAnswerAdmin(ReadOnlyAdmin):
    list_display = ("route", "organization", "status", "created_at")
    list_select_related = ("organization",)
    search_fields = ("=key", "organization__slug")
    exclude = ("body", "body_hash")
