"""The API of pictures: the same services as the pages."""

from __future__ import annotations

from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.core import paging
from apps.core.errors import Invalid
from apps.core.serializers import Query, chosen, listed, read, shown
from apps.media import services
from apps.media.forms import UploadForm
from apps.media.serializers import AssetSerializer, UploadSerializer


@api_call(Permission.WORKSPACE_VIEW, asks=Query, lists=AssetSerializer)
def asset_list(request: Request) -> Response:
    """List pictures, newest first."""
    page = paging.by_cursor(request.workspace.assets.all(), **chosen(request))
    return listed(request, page, AssetSerializer)


@api_call(Permission.CONTENT_WRITE, files=UploadSerializer, gives=AssetSerializer, status=201)
def asset_create(request: Request) -> Response:
    """Upload a picture (JPG, PNG, WebP, GIF or HEIC, up to 10 MB); it is `pending` until it has been checked."""
    data = request.data  # reading it tells whether the file was too large
    form = UploadForm(data, request.FILES, is_too_large=getattr(request._request, "is_upload_too_large", False))
    if not form.is_valid():
        raise Invalid(fields=form.errors)
    asset = services.store_upload(request.workspace, request.user, form.cleaned_data["file"])
    if "alt_text" in data:
        services.describe_asset(asset=asset, alt_text=read(request, UploadSerializer)["alt_text"])
    return shown(request, asset, AssetSerializer, status=201)


@api_call(Permission.WORKSPACE_VIEW, gives=AssetSerializer)
def asset_detail(request: Request, asset: UUID) -> Response:
    """Show a picture: whether it is checked, and where it lies."""
    return shown(request, get_object_or_404(request.workspace.assets, pk=asset), AssetSerializer)
