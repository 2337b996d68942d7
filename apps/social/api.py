"""The API of profiles."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.core import paging
from apps.core.serializers import Query, chosen, listed
from apps.social.serializers import ChannelSerializer


@api_call(Permission.WORKSPACE_VIEW, asks=Query, lists=ChannelSerializer)
def channel_list(request: Request) -> Response:
    """List connected profiles, newest first; disconnected ones too, because posts that went out point at them."""
    page = paging.by_cursor(request.workspace.channels.defer("credentials"), **chosen(request))
    return listed(request, page, ChannelSerializer)
