"""Wishes, drawings and renditions for operators: looked at, never changed."""

from django.contrib import admin

from apps.core.admin import ReadOnlyAdmin
from apps.imaging.models import Candidate, Generation, Rendition


@admin.register(Generation)
class GenerationAdmin(ReadOnlyAdmin):
    list_display = ("id", "workspace", "model", "why_model", "best_id", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("model",)
    search_fields = ("=id", "workspace__slug")


@admin.register(Candidate)
class CandidateAdmin(ReadOnlyAdmin):
    list_display = ("id", "generation_id", "index", "state", "tries", "total", "passed", "problem", "created_at")
    list_filter = ("state", "passed")
    search_fields = ("=id", "=generation__id")


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ("id", "asset_id", "network", "placement", "mime", "width", "height", "bytes", "created_at")
    list_filter = ("network", "placement")
    search_fields = ("=id", "=asset__id")
