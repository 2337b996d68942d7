"""What the API lists of posts: a page by key with everything on each, in four queries however many there are."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from apps.accounts.models import Workspace
from apps.content.models import Attempt, Post, PostPicture, PostQuerySet, Publication
from apps.core.errors import NotFound
from apps.core.paging import Page
from apps.core.prepared import Prepared


def page(
    workspace: Workspace,
    *,
    limit: int,
    cursor: UUID | None = None,
    status: str = "",
    due_from: datetime | None = None,
    due_to: datetime | None = None,
) -> Page:
    """Posts newest first from after the key `cursor`, in a state, due from and up to (not including) these times."""
    chosen = {"cursor": cursor, "status": status, "due_from": due_from, "due_to": due_to}
    asked = {name: value for name, value in chosen.items() if value}
    rows = _page(limit)(workspace=workspace.pk, **asked)
    return Page(rows[:limit], str(rows[limit - 1].pk) if len(rows) > limit else "")


def find(workspace: Workspace, pk: UUID) -> Post:
    """A post with its publications and every attempt. Raises NotFound."""
    attempts = Prefetch("publications__attempts", Attempt.objects.order_by("id"))
    post = _whole(workspace.posts.filter(pk=pk)).prefetch_related(attempts).first()
    if post is None:
        raise NotFound
    post.workspace = workspace
    return post


@cache
def _page(limit: int) -> Prepared:
    """One more than `limit`, so that it is known whether there is a next page."""

    def compose(workspace: UUID, **asked: Any) -> QuerySet:
        names = {"cursor": "pk__lt", "status": "status", "due_from": "due_at__gte", "due_to": "due_at__lt"}
        rows = Post.objects.filter(workspace=workspace, **{names[name]: value for name, value in asked.items()})
        return _whole(rows.newest_first())[: limit + 1]

    return Prepared(compose)


def _whole(posts: PostQuerySet) -> PostQuerySet:
    """With publications and their profiles, pictures and versions, in one more query each."""
    publications = Publication.objects.select_related("channel").defer("channel__credentials")
    return posts.prefetch_related(
        Prefetch("publications", publications.order_by("channel__created_at", "id")),
        Prefetch("pictures", PostPicture.objects.order_by("position")),
        "variants",
    )
