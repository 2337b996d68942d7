"""The zip of everything kept about a person or of an organization."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from apps.accounts.belongings import belongings
from apps.accounts.catalog import EXPORT_READY
from apps.accounts.models import EXPORT_LIFE, Export
from apps.accounts.telling import tell
from apps.core import clock, events
from apps.core.crypto import EncryptedTextField

SECRET_NAMES = re.compile(
    r"token|secret|password|credential|cookie|private|authorization|nonce|hash|fence|verifier|(^|_)key$|^data$"
)


_withheld: set[str] = set()


def withhold(*columns: str) -> None:
    """Keep file columns ("app.model.column", lower case) out of exports: what is not the customer's yet.

    For the apps above, in `ready()`.
    """
    _withheld.update(columns)


def make_export(export_id: str) -> None:
    """Write the zip of an export that is still pending, and tell its person that it is ready.

    What goes wrong marks it failed, so that the person can ask again, and passes.
    """
    export = (
        Export.objects.select_related("user", "organization").filter(pk=export_id, state=Export.State.PENDING).first()
    )
    if export is None:
        return
    try:
        write_zip(export.organization or export.user, export.path)
    except Exception:
        Export.objects.filter(pk=export.pk).update(state=Export.State.FAILED)
        events.announce("exports", export.user_id)
        raise
    _finish(export)


@transaction.atomic
def _finish(export: Export) -> None:
    export.state, export.bytes = Export.State.READY, export.path.stat().st_size
    export.ready_at = clock.now()
    export.expires_at = export.ready_at + EXPORT_LIFE
    export.save(update_fields=["state", "bytes", "ready_at", "expires_at"])
    events.announce("exports", export.user_id)
    page = "organization_export" if export.organization else "person_export"
    tell(
        EXPORT_READY,
        key=str(export.pk),
        tenant=export.organization,
        page=page,
        facts={},
        people=[export.user],
        export=export,
    )


def write_zip(root: models.Model, path: Path) -> None:
    """One JSON list per kind of row, and every stored file; the zip appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = path.with_suffix(".unfinished")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, type(root)._default_manager.filter(pk=root.pk))
        for belonging in belongings(type(root)):
            _write(archive, belonging.rows(root))
    unfinished.rename(path)


def _write(archive: zipfile.ZipFile, rows: models.QuerySet) -> None:
    if not rows.exists():
        return
    names = [field.attname for field in rows.model._meta.concrete_fields if is_open(field)]
    label = rows.model._meta.label_lower
    files = [
        field
        for field in rows.model._meta.concrete_fields
        if isinstance(field, models.FileField) and f"{label}.{field.name}" not in _withheld
    ]
    stored: list[tuple[models.FileField, str]] = []
    with archive.open(f"{label}.json", "w") as member:
        for separator, row in _separated(rows.values(*names)):
            text = json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
            member.write(f"{separator}{text}".encode())
            stored += [(field, row[field.attname]) for field in files if row[field.attname]]
        member.write(b"\n]\n")
    for field, name in stored:
        if field.storage.exists(name):
            with field.storage.open(name) as source, archive.open(f"files/{name}", "w") as member:
                for chunk in source.chunks():
                    member.write(chunk)


def _separated(rows: models.QuerySet) -> Iterator[tuple[str, dict]]:
    separator = "[\n"
    for row in rows.iterator(chunk_size=500):
        yield separator, row
        separator = ",\n"


def is_open(field: models.Field) -> bool:
    """Whether a column may leave the house: no secret, by its kind or by its name."""
    return not isinstance(field, EncryptedTextField) and not SECRET_NAMES.search(field.name)
