"""The API of posts: the same services as the pages."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.accounts.catalog import Permission
from apps.accounts.decorators import api_call
from apps.content import listing, services
from apps.content.serializers import (
    PostDetailSerializer,
    PostQuery,
    PostSerializer,
    PostWriteSerializer,
    TimeSerializer,
)
from apps.core.serializers import chosen, listed, matched, read, shown, versioned

WORDS = {"text": "Fresh bread from seven", "variants": {"bluesky": "Bread from seven"}, "language": "en"}
TIME = {"at": "2026-12-01T09:30:00+01:00"}


@api_call(Permission.WORKSPACE_VIEW, asks=PostQuery, lists=PostSerializer)
def post_list(request: Request) -> Response:
    """List posts, newest first."""
    return listed(request, listing.page(request.workspace, **chosen(request, PostQuery)), PostSerializer)


@api_call(Permission.CONTENT_WRITE, takes=PostWriteSerializer, gives=PostDetailSerializer, status=201, example=WORDS)
def post_create(request: Request) -> Response:
    """Write a draft."""
    given = read(request, PostWriteSerializer)
    given.setdefault("channels", services.ready_channels(request.workspace))
    post = services.create_post(workspace=request.workspace, author=request.user, **given)
    where = reverse("api_post", kwargs={"workspace": request.workspace.slug, "pk": post.pk}, request=request)
    return _show(request, post.pk, status=201, Location=where)


@api_call(Permission.WORKSPACE_VIEW, gives=PostDetailSerializer)
def post_detail(request: Request, pk: UUID) -> Response:
    """Show a post with everything on record about it."""
    return _show(request, pk)


@api_call(Permission.CONTENT_WRITE, takes=PostWriteSerializer, gives=PostDetailSerializer, matches=True, example=WORDS)
def post_edit(request: Request, pk: UUID) -> Response:
    """Change a post. One on the calendar stays there, checked anew."""
    services.save_draft(**_find(request, pk), **read(request, PostWriteSerializer))
    return _show(request, pk)


@api_call(Permission.CONTENT_PUBLISH, status=204, matches=True)
def post_delete(request: Request, pk: UUID) -> Response:
    """Delete a post that is neither out nor on its way."""
    services.delete_post(**_find(request, pk), actor=request.user)
    return Response(status=204)


@api_call(Permission.CONTENT_PUBLISH, takes=TimeSerializer, gives=PostDetailSerializer, matches=True, example=TIME)
def post_schedule(request: Request, pk: UUID) -> Response:
    """Put a post on the calendar; it goes out at its minute."""
    services.schedule_post(**_find(request, pk), **read(request, TimeSerializer))
    return _show(request, pk)


@api_call(Permission.CONTENT_PUBLISH, gives=PostDetailSerializer, matches=True)
def post_publish(request: Request, pk: UUID) -> Response:
    """Send a post at once wherever it is not out yet."""
    services.publish_now(**_find(request, pk))
    return _show(request, pk)


@api_call(Permission.CONTENT_PUBLISH, takes=TimeSerializer, gives=PostDetailSerializer, matches=True, example=TIME)
def post_move(request: Request, pk: UUID) -> Response:
    """Give a post another time."""
    services.move_post(**_find(request, pk), **read(request, TimeSerializer))
    return _show(request, pk)


@api_call(Permission.CONTENT_PUBLISH, gives=PostDetailSerializer, matches=True)
def post_cancel(request: Request, pk: UUID) -> Response:
    """Take off the calendar whatever of a post has not gone out."""
    services.cancel_post(**_find(request, pk))
    return _show(request, pk)


@api_call(Permission.CONTENT_PUBLISH, gives=PostDetailSerializer)
def publication_retry(request: Request, pk: UUID) -> Response:
    """Send a post to one profile again: a refused or missed one, or one that waits for its next try."""
    publication = get_object_or_404(request.workspace.publications.select_related("post"), pk=pk)
    services.retry_publication(publication=publication)
    return _show(request, publication.post_id)


def _find(request: Request, pk: UUID) -> dict[str, Any]:
    """The post to be changed, and the version that is meant where the caller states one."""
    post = get_object_or_404(request.workspace.posts, pk=pk)
    post.workspace = request.workspace
    return {"post": post, "version": matched(request, post.version)}


def _show(request: Request, pk: UUID, *, status: int = 200, **headers: Any) -> Response:
    post = listing.find(request.workspace, pk)
    return shown(request, post, PostDetailSerializer, status=status, headers=versioned(post.version) | headers)
