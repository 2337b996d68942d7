"""Connected profiles for operators: looked at, and changed by services with the reason on record. No secret shows."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import ReadOnlyAdmin, service_action
from apps.social import connecting, services
from apps.social.models import (
    Channel,
    ConnectState,
    SandboxFault,
    SandboxGrant,
    SandboxPicture,
    SandboxPost,
    ServerApp,
)


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ("handle", "network", "workspace", "status", "is_paused", "verified_at", "checked_at", "ends_at")
    list_select_related = ("workspace__organization",)
    list_filter = ("network", "status", "is_paused")
    search_fields = ("handle", "account_id", "workspace__name", "workspace__slug")
    exclude = ("credentials",)
    actions = (
        service_action(
            services.pause_channel,
            description=_("Pause"),
            action="operator.channel_paused",
        ),
        service_action(
            services.resume_channel,
            description=_("Let go on"),
            action="operator.channel_resumed",
        ),
        service_action(
            connecting.disconnect,
            description=_("Disconnect, forgetting the tokens"),
            action="operator.channel_disconnected",
        ),
    )


@admin.register(ConnectState)
class ConnectStateAdmin(ReadOnlyAdmin):
    list_display = ("network", "user", "workspace", "created_at", "returned_at", "finished_at")
    list_select_related = ("user", "workspace")
    list_filter = ("network",)
    exclude = ("remembered", "token_hash")


@admin.register(ServerApp)
class ServerAppAdmin(ReadOnlyAdmin):
    """Deleting one makes Lily register anew there; connected profiles keep theirs."""

    list_display = ("server", "network", "created_at")
    list_filter = ("network",)
    search_fields = ("server",)
    exclude = ("app",)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return request.user.has_perm("social.delete_serverapp")


@admin.register(SandboxGrant)
class SandboxGrantAdmin(ReadOnlyAdmin):
    list_display = ("owner", "refreshes", "expires_at", "revoked_at")
    search_fields = ("owner",)
    exclude = ("access_token", "refresh_token")


@admin.register(SandboxPost)
class SandboxPostAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "text", "created_at")
    search_fields = ("account_id", "text")


@admin.register(SandboxPicture)
class SandboxPictureAdmin(ReadOnlyAdmin):
    list_display = ("post", "mime", "width", "height", "alt")
    list_select_related = ("post",)
    exclude = ("data",)

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).defer("data")


@admin.register(SandboxFault)
class SandboxFaultAdmin(ReadOnlyAdmin):
    list_display = ("account_id", "kind", "seconds", "times_left", "created_at")
