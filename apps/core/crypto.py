"""Secrets at rest. A stored value is `id:token`: the key's id in front, a Fernet token behind.

The plaintext inside says for which table, column and row it was written, so that a value copied to another row or
column does not open. Keys come from `settings.FIELD_KEYS` ("id:fernet-key", newest first): the first one writes, all
of them read; `manage.py rotate_field_keys` writes old values anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.serializers.json import DjangoJSONEncoder
from django.core.signals import setting_changed
from django.db import connection, models, transaction
from django.db.models import F
from django.db.models.functions import Cast
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _
from psycopg import sql

from apps.core.errors import DomainError


class CannotDecrypt(DomainError):
    """A stored secret does not open: its key is gone, or it was written for another row."""

    code, status = "cannot_decrypt", 500
    default_message = _("A stored secret cannot be read. Connect the profile again; an operator finds more in the log.")


_keys: dict[str, Fernet] = {}


def keys() -> dict[str, Fernet]:
    """Key id → key, newest first. Raises ImproperlyConfigured naming what is wrong (never the key)."""
    if not _keys:
        for position, entry in enumerate(settings.FIELD_KEYS, start=1):
            key_id, _, key = entry.partition(":")
            try:
                if not key_id.isalnum() or key_id in _keys:
                    raise ValueError
                _keys[key_id] = Fernet(key)
            except ValueError as error:
                _keys.clear()
                raise ImproperlyConfigured(f"FIELD_KEYS: entry {position} is not a new id:fernet-key.") from error
        if not _keys:
            raise ImproperlyConfigured("FIELD_KEYS is empty: secrets cannot be stored.")
    return _keys


@receiver(setting_changed)
def _forget_keys(*, setting: str, **kwargs: object) -> None:
    if setting == "FIELD_KEYS":
        _keys.clear()


def newest_key_id() -> str:
    return next(iter(keys()))


def encrypt(text: str, *, place: str) -> str:
    """`text` for one place ("table.column.pk"), under the newest key."""
    envelope = json.dumps([place, text], ensure_ascii=False)
    return f"{newest_key_id()}:{MultiFernet(keys().values()).encrypt(envelope.encode()).decode()}"


def decrypt(stored: str, *, place: str) -> str:
    """What `encrypt` was given for this place. Raises CannotDecrypt."""
    key_id, _, token = stored.partition(":")
    if key_id not in keys():
        raise CannotDecrypt(place=place, key=key_id)
    try:
        written_for, text = json.loads(keys()[key_id].decrypt(token.encode()))
    except (InvalidToken, ValueError) as error:
        raise CannotDecrypt(place=place, key=key_id) from error
    if written_for != place:
        raise CannotDecrypt(place=place, key=key_id)
    return text


def opens(row: models.Model, name: str) -> bool:
    """Whether the secret in this column of the row can be read. It cannot once its key is lost."""
    try:
        getattr(row, name)
    except CannotDecrypt:
        return False
    return True


class _Opened:
    """Descriptor: the row holds the stored text until someone reads the attribute; then it is opened, once.

    A list of rows never decrypts what it does not show, and one row that does not open breaks only its own reading.
    """

    def __init__(self, field: EncryptedTextField) -> None:
        self.field = field

    def __get__(self, row: models.Model | None, owner: type | None = None) -> Any:
        if row is None:
            return self
        name = self.field.attname
        if name not in row.__dict__:  # deferred by only() or defer()
            row.refresh_from_db(fields=[name])
        value = row.__dict__[name]
        if isinstance(value, Stored):
            value = row.__dict__[name] = self.field.open(value, row)
        return value

    def __set__(self, row: models.Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class Stored(str):
    """A value as it lies in the database, not opened yet."""

    __slots__ = ()


class EncryptedTextField(models.TextField):
    """Text that lies encrypted in its column. Cannot be filtered by, nor set by `update()` or an expression.

    The row's key must be known before it is saved (our keys are UUIDs made in Python).
    """

    descriptor_class = _Opened

    def place(self, row: models.Model) -> str:
        if row.pk is None:
            raise ValueError(f"{row._meta.label}.{self.name} is bound to its row: give the row its key before saving.")
        return f"{row._meta.db_table}.{self.column}.{row.pk}"

    def open(self, stored: str, row: models.Model) -> Any:
        return self.from_text(decrypt(stored, place=self.place(row)))

    def to_text(self, value: Any) -> str:
        return value

    def from_text(self, text: str) -> Any:
        return text

    def from_db_value(self, value: str | None, *args: object) -> Stored | None:
        return None if value is None else Stored(value)

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Stored):  # empty, or never opened: goes back as it came
            return value
        return Stored(encrypt(self.to_text(value), place=self.place(model_instance)))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> str | None:
        if value is not None and not isinstance(value, Stored):
            raise TypeError(f"{self.model._meta.label}.{self.name} is encrypted: set it on a row and save the row.")
        return None if value is None else str(value)

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.model._meta.label}.{self.name} is a secret and is not serialized.")


class EncryptedJSONField(EncryptedTextField):
    """A JSON value that lies encrypted in its column."""

    _pyi_private_get_type: Any  # what django-stubs reads
    _pyi_private_set_type: Any

    def to_text(self, value: Any) -> str:
        return json.dumps(value, cls=DjangoJSONEncoder, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text)

    def formfield(self, **kwargs: Any) -> None:
        return None


# -- all of them


def fields() -> Iterator[tuple[type[models.Model], EncryptedTextField]]:
    """Every encrypted column of the installation."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField):
                yield model, field


def key_ids(model: type[models.Model], field: EncryptedTextField) -> list[tuple[str, int]]:
    """Which keys a column's values lie under, and how many under each."""
    text = "SELECT split_part({column}, ':', 1), count(*) FROM {table} WHERE {column} IS NOT NULL GROUP BY 1"
    names = {"column": sql.Identifier(field.column), "table": sql.Identifier(model._meta.db_table)}
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(text).format(**names))
        return cursor.fetchall()


def rotate(model: type[models.Model], field: EncryptedTextField, *, batch: int = 500) -> tuple[int, int]:
    """Write every value that lies under an older key anew: (how many, how many that do not open).

    Each batch is a transaction over locked rows, so it can be stopped and started again at any time, beside writers.
    """
    done, broken, after = 0, 0, None
    while True:
        with transaction.atomic():
            rows = _older(model, field, after)[:batch]
            if not rows:
                return done, broken
            for row in rows:
                after = row.pk
                try:
                    row.__dict__[field.attname] = field.open(row.__dict__[field.attname], row)
                except CannotDecrypt:
                    broken += 1
                    continue
                row.save(update_fields=[field.name])
                done += 1


def _older(model: type[models.Model], field: EncryptedTextField, after: Any) -> models.QuerySet:
    text = Cast(F(field.attname), models.TextField())
    rows = model._base_manager.alias(stored=text).exclude(stored__startswith=f"{newest_key_id()}:").exclude(stored=None)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    return rows.only("pk", field.attname).order_by("pk").select_for_update(of=("self",))
