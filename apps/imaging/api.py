"""The API of drawings: the same services as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.core import paging
from apps.core.serializers import Query, chosen, listed, read, shown
from apps.imaging import services
from apps.imaging.contract import wish_from
from apps.imaging.models import Candidate
from apps.imaging.serializers import GenerationSerializer, TakeSerializer, WishSerializer
from apps.media.serializers import AssetSerializer

WISH = {
    "kind": "offer",
    "figure": "2 for 1",
    "headline": "on every cinnamon roll",
    "network": "bluesky",
    "look": "playful",
    "n": 2,
}


@api_call(Permission.WORKSPACE_VIEW, asks=Query, lists=GenerationSerializer)
def image_list(request: Request) -> Response:
    """List wishes for pictures with what was drawn for them, newest first."""
    page = paging.by_cursor(request.workspace.generations.with_candidates(), **chosen(request))
    return listed(request, page, GenerationSerializer)


@api_call(Permission.CONTENT_WRITE, takes=WishSerializer, gives=GenerationSerializer, status=202, example=WISH)
def image_create(request: Request) -> Response:
    """Ask for pictures. They are drawn one by one: read the wish at its address until it is no longer `drawing`."""
    quality = services.best_quality(request.organization)
    wish = wish_from({"quality": quality} | read(request, WishSerializer))
    made = services.request_pictures(workspace=request.workspace, user=request.user, wish=wish)
    where = reverse("api_image", kwargs={"workspace": request.workspace.slug, "pk": made.pk}, request=request)
    return _show(request, made.pk, status=202, headers={"Location": where})


@api_call(Permission.WORKSPACE_VIEW, gives=GenerationSerializer)
def image_detail(request: Request, pk: UUID) -> Response:
    """Show a wish with its candidates and their scores."""
    return _show(request, pk)


@api_call(Permission.CONTENT_WRITE, takes=TakeSerializer, gives=AssetSerializer, example={"alt_text": "A loaf"})
def candidate_take(request: Request, pk: UUID) -> Response:
    """Make a candidate a picture of the library; taking it twice gives the same picture."""
    candidate = get_object_or_404(Candidate.of(request.workspace), pk=pk)
    candidate.generation.workspace = request.workspace
    asset = services.take_candidate(candidate=candidate, user=request.user, **read(request, TakeSerializer))
    return shown(request, asset, AssetSerializer)


def _show(request: Request, pk: UUID, **options: Any) -> Response:
    found = get_object_or_404(request.workspace.generations.with_candidates(), pk=pk)
    return shown(request, found, GenerationSerializer, **options)
