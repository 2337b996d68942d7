"""People and tenants for operators: rows are looked at; what may be done to them is an action with its reason."""

from __future__ import annotations

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from apps.accounts import services
from apps.accounts.models import (
    ApiKey,
    Export,
    Invitation,
    Membership,
    Notice,
    Organization,
    OutgoingMail,
    Team,
    User,
    Workspace,
)
from apps.core.admin import ReadOnlyAdmin, service_action

admin.site.login = secure_admin_login(admin.site.login)  # operators log in as everyone does, second step included


def _action(service, name: str, description: str, row: str):
    """An action that hands the row to the service by the name its services know it by."""
    return service_action(
        lambda given, *, actor, reason: service(actor=actor, reason=reason, **{row: given}),
        description=description,
        action=f"operator.{name}",
    )


@admin.register(User)
class UserAdmin(ReadOnlyAdmin):
    list_display = ("email", "name", "is_active", "is_staff", "date_joined", "last_login", "delete_at")
    list_select_related = ("last_workspace",)
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name", "=id")
    exclude = ("password",)
    actions = (
        _action(services.close_account, "account_closed", _("Close the account (they cannot log in)"), "user"),
        _action(services.open_account, "account_opened", _("Open a closed account again"), "user"),
    )


@admin.register(Organization)
class OrganizationAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "time_zone", "is_paused", "created_at", "delete_at")
    list_filter = ("is_paused",)
    search_fields = ("name", "slug", "=id", "memberships__user__email")
    actions = (
        _action(services.pause_organization, "organization_paused", _("Pause"), "organization"),
        _action(services.resume_organization, "organization_resumed", _("Resume"), "organization"),
        _action(services.keep_organization, "organization_kept", _("Undo a booked deletion"), "organization"),
    )


@admin.register(Workspace)
class WorkspaceAdmin(ReadOnlyAdmin):
    list_display = ("name", "slug", "organization", "time_zone", "is_paused", "created_at", "delete_at")
    list_select_related = ("organization",)
    list_filter = ("is_paused",)
    search_fields = ("name", "slug", "=id", "organization__slug")
    actions = (
        _action(services.pause_workspace, "workspace_paused", _("Pause"), "workspace"),
        _action(services.resume_workspace, "workspace_resumed", _("Resume"), "workspace"),
        _action(services.keep_workspace, "workspace_kept", _("Undo a booked deletion"), "workspace"),
    )


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ("user", "organization", "role", "created_at")
    list_select_related = ("user", "organization")
    list_filter = ("role",)
    search_fields = ("user__email", "organization__slug")
    actions = (_action(services.expel_member, "member_removed", _("Remove from the organization"), "member"),)


@admin.register(Team)
class TeamAdmin(ReadOnlyAdmin):
    list_display = ("name", "organization")
    list_select_related = ("organization",)
    search_fields = ("name", "organization__slug")


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = ("email", "organization", "role", "invited_by", "sent_at", "expires_at", "accepted_at")
    list_select_related = ("organization", "invited_by")
    search_fields = ("email", "organization__slug")
    exclude = ("nonce", "token_hash")
    actions = (
        _action(services.resend_invitation, "invitation_resent", _("Send the mail again"), "invitation"),
        _action(services.take_back_invitation, "invitation_taken_back", _("Take back"), "invitation"),
    )


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ("name", "last_four", "membership", "created_at", "expires_at", "last_used_at")
    list_select_related = ("membership__user",)
    search_fields = ("name", "membership__user__email", "membership__organization__slug")
    exclude = ("token_hash",)
    actions = (_action(services.revoke_key, "api_key_revoked", _("Revoke"), "key"),)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("user", "organization", "state", "bytes", "created_at", "expires_at")
    list_select_related = ("user", "organization")
    list_filter = ("state",)
    search_fields = ("user__email", "organization__slug")


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    list_display = ("user", "kind", "organization", "is_listed", "made_at", "read_at")
    list_select_related = ("user", "organization")
    list_filter = ("kind",)
    search_fields = ("user__email", "organization__slug")
    exclude = ("facts", "page")


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    list_display = ("to", "subject", "tries", "next_try_at", "created_at")
    search_fields = ("to", "=id")
    exclude = ("text",)
