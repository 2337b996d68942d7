"""Pictures of a workspace: as they came, as they are used, and small."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.ids import uuid7
from apps.media import signing
from apps.media.catalog import KINDS


def file_path(asset: Asset, name: str) -> str:
    """Where a file of an asset lies under MEDIA_ROOT; `name` is only what it is (original.jpg, working.png)."""
    variant, _dot, extension = name.rpartition(".")
    return f"{asset.workspace_id}/{asset.pk}/{variant}-{secrets.token_hex(4)}.{extension}"


class AssetQuerySet(models.QuerySet["Asset"]):
    def ready(self) -> AssetQuerySet:
        """Checked and usable."""
        return self.filter(state=Asset.State.READY)

    def newest_first(self) -> AssetQuerySet:
        return self.order_by("-id")

    def older_than(self, last: Asset | str | None) -> AssetQuerySet:
        """The next page of `newest_first`, by the key of the last one shown."""
        return self.filter(id__lt=getattr(last, "pk", last)) if last else self


class Asset(models.Model):
    """A stored picture. `file` is what everything uses: upright, sRGB, without the camera's notes; it and `preview`
    exist once the imaging worker has looked at `original`. Width, height, mime and bytes are those of `file`.
    """

    class Kind(models.TextChoices):
        UPLOAD = "upload", _("uploaded")
        GENERATED = "generated", _("made here")

    class State(models.TextChoices):
        PENDING = "pending", _("being checked")
        READY = "ready", _("ready")
        REFUSED = "refused", _("refused")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey("accounts.Workspace", on_delete=models.CASCADE, related_name="assets")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.UPLOAD)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    problem = models.TextField(blank=True, help_text=_("Why it was refused, for the person who uploaded it."))
    name = models.CharField(_("name"), max_length=120, help_text=_("What its file was called."))
    alt_text = models.TextField(_("description"), blank=True)
    original = models.FileField(upload_to=file_path, max_length=200)
    original_mime = models.CharField(max_length=20)
    file = models.FileField(upload_to=file_path, max_length=200, blank=True)
    preview = models.FileField(upload_to=file_path, max_length=200, blank=True)
    mime = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    frames = models.PositiveIntegerField(default=1)
    bytes = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, help_text=_("Of the original."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = AssetQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("picture"), _("pictures")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="asset_newest_first"),
            models.Index(fields=["created_at"], condition=~Q(state="ready"), name="asset_not_ready"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["pending", "ready", "refused"]), name="asset_state_known"),
            models.CheckConstraint(
                condition=~Q(state="ready") | (Q(width__gt=0, height__gt=0, bytes__gt=0) & ~Q(file="") & ~Q(mime="")),
                name="asset_ready_is_whole",
            ),
            models.CheckConstraint(condition=~Q(state="refused") | ~Q(problem=""), name="asset_refused_says_why"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("asset_detail", kwargs={"workspace": self.workspace.slug, "asset": self.pk})

    def get_preview_url(self) -> str:
        """A signed address of at most 512 px; the whole picture while the small one is not there yet, or "" before."""
        return signing.address(self.pk, "preview" if self.preview else "file") if self.is_ready else ""

    def get_file_url(self) -> str:
        """A signed address of the picture as it is used, "" while there is none."""
        return signing.address(self.pk, "file") if self.is_ready else ""

    def get_original_url(self) -> str:
        """A signed address that downloads what was uploaded, as it came."""
        return signing.address(self.pk, "original")

    @property
    def is_ready(self) -> bool:
        return self.state == self.State.READY

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_animated(self) -> bool:
        return self.frames > 1

    @property
    def kind_label(self) -> str:
        """JPEG, PNG, … of the original."""
        return KINDS[self.original_mime].label if self.original_mime in KINDS else ""

    def stored_names(self) -> list[str]:
        """The names in storage of all its files."""
        return [file.name for file in (self.original, self.file, self.preview) if file]
