"""The API of the brand kit: the same services as the pages."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.brand import services
from apps.brand.models import BrandKit
from apps.brand.serializers import BrandKitSerializer, BrandWriteSerializer
from apps.core.serializers import matched, read, shown, versioned

KIT = {"kit": {"primary": "#4a3bc4", "mood": "warm and calm"}}


@api_call(Permission.WORKSPACE_VIEW, gives=BrandKitSerializer)
def brand_detail(request: Request) -> Response:
    """Show the brand kit."""
    return _show(request, services.find_kit(request.workspace))


@api_call(Permission.BRAND_EDIT, takes=BrandWriteSerializer, gives=BrandKitSerializer, matches=True, example=KIT)
def brand_edit(request: Request) -> Response:
    """Change some fields of the brand kit, as its next version."""
    version = matched(request, services.find_kit(request.workspace).number)
    values = read(request, BrandWriteSerializer)["kit"]
    kit = services.save_kit(workspace=request.workspace, author=request.user, version=version, **values)
    return _show(request, kit)


def _show(request: Request, kit: BrandKit) -> Response:
    return shown(request, kit, BrandKitSerializer, headers=versioned(kit.number))
