"""Pages of single pictures, and the files themselves behind signed addresses."""

from __future__ import annotations

import json
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.core.decorators import public
from apps.core.errors import NotFound
from apps.core.htmx import answer, go, wants_fragment
from apps.media import services, serving
from apps.media.forms import AssetForm, UploadForm


@member_required(Permission.CONTENT_WRITE, methods=("GET", "HEAD", "POST"))
def media_upload(request: HttpRequest) -> HttpResponse:
    """Upload one picture: a page of its own, or a fragment of the page that asks (with event `asset-added`)."""
    if request.method != "POST":
        return answer(request, "media/asset_upload.html", {"form": UploadForm()}, partial="upload")
    files = request.FILES  # reading them tells whether one was too large
    form = UploadForm(request.POST, files, is_too_large=getattr(request, "is_upload_too_large", False))
    if not form.is_valid():
        return answer(request, "media/asset_upload.html", {"form": form}, partial="upload", status=422)
    asset = services.store_upload(request.workspace, request.user, form.cleaned_data["file"])
    if not wants_fragment(request):
        return go(request, asset)
    response = answer(request, "media/asset_upload.html", {"form": UploadForm(), "asset": asset}, partial="upload")
    response["HX-Trigger"] = json.dumps({"asset-added": {"id": str(asset.pk), "name": asset.name}})
    return response


@member_required(Permission.WORKSPACE_VIEW)
def asset_detail(request: HttpRequest, asset: UUID) -> HttpResponse:
    """One picture; htmx gets its tile, which asks again while the picture is being checked."""
    found = get_object_or_404(request.workspace.assets, pk=asset)
    context = {"asset": found, "form": AssetForm(instance=found)}
    return answer(request, "media/asset_detail.html", context, partial="tile")


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def asset_edit(request: HttpRequest, asset: UUID) -> HttpResponse:
    """Change the description of a picture."""
    found = get_object_or_404(request.workspace.assets, pk=asset)
    form = AssetForm(request.POST, instance=found)
    if not form.is_valid():
        context = {"asset": found, "form": form}
        return answer(request, "media/asset_detail.html", context, partial="description", status=422)
    services.describe_asset(asset=found, alt_text=form.cleaned_data["alt_text"])
    if not wants_fragment(request):
        messages.success(request, _("Description saved."))
        return go(request, found)
    return answer(
        request, "media/asset_detail.html", {"asset": found, "form": form, "is_saved": True}, partial="description"
    )


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def asset_delete(request: HttpRequest, asset: UUID) -> HttpResponse:
    """Delete a picture that no post uses."""
    found = get_object_or_404(request.workspace.assets.select_related("workspace__organization"), pk=asset)
    services.delete_asset(asset=found, actor=request.user)
    messages.success(request, _("Picture deleted."))
    return go(request, "workspace_home", workspace=request.workspace.slug)


@public
def asset_file(request: HttpRequest, asset: UUID, variant: str, expires: int, signature: str) -> FileResponse:
    """A file by its signed address; 404 for one that is forged, over, or whose picture is gone."""
    found = serving.find(asset, variant, expires, signature)
    if found is None or request.method not in ("GET", "HEAD"):
        raise NotFound
    return serving.response(*found)
