"""What we sell, what each organization stands on, and what it has used."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, F, FilteredRelation, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.ids import uuid7
from apps.plans import catalog
from apps.plans.catalog import Choice, Feature, Level, Limit


def limit_choices() -> list[tuple[str, str]]:
    return Limit.choices


class PlanQuerySet(models.QuerySet["Plan"]):
    def sold(self) -> PlanQuerySet:
        """What a customer can buy, smallest first."""
        return self.filter(is_public=True).order_by("order")

    def standing_under(self, organizations: Collection[UUID], now: datetime) -> PlanQuerySet:
        """The organizations' plans with their standings and overrides, and the free plan (`organization_id` None where
        none of them stands on it): one query for `plan_of`."""
        overrides = Override.objects.active(now).filter(organization__among=organizations)
        mine = FilteredRelation("standings", condition=Q(standings__organization__among=organizations))
        return (
            self.alias(mine=mine)
            .filter(Q(key=catalog.FREE) | Q(mine__organization_id__isnull=False))
            .annotate(
                organization_id=F("mine__organization_id"),
                source=F("mine__source"),
                trial_ends_at=F("mine__trial_ends_at"),
                comped_until=F("mine__comped_until"),
                grace_until=F("mine__grace_until"),
                zone=F("mine__zone"),
                running=F("mine__running"),
                overrides=ArraySubquery(
                    overrides.values(
                        json=JSONObject(
                            organization="organization_id", kind="kind", key="key", value="value", ends_at="ends_at"
                        )
                    )
                ),
            )
        )


class Plan(models.Model):
    """A plan as it is now: seeded from the catalog, editable by operators. Unstated means denied."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    key = models.SlugField(max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=40)
    month_cents = models.PositiveIntegerField(_("price a month, US cents"))
    year_cents = models.PositiveIntegerField(_("price a year, US cents"))
    limits = models.JSONField(_("limits"), default=dict, help_text=_("Limit → how many."))
    features = models.JSONField(_("features"), default=dict, help_text=_("Feature → yes or no."))
    levels = models.JSONField(_("levels"), default=dict, help_text=_("Level → the highest value allowed."))
    choices = models.JSONField(_("choices"), default=dict, help_text=_("Choice → the members allowed."))
    is_public = models.BooleanField(_("sold"), default=True)
    is_popular = models.BooleanField(_("most popular"), default=False)
    order = models.PositiveSmallIntegerField(_("order, smallest plan first"), unique=True)
    seeded = models.JSONField(default=dict, editable=False, help_text=_("What the last seed wrote: shows later edits."))

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["order"]

    def __str__(self) -> str:
        return self.name

    def statement(self) -> dict[str, object]:
        """What the row says, in the shape of `PlanSeed.statement`."""
        fields = ("name", "month_cents", "year_cents", "is_public", "is_popular")
        return {name: getattr(self, name) for name in (*fields, "limits", "features", "levels", "choices")}

    def unstated(self) -> list[str]:
        """Every limit, feature, level and choice the plan says nothing about (and so denies)."""
        kinds = ((Limit, self.limits), (Feature, self.features), (Level, self.levels), (Choice, self.choices))
        return [member.value for kind, stated in kinds for member in kind if member.value not in stated]

    def clean(self) -> None:
        problems: dict[str, list[str]] = {}
        for field, kind in (("limits", Limit), ("features", Feature), ("levels", Level), ("choices", Choice)):
            stated = getattr(self, field)
            if not isinstance(stated, dict):
                problems[field] = [_("This is a table of names and values.")]
                continue
            wrong = [key for key, value in stated.items() if not catalog.is_value(kind, key, value)]
            if wrong:
                problems[field] = [_("Not known, or with a value it cannot have: %s.") % ", ".join(wrong)]
        if problems:
            raise ValidationError(problems)


class Standing(models.Model):
    """What an organization stands on: the truth from which the effective plan is computed by the clock.

    The row is also the lock of everything counted for the organization. `zone` is the zone its periods are counted
    in; `running` holds, per kind of period, the [start, end] that was running when the zone last changed.
    """

    class Source(models.TextChoices):
        TRIAL = "trial", _("trial")
        COMPED = "comped", _("given by us")
        SUBSCRIPTION = "subscription", _("subscription")
        NONE = "none", _("nothing paid")

    organization = models.OneToOneField(
        "accounts.Organization", primary_key=True, on_delete=models.CASCADE, related_name="standing"
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="standings")
    source = models.CharField(_("source"), max_length=12, choices=Source.choices, default=Source.NONE)
    trial_ends_at = models.DateTimeField(_("trial ends"), null=True, blank=True)
    comped_until = models.DateTimeField(_("given until"), null=True, blank=True)
    grace_until = models.DateTimeField(_("grace until"), null=True, blank=True)
    zone = models.CharField(max_length=64, default="UTC", editable=False)
    running = models.JSONField(default=dict, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(source="trial") | Q(trial_ends_at__isnull=False), name="standing_trial_has_an_end"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} ({self.get_source_display()})"


