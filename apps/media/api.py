"""The API of pictures: the same services as the pages."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.core import paging
from apps.core.serializers import Query, chosen, listed, shown
from apps.media.serializers import AssetSerializer


@api_call(Permission.WORKSPACE_VIEW, asks=Query, lists=AssetSerializer)
def asset_list(request: Request) -> Response:
    """List pictures, newest first."""
    page = paging.by_cursor(request.workspace.assets.all(), **chosen(request))
    return listed(request, page, AssetSerializer)


@api_call(Permission.WORKSPACE_VIEW, gives=AssetSerializer)
def asset_detail(request: Request, asset: UUID) -> Response:
    """Show a picture: whether it is checked, and where it lies."""
    return shown(request, get_object_or_404(request.workspace.assets, pk=asset), AssetSerializer)
