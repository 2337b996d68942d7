"""The API of drawings: the same services as the pages."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.core import paging
from apps.core.serializers import Query, chosen, listed, read, shown
from apps.imaging import services
from apps.imaging.models import Candidate
from apps.imaging.serializers import GenerationSerializer, TakeSerializer
from apps.media.serializers import AssetSerializer


@api_call(Permission.WORKSPACE_VIEW, asks=Query, lists=GenerationSerializer)
def image_list(request: Request) -> Response:
    """List wishes for pictures with what was drawn for them, newest first."""
    page = paging.by_cursor(request.workspace.generations.with_candidates(), **chosen(request))
    return listed(request, page, GenerationSerializer)


@api_call(Permission.WORKSPACE_VIEW, gives=GenerationSerializer)
def image_detail(request: Request, pk: UUID) -> Response:
    """Show a wish with its candidates and their scores."""
    found = get_object_or_404(request.workspace.generations.with_candidates(), pk=pk)
    return shown(request, found, GenerationSerializer)


@api_call(Permission.CONTENT_WRITE, takes=TakeSerializer, gives=AssetSerializer, example={"alt_text": "A loaf"})
def candidate_take(request: Request, pk: UUID) -> Response:
    """Make a candidate a picture of the library; taking it twice gives the same picture."""
    candidate = get_object_or_404(Candidate.of(request.workspace), pk=pk)
    candidate.generation.workspace = request.workspace
    asset = services.take_candidate(candidate=candidate, user=request.user, **read(request, TakeSerializer))
    return shown(request, asset, AssetSerializer)
