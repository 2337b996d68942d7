"""Mail to the author when a post needs a person: once per problem, all of a workspace's in one mail."""

from __future__ import annotations

from collections import defaultdict

from apps.accounts.catalog import PERMISSIONS, Permission
from apps.accounts.mailing import send_mail
from apps.accounts.models import Membership, User, Workspace
from apps.content.models import Publication
from apps.core import clock

SHOWN = 20  # posts named in one mail; the rest is a number and a link


def tell_authors() -> int:
    """Tell everyone whose posts ask for a person and who does not know yet; how many mails were sent.

    A publication is marked before its mail leaves, and the mark is taken back when it does not.
    """
    untold = Publication.objects.untold().select_related("post__author", "channel", "workspace__organization")
    groups: dict[tuple[Workspace, User], list[Publication]] = defaultdict(list)
    for publication in untold.order_by("pk")[:500]:
        for person in _people(publication):
            groups[publication.workspace, person].append(publication)
    sent = 0
    for (workspace, person), publications in groups.items():
        mine = [row for row in publications if _mark(row)]
        if mine:
            _send(workspace, person, mine)
            sent += 1
    return sent


def _mark(publication: Publication) -> bool:
    """Whether this call is the one that tells. A second reader of the same mail (no author) tells as well."""
    now = clock.now()
    if publication.told_at is not None:
        return True
    won = bool(Publication.objects.untold().filter(pk=publication.pk).update(told_at=now))
    publication.told_at = now if won else None
    return won


def _people(publication: Publication) -> list[User]:
    """The author while they may still act; else everyone of the organization who may."""
    may_act = [role for role, permissions in PERMISSIONS.items() if Permission.CONTENT_WRITE in permissions]
    members = Membership.objects.filter(
        organization=publication.workspace.organization_id, role__in=may_act, user__is_active=True
    ).select_related("user")
    author = members.filter(user=publication.post.author).first() if publication.post.author_id else None
    if author is not None:
        return [author.user]
    publishers = [role for role, permissions in PERMISSIONS.items() if Permission.MEMBERS_MANAGE in permissions]
    return [member.user for member in members.filter(role__in=publishers)]


def _send(workspace: Workspace, person: User, publications: list[Publication]) -> None:
    shown = publications[:SHOWN]
    for publication in shown:
        publication.post.workspace = workspace
    try:
        send_mail(
            "content/mail/needs_you",
            person.email,
            language=person.language,
            person=person,
            workspace=workspace,
            publications=shown,
            count=len(publications),
            more=len(publications) - len(shown),
        )
    except OSError:  # the mail server's trouble; the next round tries again
        Publication.objects.filter(pk__in=[row.pk for row in publications]).update(told_at=None)
        raise
