"""The API of posts: the same services as the pages."""

from __future__ import annotations

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.content import listing
from apps.content.serializers import PostDetailSerializer, PostQuery, PostSerializer
from apps.core.serializers import chosen, listed, shown


@api_call(Permission.WORKSPACE_VIEW, asks=PostQuery, lists=PostSerializer)
def post_list(request: Request) -> Response:
    """List posts, newest first."""
    return listed(request, listing.page(request.workspace, **chosen(request, PostQuery)), PostSerializer)


@api_call(Permission.WORKSPACE_VIEW, gives=PostDetailSerializer)
def post_detail(request: Request, pk: UUID) -> Response:
    """Show a post with everything on record about it."""
    post = listing.find(request.workspace, pk)
    return shown(request, post, PostDetailSerializer, headers={"ETag": f'"{post.version}"'})
