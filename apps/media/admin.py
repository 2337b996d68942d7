"""Pictures for operators: looked at, never changed."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.media.models import Asset


@admin.register(Asset)
class AssetAdmin(ReadOnlyAdmin):
    list_display = ("id", "workspace", "kind", "state", "name", "mime", "width", "height", "bytes", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("state", "kind", "original_mime")
    search_fields = ("=id", "workspace__slug", "=sha256")
