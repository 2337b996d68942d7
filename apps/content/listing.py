"""Posts with everything on them: one, or what the API lists, a page by key in one query however many there are."""

from __future__ import annotations

import json
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Func, JSONField, OuterRef, QuerySet, Subquery, TextField
from django.db.models.functions import Cast, JSONObject

from apps.accounts.models import Workspace
from apps.content.models import Attempt, Post, PostPicture, PostQuerySet, Publication, Variant
from apps.core.errors import NotFound
from apps.core.paging import Page
from apps.core.prepared import Prepared, keep


def page(
    workspace: Workspace,
    *,
    limit: int,
    cursor: UUID | None = None,
    status: str = "",
    due_from: datetime | None = None,
    due_to: datetime | None = None,
) -> Page:
    """Posts newest first from after the key `cursor`, in a state, due from and up to (not including) these times.

    The rows are JSON, as `PostSerializer` shows a post. They are made in the database: as models, a page of a hundred
    posts is four hundred objects.
    """
    chosen = {"cursor": cursor, "status": status, "due_from": due_from, "due_to": due_to}
    asked = {name: value for name, value in chosen.items() if value}
    rows = _page(limit)(workspace=workspace.pk, **asked) if asked else _newest(limit)(workspace=workspace.pk)
    return Page(rows[:limit], json.loads(rows[limit - 1])["id"] if len(rows) > limit else "")


def find(workspace: Workspace, pk: UUID) -> Post:
    """A post with all there is of it: its author, the brand (as `with_brand`), versions, pictures, and publications
    with their profiles and every attempt. Five queries. Raises NotFound."""
    post = _post.first(workspace=workspace.pk, pk=pk)
    if post is None:
        raise NotFound
    post.workspace = workspace
    attempts = _attempts(post=pk)
    publications = _publications(post=pk)
    for publication in publications:
        publication.post = post
        keep(publication, "attempts", [one for one in attempts if one.publication_id == publication.pk])
    keep(post, "publications", publications)
    keep(post, "pictures", _pictures(post=pk))
    keep(post, "variants", _variants(post=pk))
    return post


@cache
def _newest(limit: int) -> Prepared:
    """One more than `limit`, so that it is known whether there is a next page."""
    return Prepared(lambda workspace: _as_shown(Post.objects.newest_of(workspace))[: limit + 1], is_planned_once=True)


@cache
def _page(limit: int) -> Prepared:
    """As `_newest`, of those that are asked for."""

    def compose(workspace: UUID, **asked: Any) -> QuerySet:
        names = {"cursor": "pk__lt", "status": "status", "due_from": "due_at__gte", "due_to": "due_at__lt"}
        rows = Post.objects.filter(workspace=workspace, **{names[name]: value for name, value in asked.items()})
        return _as_shown(rows.newest_first())[: limit + 1]

    return Prepared(compose)


def _as_shown(posts: PostQuerySet) -> QuerySet:
    """What `PostSerializer` shows: each post with its own rows as the text of one JSON object."""
    own = {"post": OuterRef("pk")}
    variants, pictures = Variant.objects.filter(**own), PostPicture.objects.filter(**own).order_by("position")
    publications = Publication.objects.filter(**own).order_by("channel__created_at", "id")
    names = ("id", "status", "url", "held", "hold_reason", "problem", "asks_person")
    publication = JSONObject(
        channel="channel_id",
        network="channel__network",
        handle="channel__handle",
        **{name: name for name in names},
        **{name: Time(name) for name in ("due_at", "published_at")},
    )
    whole = JSONObject(
        **{name: name for name in ("id", "text", "language", "status", "version")},
        **{name: Time(name) for name in ("due_at", "created_at", "updated_at")},
        variants=Subquery(variants.values(json=ByNetwork("network", "text"))),
        pictures=ArraySubquery(pictures.values(json=JSONObject(asset="asset_id", alt_text="alt_text"))),
        publications=ArraySubquery(publications.values(json=publication)),
    )
    return posts.values_list(Cast(whole, TextField()), flat=True)


class Time(Func):
    """A time as the API writes it elsewhere: in UTC, to the microsecond, which is left out where it is nought."""

    template = (
        """REPLACE(TO_CHAR(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '.000000Z', 'Z')"""
    )
    output_field = TextField()


class ByNetwork(Func):
    """One object of all rows: their keys and values."""

    template, output_field = "COALESCE(JSONB_OBJECT_AGG(%(expressions)s), '{}')", JSONField()


_post = Prepared(
    lambda workspace, pk: Post.objects.filter(workspace=workspace, pk=pk).with_brand().select_related("author")
)
_publications = Prepared(
    lambda post: (
        Publication.objects.filter(post=post)
        .select_related("channel")
        .defer("channel__credentials")
        .order_by("channel__created_at", "id")
    )
)
_attempts = Prepared(lambda post: Attempt.objects.filter(publication__post=post).order_by("id"))
_pictures = Prepared(lambda post: PostPicture.objects.filter(post=post).select_related("asset").order_by("position"))
_variants = Prepared(lambda post: Variant.objects.filter(post=post))
