"""The brand kit of a workspace and every version it has had."""

from __future__ import annotations

from functools import cached_property

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Workspace
from apps.brand.vault import StyleVault, dump, read
from apps.core import clock
from apps.core.ids import uuid7


class BrandKitQuerySet(models.QuerySet["BrandKit"]):
    def of(self, workspace: Workspace) -> BrandKit:
        """The workspace's kit; an empty one, not yet saved, where there is none. Reads one row."""
        found = self.filter(workspace_id=workspace.pk).first() or BrandKit(workspace_id=workspace.pk)
        found.workspace = workspace
        return found


class BrandKit(models.Model):
    """The present style vault. `number` is that of its newest version, 0 for a kit that was never saved."""

    workspace = models.OneToOneField(
        "accounts.Workspace", primary_key=True, on_delete=models.CASCADE, related_name="brand_kit"
    )
    stored = models.JSONField(default=dict)
    number = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=clock.now)

    objects = BrandKitQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("brand kit"), _("brand kits")

    def __str__(self) -> str:
        return str(self.workspace)

    @cached_property
    def vault(self) -> StyleVault:
        """What the brand has said. A new instance after `put`."""
        return read(self.stored)

    def put(self, vault: StyleVault) -> None:
        """Take another vault over as the next version; does not save."""
        self.stored, self.number, self.updated_at = dump(vault), self.number + 1, clock.now()
        self.__dict__["vault"] = vault


class BrandVersion(models.Model):
    """A vault as it was saved once, by whom, and where it came from."""

    class Source(models.TextChoices):
        EDITED = "edited", _("edited")
        IMPORTED = "imported", _("imported from a file")
        RESTORED = "restored", _("restored")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="brand_versions")
    number = models.PositiveIntegerField()
    stored = models.JSONField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.EDITED)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name, verbose_name_plural = _("version of the brand"), _("versions of the brand")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["workspace", "number"], name="brand_version_once")]

    def __str__(self) -> str:
        return str(self.number)

    @cached_property
    def vault(self) -> StyleVault:
        return read(self.stored)
