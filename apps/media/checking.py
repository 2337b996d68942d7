"""The check of an upload: opened in a child process, then ready or refused with a reason."""

from __future__ import annotations

from uuid import UUID

from django.core.files.base import ContentFile

from apps.core import clock, events, languages
from apps.media.catalog import CHECK_AGAIN, CHECK_GIVEN_UP, PROBLEMS
from apps.media.decoding import Decoded, Refused, decode
from apps.media.models import Asset

ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/gif": "gif", "image/webp": "webp"}


def check(asset_id: UUID | str) -> None:
    """Make a pending asset ready or refuse it; nothing for one that is no longer pending."""
    asset = Asset.objects.filter(pk=asset_id, state=Asset.State.PENDING).first()
    if asset is None:
        return
    try:
        with asset.original.open("rb") as original:
            decoded = decode(original, asset.original_mime)  # type: ignore[arg-type]
    except Refused as refused:
        refuse(asset, refused.code)
    except FileNotFoundError:
        refuse(asset, "gone")
    else:
        _store(asset, decoded)


def overdue() -> list[UUID]:
    """Pending assets whose check should long be over; those too old are refused and not among them."""
    now = clock.now()
    pending = Asset.objects.filter(state=Asset.State.PENDING)
    for asset in pending.filter(created_at__lte=now - CHECK_GIVEN_UP):
        refuse(asset, "unchecked")
    again = pending.filter(created_at__gt=now - CHECK_GIVEN_UP, created_at__lte=now - CHECK_AGAIN)
    return list(again.values_list("pk", flat=True))


def refuse(asset: Asset, code: str) -> None:
    """Say why a pending picture is not taken, in the language of whoever uploaded it."""
    pending = Asset.objects.filter(pk=asset.pk, state=Asset.State.PENDING)
    with languages.speaking(asset.created_by.language if asset.created_by else ""):
        pending.update(state=Asset.State.REFUSED, problem=str(PROBLEMS[code]))
    events.announce("uploads", asset.workspace_id)


def _store(asset: Asset, decoded: Decoded) -> None:
    """Keep the copies; where another run was quicker, its copies stay and these go."""
    asset.file.save(f"working.{ENDINGS[decoded.mime]}", ContentFile(decoded.working), save=False)
    asset.preview.save("preview.webp", ContentFile(decoded.preview), save=False)
    won = Asset.objects.filter(pk=asset.pk, state=Asset.State.PENDING).update(
        state=Asset.State.READY,
        file=asset.file.name,
        preview=asset.preview.name,
        mime=decoded.mime,
        width=decoded.width,
        height=decoded.height,
        frames=decoded.frames,
        bytes=len(decoded.working),
    )
    if won:
        events.announce("uploads", asset.workspace_id)
    else:
        asset.file.storage.delete(asset.file.name)
        asset.preview.storage.delete(asset.preview.name)
