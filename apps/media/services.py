"""Pictures come in, are described, and go."""

from __future__ import annotations

import hashlib
from pathlib import PurePath

from django.core.files.base import ContentFile, File
from django.db import transaction
from django.db.models import RestrictedError
from django.utils.translation import gettext as _

from apps.accounts.models import User, Workspace
from apps.core import audit
from apps.core.errors import WrongState
from apps.media import tasks, validation
from apps.media.catalog import KINDS
from apps.media.models import Asset


def store_upload(workspace: Workspace, user: User | None, file: File) -> Asset:
    """Keep an upload and have it checked; it is pending until the imaging worker has opened it.

    Raises Invalid where size, first bytes or name say that it cannot be used.
    """
    mime = validation.check_file(file)
    name = PurePath(file.name or "").name[:120] or f"picture.{KINDS[mime].extensions[0]}"
    with transaction.atomic():
        asset = Asset(workspace=workspace, created_by=user, name=name, original_mime=mime, sha256=_sha256(file))
        asset.original.save(f"original.{KINDS[mime].extensions[0]}", file, save=False)
        asset.save(force_insert=True)
        tasks.check_upload.delay_on_commit(str(asset.pk))
    return asset


def store_generated(
    workspace: Workspace,
    user: User | None,
    data: bytes,
    mime: str,
    alt_text: str = "",
    *,
    width: int = 0,
    height: int = 0,
    preview: bytes = b"",
    name: str = "",
) -> Asset:
    """Keep a picture made here.

    With `width` and `height` the caller vouches that it has drawn or opened the picture itself (the imaging worker
    has): it is ready at once, with `preview` (WebP, at most 512 px) when given. Without them it is checked like an
    upload.
    """
    ending = KINDS[mime].extensions[0]
    asset = Asset(
        workspace=workspace,
        created_by=user,
        kind=Asset.Kind.GENERATED,
        name=name or f"picture.{ending}",
        alt_text=alt_text,
        original_mime=mime,
        sha256=hashlib.sha256(data).hexdigest(),
    )
    with transaction.atomic():
        asset.original.save(f"original.{ending}", ContentFile(data), save=False)
        if width and height:
            asset.file.save(f"working.{ending}", ContentFile(data), save=False)
            if preview:
                asset.preview.save("preview.webp", ContentFile(preview), save=False)
            asset.state, asset.mime, asset.bytes = Asset.State.READY, mime, len(data)
            asset.width, asset.height = width, height
        asset.save(force_insert=True)
        if not asset.is_ready:
            tasks.check_upload.delay_on_commit(str(asset.pk))
    return asset


def describe_asset(*, asset: Asset, alt_text: str) -> Asset:
    """Say in words what the picture shows, for those who cannot see it."""
    asset.alt_text = alt_text.strip()
    asset.save(update_fields=["alt_text"])
    return asset


def delete_asset(*, asset: Asset, actor: User | None) -> None:
    """Remove a picture and its files; signed addresses of it stop at once. Raises WrongState while a post uses it."""
    names, storage = asset.stored_names(), asset.original.storage
    with transaction.atomic():
        audit.record(
            "asset.deleted",
            organization=asset.workspace.organization,
            workspace=asset.workspace,
            actor=actor,
            target=asset,
        )
        try:
            asset.delete()
        except RestrictedError:
            raise WrongState(_("A post uses this picture. Take it out of the post first, then delete it.")) from None
        transaction.on_commit(lambda: [storage.delete(name) for name in names])


def _sha256(file: File) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
