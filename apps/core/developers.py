"""The API for those who write programs: its description, and the page that begins with three calls."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.decorators import public


@public
@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """The description of the API (OpenAPI 3.1)."""
    from apps.core import schema

    return JsonResponse(schema.document())


@public
@require_safe
def developers(request: HttpRequest) -> HttpResponse:
    """Three calls to a first post, and every operation."""
    from apps.core import schema

    base = request.build_absolute_uri("/api/v1")
    return render(request, "core/developers.html", {"operations": schema.operations(), "base": base})
