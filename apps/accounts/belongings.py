"""Which rows belong to a person, a workspace or an organization: exactly those that are deleted with it.

The answer is read from the models' own CASCADE relations, so that an app added later is exported, listed and deleted
without anyone remembering to say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.files.storage import Storage
from django.db import models
from django.db.models import Q

LILYS = frozenset({"accounts.notice", "accounts.outgoingmail"})  # what Lily says to people, who made none of it


@dataclass
class Belonging:
    """One model's rows under a root; `depth` is the number of relations between them (1: directly under it)."""

    model: type[models.Model]
    depth: int
    path: str
    paths: list[str] = field(default_factory=list)

    def rows(self, root: models.Model) -> models.QuerySet:
        condition = Q()
        for path in self.paths:
            condition |= Q(**{path: root.pk})
        rows = self.model._default_manager.filter(condition).order_by("pk")
        return rows.distinct() if len(self.paths) > 1 else rows


def belongings(root: type[models.Model]) -> list[Belonging]:
    """Every model whose rows go with a row of `root`, nearest first."""
    found: dict[type[models.Model], Belonging] = {}
    nearest = [Belonging(root, 0, "pk")]
    while nearest:
        reached: list[Belonging] = []
        for parent in nearest:
            for model, name in _owned(parent.model):
                path = name if parent.depth == 0 else f"{name}__{parent.path}"
                if model is root:
                    continue
                if model not in found:
                    found[model] = Belonging(model, parent.depth + 1, path)
                    reached.append(found[model])
                if found[model].depth == parent.depth + 1:
                    found[model].paths.append(path)
        nearest = reached
    return list(found.values())


def _owned(model: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Models with a foreign key to `model` that go when its row goes, with the key's name."""
    for relation in model._meta.get_fields(include_hidden=True):
        if relation.auto_created and (relation.one_to_many or relation.one_to_one):
            remote = getattr(relation, "field", None)
            if remote is not None and getattr(relation, "on_delete", None) is models.CASCADE:
                yield relation.related_model, remote.name


def stored_files(root: models.Model) -> list[tuple[Storage, str]]:
    """Every stored file of the rows that go with `root`: (storage, name)."""
    found = []
    for belonging in belongings(type(root)):
        for column in belonging.model._meta.concrete_fields:
            if isinstance(column, models.FileField):
                names = belonging.rows(root).values_list(column.name, flat=True)
                found += [(column.storage, name) for name in names.iterator() if name]
    return found


def summarize(root: models.Model) -> list[tuple[str, int]]:
    """What a person should know goes with an organization or a workspace: (name, how many), none left out
    that they made."""
    limit = 2 if root._meta.model_name == "organization" else 1
    lines = []
    for belonging in belongings(type(root)):
        meta = belonging.model._meta
        is_shown = not meta.auto_created and meta.app_label != "plans" and meta.label_lower not in LILYS
        if belonging.depth <= limit and is_shown:
            count = belonging.rows(root).count()
            lines.append((str(meta.verbose_name if count == 1 else meta.verbose_name_plural), count))
    return [(name, count) for name, count in lines if count]
