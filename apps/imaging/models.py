"""Wishes for pictures, what was drawn for them with its scores, and the sizes made for networks."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.core import clock, networks
from apps.core.errors import WrongState
from apps.core.ids import uuid7
from apps.imaging.catalog import MODELS, ImageModel
from apps.imaging.contract import PromptContract
from apps.media import signing

if TYPE_CHECKING:
    from apps.accounts.models import Workspace

LEASE = timedelta(minutes=2)  # longer than the time limit of the task that draws
MAX_TRIES = 3
KEPT = timedelta(days=14)  # how long candidates nobody took are kept
SIGNED, SIGNED_FOR = "candidate", timedelta(hours=12)  # what a signed address of one names, and its shortest life


def model_choices() -> list[tuple[str, str]]:
    """For model fields, as a callable: adding a model makes no migration."""
    return [(model.key, str(model.label)) for model in MODELS.values()]


class GenerationQuerySet(models.QuerySet["Generation"]):
    def newest_first(self) -> GenerationQuerySet:
        return self.order_by("-id")

    def undecided(self) -> GenerationQuerySet:
        """Drawings of which nothing was taken yet, newest first."""
        taken = Candidate.objects.filter(generation=models.OuterRef("pk"), asset__isnull=False)
        return self.filter(~models.Exists(taken)).newest_first().with_candidates()

    def with_candidates(self) -> GenerationQuerySet:
        """With what a page shows of them, in one more query."""
        return self.prefetch_related(models.Prefetch("candidates", Candidate.objects.in_order()))


class Generation(models.Model):
    """One wish, as a contract, and the candidates drawn for it. `best` is the best that passes, so far."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="generations", db_index=False
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    request_key = models.UUIDField(default=uuid4, editable=False, help_text=_("From the form: sent twice, one wish."))
    contract = models.JSONField()
    model = models.CharField(_("model"), max_length=40, choices=model_choices)
    why_model = models.CharField(max_length=200, blank=True, help_text=_("Why this model draws it."))
    best = models.ForeignKey("imaging.Candidate", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("wish for a picture"), _("wishes for pictures")
        indexes = [
            models.Index(fields=["workspace", "-id"], name="generation_newest_first"),
            models.Index(fields=["created_at"], name="generation_by_age"),
        ]
        constraints = [models.UniqueConstraint(fields=["workspace", "request_key"], name="generation_request_once")]

    def __str__(self) -> str:
        wish = self.wish
        words = " ".join(piece for piece in (wish.text.figure, wish.text.headline) if piece)
        return " ".join(words.split()) or wish.prompt or str(_("Picture"))

    def get_absolute_url(self) -> str:
        return reverse("image_detail", kwargs={"workspace": self.workspace.slug, "pk": self.pk})

    @property
    def wish(self) -> PromptContract:
        """The contract as what it is."""
        return PromptContract.model_validate(self.contract)

    @property
    def language(self) -> str:
        """That of whoever asked; empty where they chose none or are gone."""
        return self.requested_by.language if self.requested_by else ""

    def stored_names(self) -> list[str]:
        """The names in storage of everything drawn for it."""
        return [file.name for c in self.candidates.all() for file in (c.file, c.preview) if file]

    @property
    def state(self) -> str:
        """Of the whole: being drawn while anything is still to come, then drawn where anything came of it."""
        states = {candidate.state for candidate in self.candidates.all()}
        if states & {Candidate.State.WAITING, Candidate.State.DRAWING}:
            return Candidate.State.DRAWING
        return Candidate.State.DRAWN if Candidate.State.DRAWN in states else Candidate.State.FAILED

    @property
    def image_model(self) -> ImageModel:
        return MODELS[self.model]


class CandidateQuerySet(models.QuerySet["Candidate"]):
    def claim(self, pk: UUID) -> Candidate | None:
        """The candidate, if this call is the one that may draw it; else None. Only columns of its own row decide."""
        fence, now = uuid4(), clock.now()
        free = Q(state=Candidate.State.WAITING) | Q(state=Candidate.State.DRAWING, lease_until__lt=now)
        won = self.filter(free, pk=pk, tries__lt=MAX_TRIES).update(
            state=Candidate.State.DRAWING, fence=fence, lease_until=now + LEASE, tries=models.F("tries") + 1
        )
        found = self.select_related("generation__workspace", "generation__requested_by")
        return found.get(pk=pk, fence=fence) if won else None

    def forgotten(self) -> CandidateQuerySet:
        """Those whose worker, or whose message, got lost."""
        now = clock.now()
        return self.filter(
            Q(state=Candidate.State.WAITING, created_at__lt=now - LEASE)
            | Q(state=Candidate.State.DRAWING, lease_until__lt=now)
        )

    def in_order(self) -> CandidateQuerySet:
        return self.order_by("index")


def candidate_path(candidate: Candidate, name: str) -> str:
    """Where a file of a candidate lies under MEDIA_ROOT."""
    stem, _dot, extension = name.rpartition(".")
    folder = f"{candidate.generation.workspace_id}/drawings/{candidate.generation_id}"
    return f"{folder}/{candidate.index}-{stem}-{secrets.token_hex(4)}.{extension}"


class Candidate(models.Model):
    """One drawn picture with its scores. Only its preview (512 px) is shown until it is taken."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DRAWING = "drawing", _("being drawn")
        DRAWN = "drawn", _("drawn")
        FAILED = "failed", _("could not be drawn")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    generation = models.ForeignKey(Generation, on_delete=models.CASCADE, related_name="candidates", db_index=False)
    index = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    fence = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text=_("For people."))
    file = models.FileField(upload_to=candidate_path, max_length=200, blank=True)
    preview = models.FileField(upload_to=candidate_path, max_length=200, blank=True)
    mime = models.CharField(max_length=20, blank=True)
    width = models.PositiveIntegerField(default=0)
    height = models.PositiveIntegerField(default=0)
    scores = models.JSONField(default=dict, blank=True, help_text=_("The score card, as apps.imaging.scoring says it."))
    total = models.FloatField(null=True, blank=True)
    passed = models.BooleanField(default=False)
    notes = models.JSONField(default=list, blank=True, help_text=_("What could not be done, for people."))
    facts = models.JSONField(default=dict, blank=True, help_text=_("Which arrangement, scheme and decoration."))
    alt_text = models.TextField(_("description"), blank=True)
    asset = models.ForeignKey("media.Asset", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = CandidateQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation", "index"], name="candidate_index_once"),
            models.CheckConstraint(
                condition=~Q(state="drawn") | (~Q(file="") & ~Q(preview="") & Q(total__isnull=False)),
                name="candidate_drawn_is_whole",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(problem=""), name="candidate_failed_says_why"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state__in=["waiting", "drawing"]), name="candidate_open"),
            models.Index(fields=["asset"], condition=Q(asset__isnull=False), name="candidate_of_asset"),
        ]

    def __str__(self) -> str:
        return f"{self.generation} · {self.index + 1}"

    @classmethod
    def of(cls, workspace: Workspace) -> CandidateQuerySet:
        """Those of a workspace, with their wish."""
        return cls.objects.select_related("generation").filter(generation__workspace=workspace)

    def get_preview_url(self) -> str:
        """The address of the small picture, for members of the workspace."""
        names = {"workspace": self.generation.workspace.slug, "pk": self.pk}
        return reverse("image_preview", kwargs=names)

    @classmethod
    def by_address(cls, pk: UUID, expires: int, signature: str) -> tuple[Candidate, timedelta] | None:
        """The candidate a signed address names and how much longer it holds, or None where there is nothing to see."""
        left = signing.remaining(pk, SIGNED, expires, signature)
        found = cls.objects.filter(pk=pk).first() if left else None
        return (found, left) if found is not None and left and found.preview else None

    def get_signed_url(self) -> str:
        """A signed address of the small picture, for programs; "" until it is drawn."""
        if not self.preview:
            return ""
        expires = signing.expiry(SIGNED_FOR)
        signature = signing.signature_of(self.pk, SIGNED, expires)
        return reverse("candidate_file", kwargs={"pk": self.pk, "expires": expires, "signature": signature})

    @property
    def is_drawn(self) -> bool:
        return self.state == self.State.DRAWN

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.WAITING, self.State.DRAWING)

    def require_drawn(self) -> None:
        if not self.is_drawn:
            raise WrongState(_("This picture is not finished yet."))


class RenditionQuerySet(models.QuerySet["Rendition"]):
    def for_network(self, asset_ids: Sequence[UUID], network: str) -> RenditionQuerySet:
        """The ordinary picture of a post on a network, for some assets."""
        return self.filter(asset__in=asset_ids, network=network, placement="")


def rendition_path(rendition: Rendition, name: str) -> str:
    """Where a rendition lies under MEDIA_ROOT."""
    asset, extension = rendition.asset, name.rpartition(".")[2]
    label = "-".join(part for part in (rendition.network, rendition.placement) if part)
    return f"{asset.workspace_id}/{asset.pk}/for-{label}-{secrets.token_hex(4)}.{extension}"


class Rendition(models.Model):
    """A stored picture in the size and weight of one network; with a placement, cut or drawn to its exact ratio."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    asset = models.ForeignKey("media.Asset", on_delete=models.CASCADE, related_name="renditions", db_index=False)
    network = models.CharField(_("network"), max_length=20, choices=networks.choices)
    placement = models.CharField(max_length=12, blank=True)
    file = models.FileField(upload_to=rendition_path, max_length=200)
    mime = models.CharField(max_length=20)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = RenditionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asset", "network", "placement"], name="rendition_once"),
            models.CheckConstraint(condition=Q(width__gt=0, height__gt=0, bytes__gt=0), name="rendition_is_whole"),
        ]

    def __str__(self) -> str:
        return f"{self.get_network_display()} {self.width} x {self.height}"
