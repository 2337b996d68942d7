"""The brand that everything is measured on: one workspace with years of posts, most of them published.

The same numbers at any size: 10 profiles, 600 posts in the month shown, a fifth of all posts still scheduled, two
profiles a post, a picture on every third, one attempt for each publication that went out.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice

from django.db import connection
from django.utils import timezone

from apps.accounts.models import User, Workspace
from apps.accounts.services.organizations import create_organization
from apps.content.catalog import AttemptKind, Outcome, PostStatus, Status
from apps.content.models import Attempt, Post, PostPicture, Publication
from apps.core.ids import uuid7
from apps.media.models import Asset
from apps.plans import services as plans
from apps.social.models import Channel

CHANNELS = 10
IN_MONTH = 600
SCHEDULED = 0.2
PICTURES = 200
NETWORKS = ("bluesky", "mastodon", "sandbox")
WORDS = "Fresh bread at seven, a new roast on Friday and a table in the corner that stays warm. Come by and say hello"
AT_ONCE = 2_000  # rows in one statement


def make_brand(posts: int = 20_000, *, name: str = "Bench Café") -> Workspace:
    """A workspace on Enterprise with so many posts, signed for by a person `name`@example.com."""
    slug = name.lower().replace(" ", "-").replace("é", "e")
    user = User.objects.create_user(f"{slug}@example.com", None, name="Robin Bench")
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    workspace = create_organization(user=user, name=name, time_zone="Europe/Berlin")
    plans.comp_plan(organization=workspace.organization, plan="enterprise", actor=user, reason="measurements")
    channels = _make_channels(workspace)
    assets = _make_assets(workspace, user)
    for times in _in_parts(_due_times(posts, timezone.now()), AT_ONCE):
        _make_posts(workspace, user, times, channels, assets)
    _analyze()
    return workspace


def _due_times(posts: int, now: datetime) -> Iterator[datetime]:
    """When the posts are due, oldest first: IN_MONTH in this month, the scheduled rest after it, the others before."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (first + timedelta(days=32)).replace(day=1)
    shown = min(IN_MONTH, posts // 3)
    month = [first + (end - first) * (index + 0.5) / shown for index in range(shown)]
    later = max(int(posts * SCHEDULED) - sum(time > now for time in month), 0)
    before = posts - shown - later
    yield from (first - timedelta(hours=before - index) / max(before / 26_000, 1) for index in range(before))
    yield from month
    yield from (end + timedelta(days=330) * index / later for index in range(later))


def _make_channels(workspace: Workspace) -> list[Channel]:
    now = timezone.now()
    rows = [
        Channel(
            workspace=workspace,
            network=NETWORKS[index % len(NETWORKS)],
            server="https://network.example",
            account_id=f"{workspace.slug}:{index}",
            handle=f"@cafe{index}.example",
            name=f"Café {index}",
            verified_at=now,
            checked_at=now,
        )
        for index in range(CHANNELS)
    ]
    return Channel.objects.bulk_create(rows)


def _make_assets(workspace: Workspace, user: User) -> list[Asset]:
    rows = [
        Asset(
            workspace=workspace,
            state=Asset.State.READY,
            name=f"cup{index}.jpg",
            alt_text="A cup of coffee on a wooden table",
            original=f"{workspace.pk}/{index}/original.jpg",
            original_mime="image/jpeg",
            file=f"{workspace.pk}/{index}/working.jpg",
            preview=f"{workspace.pk}/{index}/preview.jpg",
            mime="image/jpeg",
            width=1200,
            height=1200,
            bytes=180_000,
            sha256=f"{index:064x}",
            created_by=user,
        )
        for index in range(PICTURES)
    ]
    return Asset.objects.bulk_create(rows)


def _make_posts(
    workspace: Workspace, user: User, times: tuple[datetime, ...], channels: list[Channel], assets: list[Asset]
) -> None:
    now = timezone.now()
    posts = [
        Post(
            id=uuid7(),
            workspace=workspace,
            author=user,
            text=f"{WORDS} ({at:%d %B %H:%M}).",
            status=PostStatus.SCHEDULED if at > now else PostStatus.PUBLISHED,
            due_at=at,
            created_at=at - timedelta(days=7),
        )
        for at in times
    ]
    Post.objects.bulk_create(posts)
    wheel = cycle(channels)
    publications = [_publication(post, channel, now) for post in posts for channel in (next(wheel), next(wheel))]
    Publication.objects.bulk_create(publications)
    Attempt.objects.bulk_create([_attempt(row) for row in publications if row.status == Status.PUBLISHED])
    pictured = zip(islice(posts, 0, None, 3), cycle(assets), strict=False)
    PostPicture.objects.bulk_create(
        [PostPicture(post=post, asset=asset, position=1, alt_text=asset.alt_text) for post, asset in pictured]
    )


def _publication(post: Post, channel: Channel, now: datetime) -> Publication:
    is_out = post.due_at <= now
    return Publication(
        post=post,
        channel=channel,
        workspace_id=post.workspace_id,
        status=Status.PUBLISHED if is_out else Status.QUEUED,
        due_at=post.due_at,
        next_try_at=None if is_out else post.due_at,
        tries=int(is_out),
        started_at=post.due_at if is_out else None,
        published_at=post.due_at + timedelta(seconds=2) if is_out else None,
        remote_id=str(post.pk) if is_out else "",
        url=f"https://network.example/{post.pk}" if is_out else "",
        sent_text=post.text if is_out else "",
    )


def _attempt(publication: Publication) -> Attempt:
    return Attempt(
        publication=publication,
        channel_id=publication.channel_id,
        kind=AttemptKind.SEND,
        started_at=publication.started_at,
        ended_at=publication.published_at,
        outcome=Outcome.PUBLISHED,
        milliseconds=400,
    )


def _in_parts(times: Iterator[datetime], size: int) -> Iterator[tuple[datetime, ...]]:
    while part := tuple(islice(times, size)):
        yield part


def _analyze() -> None:
    """What autovacuum does on its own within a minute or so; not inside a test's transaction."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
