"""How a private file goes out: by a signed address, as exactly what it is, and never as anything that runs."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePath
from uuid import UUID

from django.db.models.fields.files import FieldFile
from django.http import FileResponse
from django.utils.text import slugify

from apps.core.errors import NotFound
from apps.media import signing
from apps.media.models import Asset


def find(asset_id: UUID, variant: str, expires: int, signature: str) -> tuple[Asset, str, timedelta] | None:
    """(asset, variant, how much longer the address holds), or None where there is nothing to serve."""
    if variant not in signing.LIVES:
        return None
    left = signing.remaining(asset_id, variant, expires, signature)
    asset = Asset.objects.filter(pk=asset_id).first() if left else None
    return (asset, variant, left) if asset is not None and getattr(asset, variant) else None


def response(asset: Asset, variant: str, left: timedelta) -> FileResponse:
    """The file: our own copies may be shown, what was uploaded is only ever downloaded. Raises NotFound."""
    file = getattr(asset, variant)
    types = {"preview": "image/webp", "file": asset.mime, "original": asset.original_mime}
    name = f"{slugify(PurePath(asset.name).stem) or 'picture'}{PurePath(file.name).suffix}"
    return private(file, types[variant], left, name=name, as_attachment=variant == "original")


def private(
    file: FieldFile, content_type: str, left: timedelta, *, name: str, as_attachment: bool = False
) -> FileResponse:
    """A stored file behind a signed address that holds as much longer as `left`. Raises NotFound."""
    try:
        data = file.open("rb")
    except FileNotFoundError:
        raise NotFound from None
    answer = FileResponse(data, as_attachment=as_attachment, filename=name, content_type=content_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = f"private, max-age={int(left.total_seconds())}, immutable"
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer["Cross-Origin-Resource-Policy"] = "same-origin"
    answer["Referrer-Policy"] = "no-referrer"
    return answer
