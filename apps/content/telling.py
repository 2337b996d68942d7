"""Telling the author when a post needs a person: once per problem, all of a workspace's at once."""

from __future__ import annotations

from collections import defaultdict

from django.db import transaction

from apps.accounts import access
from apps.accounts.catalog import POST_NEEDS_YOU, Permission
from apps.accounts.models import User, Workspace
from apps.accounts.telling import tell
from apps.content.catalog import PostStatus
from apps.content.models import Publication
from apps.core import clock

SHOWN = 20  # posts named in one mail; the rest is a number and a link
AT_ONCE = 500


def tell_authors() -> int:
    """Tell everyone whose posts ask for a person and who does not know yet; how many people were told."""
    untold = Publication.objects.untold().select_related("post__author", "channel", "workspace__organization")
    groups: dict[tuple[Workspace, User | None], list[Publication]] = defaultdict(list)
    for publication in untold.order_by("pk")[:AT_ONCE]:
        publication.post.workspace = publication.workspace
        groups[publication.workspace, publication.post.author].append(publication)
    return sum(_tell(workspace, author, publications) for (workspace, author), publications in groups.items())


@transaction.atomic
def _tell(workspace: Workspace, author: User | None, publications: list[Publication]) -> int:
    """Mark those nobody was told of meanwhile, and tell of them."""
    now = clock.now()
    mine = [row for row in publications if Publication.objects.untold().filter(pk=row.pk).update(told_at=now)]
    if not mine:
        return 0
    posts = {str(row.post_id) for row in mine}
    several = {"name": "post_list", "query": {"status": PostStatus.ATTENTION}}
    return tell(
        POST_NEEDS_YOU,
        key=f"{mine[0].pk}:{now.isoformat()}",
        tenant=workspace,
        page={"name": "post_detail", "pk": posts.pop()} if len(posts) == 1 else several,
        facts={"count": len(mine), "words": mine[0].post.first_words},
        people=_people(workspace, author),
        workspace=workspace,
        publications=mine[:SHOWN],
        count=len(mine),
        more=max(0, len(mine) - SHOWN),
    )


def _people(workspace: Workspace, author: User | None) -> list[User]:
    """The author while they may still act; else those who look after the organization."""
    if author is not None and access.looks_after(author, workspace, Permission.CONTENT_WRITE):
        return [author]
    return access.find_people(workspace, Permission.MEMBERS_MANAGE)
