"""The brand that everything is measured on: one workspace with years of posts, most of them published.

The same numbers at any size: 10 profiles, 600 posts in the month shown, a fifth of all posts still scheduled, two
profiles a post, a picture on every third, one attempt for each publication that went out.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import cycle, islice
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Field, JSONField, Model
from django.utils import timezone
from psycopg.types.json import Jsonb

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
BESIDE = timedelta(days=7)
SCHEDULED = 0.2
PICTURES = 200
NETWORKS = ("bluesky", "mastodon", "sandbox")
WORDS = "Fresh bread at seven, a new roast on Friday and a table in the corner that stays warm. Come by and say hello"
ALT = "A cup of coffee on a wooden table"
Row = dict[str, Any]


def make_brand(posts: int = 20_000, *, name: str = "Bench Café", analyze: bool = True) -> Workspace:
    """A workspace on Enterprise with so many posts, signed for by a person `name`@example.com."""
    slug = name.lower().replace(" ", "-").replace("é", "e")
    user = User.objects.create_user(f"{slug}@example.com", None, name="Robin Bench")
    user.emailaddress_set.create(email=user.email, primary=True, verified=True)
    workspace = create_organization(user=user, name=name, time_zone="Europe/Berlin")
    plans.comp_plan(organization=workspace.organization, plan="enterprise", actor=user, reason="measurements")
    channels = _make_channels(workspace)
    assets = _make_assets(workspace, user)
    _make_posts(workspace, user, due_times(posts, timezone.now()), channels, assets)
    if analyze:
        analyze_tables()
    return workspace


def due_times(posts: int, now: datetime) -> Iterator[datetime]:
    """When the posts are due, oldest first: IN_MONTH in this month, the scheduled rest after it, the others before.

    A month's page shows days of its neighbours, so the week on either side has the month's pace at every size: what a
    longer history makes slower is then the history and not that more is shown.
    """
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    end = (first + timedelta(days=32)).replace(day=1)
    pace = (end - first) / min(IN_MONTH, posts // 3)
    start, shown = first - BESIDE, int((end - first + 2 * BESIDE) / pace)
    month = [start + pace * (index + 0.5) for index in range(shown)]
    later = max(int(posts * SCHEDULED) - sum(time > now for time in month), 0)
    before = posts - shown - later
    yield from (start - timedelta(hours=before - index) / max(before / 26_000, 1) for index in range(before))
    yield from month
    yield from (end + BESIDE + timedelta(days=330) * index / later for index in range(later))


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
            alt_text=ALT,
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
    workspace: Workspace, user: User, times: Iterator[datetime], channels: list[Channel], assets: list[Asset]
) -> None:
    now = timezone.now()
    wheel = cycle(channels)
    posts = [{"id": uuid7(), "due_at": at, "is_out": at <= now} for at in times]
    _copy(Post, ({**_post(row, workspace, user), "id": row["id"]} for row in posts))
    publications = [(uuid7(), post, next(wheel)) for post in posts for _ in range(2)]
    _copy(Publication, (_publication(pk, post, channel) for pk, post, channel in publications))
    _copy(Attempt, (_attempt(pk, post, channel) for pk, post, channel in publications if post["is_out"]))
    pictured = zip(islice(posts, 0, None, 3), cycle(assets), strict=False)
    _copy(
        PostPicture,
        ({"post_id": post["id"], "asset_id": asset.pk, "position": 1, "alt_text": ALT} for post, asset in pictured),
    )


def _post(row: Row, workspace: Workspace, user: User) -> Row:
    return {
        "workspace_id": workspace.pk,
        "author_id": user.pk,
        "draft_key": uuid4(),
        "text": f"{WORDS} ({row['due_at']:%d %B %H:%M}).",
        "status": PostStatus.PUBLISHED if row["is_out"] else PostStatus.SCHEDULED,
        "due_at": row["due_at"],
        "created_at": row["due_at"] - timedelta(days=7),
    }


def _publication(pk: UUID, post: Row, channel: Channel) -> Row:
    row = {"id": pk, "post_id": post["id"], "channel_id": channel.pk, "workspace_id": channel.workspace_id}
    if not post["is_out"]:
        return row | {"status": Status.QUEUED, "due_at": post["due_at"], "next_try_at": post["due_at"]}
    return row | {
        "status": Status.PUBLISHED,
        "due_at": post["due_at"],
        "tries": 1,
        "started_at": post["due_at"],
        "published_at": post["due_at"] + timedelta(seconds=2),
        "remote_id": str(pk),
        "url": f"https://network.example/{pk}",
        "sent_text": WORDS,
    }


def _attempt(pk: UUID, post: Row, channel: Channel) -> Row:
    return {
        "publication_id": pk,
        "channel_id": channel.pk,
        "kind": AttemptKind.SEND,
        "started_at": post["due_at"],
        "ended_at": post["due_at"] + timedelta(seconds=2),
        "outcome": Outcome.PUBLISHED,
        "milliseconds": 400,
    }


def _copy(model: type[Model], rows: Iterable[Row]) -> None:
    """COPY rows into the model's table; what a row does not state has the field's default."""
    fields = model._meta.concrete_fields
    table, columns = connection.ops.quote_name(model._meta.db_table), ", ".join(f'"{field.column}"' for field in fields)
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([row[field.attname] if field.attname in row else _default(field) for field in fields])


def _default(field: Field) -> object:
    value = field.get_default()
    return Jsonb(value) if isinstance(field, JSONField) else value


def analyze_tables() -> None:
    """What autovacuum does on its own within a minute or so; not inside a test's transaction."""
    if not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
