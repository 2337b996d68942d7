"""Brand kits for operators: looked at, never changed."""

from django.contrib import admin

from apps.brand.models import BrandKit, BrandVersion
from apps.core.admin import ReadOnlyAdmin


@admin.register(BrandKit)
class BrandKitAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "number", "updated_at")
    list_select_related = ("workspace",)
    search_fields = ("workspace__name", "workspace__slug")


@admin.register(BrandVersion)
class BrandVersionAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "number", "source", "author", "created_at")
    list_select_related = ("workspace", "author")
    list_filter = ("source",)
    search_fields = ("workspace__name", "workspace__slug")