class Trial(models.Model):
    """That a trial was had: once per organization and once per person, also after either is deleted.

    `person` is a keyed hash of the e-mail address, so that a deleted person leaves no address behind.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    person = models.CharField(max_length=64, unique=True, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    organization = models.OneToOneField(
        "accounts.Organization", null=True, on_delete=models.SET_NULL, related_name="+", editable=False
    )
    started_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d}"


class UsageQuerySet(models.QuerySet["Usage"]):
    def take(self, organization_id: UUID, limit: str, start: datetime, amount: int, allowed: int | None) -> int | None:
        """Count `amount` more; the new count, or None where that would pass `allowed` (None: no cap).

        A conditional update: of any number of simultaneous calls, exactly as many win as there is room for.
        """
        key = {"organization_id": organization_id, "limit": limit, "period_start": start}
        room = self.filter(**key) if allowed is None else self.filter(**key, used__lte=allowed - amount)
        if not room.update(used=F("used") + amount):
            self.bulk_create([Usage(**key)], ignore_conflicts=True)
            if not room.update(used=F("used") + amount):
                return None
        return self.values_list("used", flat=True).get(**key)

    def with_reserved(self) -> UsageQuerySet:
        """With `reserved`: how much of what is taken is held and not yet used."""
        key = {name: OuterRef(name) for name in ("organization_id", "limit", "period_start")}
        held = Reservation.objects.filter(**key, state=Reservation.State.RESERVED).order_by()
        count = held.values("limit").annotate(count=Count("pk")).values("count")
        return self.annotate(reserved=Coalesce(Subquery(count), 0))

    def give_back(self, organization_id: UUID, limit: str, start: datetime) -> None:
        """Count one less."""
        self.filter(organization_id=organization_id, limit=limit, period_start=start).update(used=F("used") - 1)


class Usage(models.Model):
    """A counter: how much of a metered limit is taken (reserved or used) in the period that starts then, in UTC."""

    id = models.BigAutoField(primary_key=True)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    limit = models.CharField(max_length=20, choices=limit_choices)
    period_start = models.DateTimeField()
    used = models.PositiveIntegerField(default=0)
    told = models.PositiveSmallIntegerField(default=0, help_text=_("The highest percentage we have written about."))

    objects = UsageQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "usage"
        constraints = [
            models.UniqueConstraint(fields=["organization", "limit", "period_start"], name="usage_counter_once")
        ]

    def __str__(self) -> str:
        return f"{self.limit} {self.period_start:%Y-%m-%d %H:%M}: {self.used}"


class Reservation(models.Model):
    """One unit of one limit, held for one thing (a publication, an asset) until it is used or given back."""

    class State(models.TextChoices):
        RESERVED = "reserved", _("held")
        COMMITTED = "committed", _("used")
        RELEASED = "released", _("given back")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="+")
    subject_type = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    limit = models.CharField(max_length=20, choices=limit_choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RELEASED)
    due_at = models.DateTimeField()
    period_start = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_type", "subject_id", "limit"], name="reservation_once"),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "committed", "released"]), name="reservation_state_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "limit", "period_start"],
                condition=Q(state="reserved"),
                name="reservation_held",
            ),
            models.Index(fields=["expires_at"], condition=Q(state="reserved"), name="reservation_lapsing"),
        ]

    def __str__(self) -> str:
        return f"{self.limit} for {self.subject_type} ({self.get_state_display()})"


class OverrideQuerySet(models.QuerySet["Override"]):
    def active(self, now: datetime) -> OverrideQuerySet:
        """Those that hold at this time."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now))


class Override(models.Model):
    """What one organization has instead of what its plan states, and why.

    A limit, feature or level is replaced by `value`; the members listed for a choice are added to the plan's.
    """

    class Kind(models.TextChoices):
        LIMIT = "limit", _("limit")
        FEATURE = "feature", _("feature")
        LEVEL = "level", _("level")
        CHOICE = "choice", _("choice")

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="overrides")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=30)
    value = models.JSONField()
    reason = models.CharField(max_length=300)
    ends_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = OverrideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "key"], name="override_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.key} = {self.value}"

    def clean(self) -> None:
        kind = {"limit": Limit, "feature": Feature, "level": Level, "choice": Choice}.get(self.kind)
        if kind and not catalog.is_value(kind, self.key, self.value):
            raise ValidationError({"value": _("There is no such thing, or it cannot have this value.")})


class Spend(models.Model):
    """What all organizations together have cost us with vendors on one UTC day: the operator's brake reads it."""

    day = models.DateField(primary_key=True)
    microdollars = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.day}: {self.microdollars / 1_000_000:.2f} USD"
