"""Retention: refused uploads go after a week, and files that no row knows go after an hour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from uuid import UUID

from django.core.files.storage import Storage

from apps.core import clock
from apps.media.catalog import ORPHAN_AGE, REFUSED_KEPT
from apps.media.models import Asset


@dataclass(frozen=True)
class Cleaned:
    """How many refused uploads and how many files without a row went (or would have gone)."""

    refused: int
    orphans: int


def clean(*, dry_run: bool = False) -> Cleaned:
    """Remove what is past its time."""
    now = clock.now()
    refused = list(Asset.objects.filter(state=Asset.State.REFUSED, created_at__lte=now - REFUSED_KEPT))
    storage = Asset._meta.get_field("original").storage
    orphans = list(_orphans(storage, now - ORPHAN_AGE))
    if not dry_run:
        for asset in refused:
            asset.delete()
            for name in asset.stored_names():
                storage.delete(name)
        for name in orphans:
            storage.delete(name)
    return Cleaned(len(refused), len(orphans))


def _orphans(storage: Storage, before: datetime) -> Iterator[str]:
    """Names of stored files, last written before then, that no asset knows."""
    for workspace in _folders(storage, ""):
        assets = Asset.objects.filter(workspace_id=workspace)
        known = {name for asset in assets.iterator() for name in asset.stored_names()}
        for folder in _folders(storage, workspace):
            path = PurePosixPath(workspace, folder)
            for name in storage.listdir(str(path))[1]:
                stored = str(path / name)
                if stored not in known and storage.get_modified_time(stored) < before:
                    yield stored


def _folders(storage: Storage, path: str) -> list[str]:
    """The folders of a path that are named by a key; others are not ours."""
    return [name for name in storage.listdir(path)[0] if _is_key(name)] if storage.exists(path) else []


def _is_key(name: str) -> bool:
    try:
        return str(UUID(name)) == name
    except ValueError:
        return False
