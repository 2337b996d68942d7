"""The API of the brand kit: the same services as the pages."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.brand import services
from apps.brand.serializers import BrandKitSerializer
from apps.core.serializers import shown


@api_call(Permission.WORKSPACE_VIEW, gives=BrandKitSerializer)
def brand_detail(request: Request) -> Response:
    """Show the brand kit."""
    return shown(request, services.find_kit(request.workspace), BrandKitSerializer)
