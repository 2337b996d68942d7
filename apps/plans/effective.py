"""The plan an organization has at this moment: its standing read by the clock, with its overrides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.core import clock
from apps.core.prepared import Prepared
from apps.plans import catalog, periods
from apps.plans.catalog import LEVELS, PERIODS
from apps.plans.models import Plan, Standing

_standings = Prepared(lambda organizations, now: Plan.objects.standing_under(organizations, now))


@dataclass(frozen=True)
class EffectivePlan:
    """What holds now. Templates read `{% if "teams" in plan.features %}`; unstated is denied.

    `until` is when this next changes by itself (trial, gift or grace over, an override ended), None for never.
    """

    key: str = catalog.FREE
    name: str = "Free"
    order: int = 0
    source: str = Standing.Source.NONE
    trial_ends_at: datetime | None = None
    grace_until: datetime | None = None
    limits: dict[str, int] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    levels: dict[str, str] = field(default_factory=dict)
    choices: dict[str, frozenset[str]] = field(default_factory=dict)
    zone: str = "UTC"
    running: dict[str, list[str]] = field(default_factory=dict)
    until: datetime | None = None

    @property
    def is_trial(self) -> bool:
        return self.source == Standing.Source.TRIAL

    @property
    def is_free(self) -> bool:
        return self.key == catalog.FREE

    def allowed(self, limit: str) -> int:
        """How many; 0 where the plan does not say."""
        return self.limits.get(limit, 0)

    def reaches(self, level: str, value: str) -> bool:
        """Whether the plan's level is `value` or above."""
        order, stated = LEVELS[level], self.levels.get(level)
        return value in order and stated in order and order.index(value) <= order.index(stated)

    def includes(self, choice: str, member: str) -> bool:
        """Whether the plan allows this member of a choice."""
        return member in self.choices.get(choice, ()) or member in catalog.ALWAYS_ALLOWED.get(choice, ())

    def period(self, limit: str, at: datetime) -> periods.Period:
        """The period of a metered limit that `at` lies in, in the organization's zone."""
        return periods.period(PERIODS[limit], at, self.zone, self.running)


def read(organization_id: UUID, zone: str) -> EffectivePlan:
    """The effective plan, in one query. `zone` counts where there is no standing yet."""
    return read_all({organization_id: zone})[organization_id]


def read_all(zones: dict[UUID, str]) -> dict[UUID, EffectivePlan]:
    """The effective plans of several organizations (key → zone), in one query; none for none."""
    if not zones:
        return {}
    now = clock.now()
    rows: list[Any] = _standings(organizations=list(zones), now=now)
    own = {row.organization_id: row for row in rows}
    free = next((row for row in rows if row.key == catalog.FREE), None)
    return {pk: _effective(pk, zone, own.get(pk), free, now) for pk, zone in zones.items()}


def _effective(organization_id: UUID, zone: str, own: Any, free: Any, now: datetime) -> EffectivePlan:
    if free is None:
        return EffectivePlan(zone=zone)  # nothing seeded: nothing allowed, and `doctor` shouts
    ends_at = _end(own)
    stands = own is not None and own.source != Standing.Source.NONE and (ends_at is None or now < ends_at)
    plan = own if stands else free
    overrides = [row for row in plan.overrides if row["organization"] == str(organization_id)]
    ends = [datetime.fromisoformat(row["ends_at"]) for row in overrides if row["ends_at"]]
    if stands and ends_at:
        ends.append(ends_at)
    return EffectivePlan(
        key=plan.key,
        name=plan.name,
        order=plan.order,
        source=own.source if stands else Standing.Source.NONE,
        trial_ends_at=own.trial_ends_at if own else None,
        grace_until=own.grace_until if own else None,
        zone=own.zone if own else zone,
        running=own.running if own else {},
        until=min(ends, default=None),
        **_stated(plan, overrides),
    )


def _end(own: Any) -> datetime | None:
    """When the standing stops giving its plan; None for no end."""
    ends = {
        Standing.Source.TRIAL: "trial_ends_at",
        Standing.Source.COMPED: "comped_until",
        Standing.Source.SUBSCRIPTION: "grace_until",
    }
    return getattr(own, ends[own.source]) if own is not None and own.source in ends else None


def _stated(plan: Plan, overrides: list[dict]) -> dict[str, Any]:
    """The plan's statements with the overrides laid over them."""
    over: dict[str, dict] = {"limit": {}, "feature": {}, "level": {}, "choice": {}}
    for row in overrides:
        over[row["kind"]][row["key"]] = row["value"]
    features = {**plan.features, **over["feature"]}
    choices = {key: frozenset(members) for key, members in plan.choices.items()}
    for key, members in over["choice"].items():
        choices[key] = choices.get(key, frozenset()) | frozenset(members)
    return {
        "limits": {**plan.limits, **over["limit"]},
        "features": frozenset(key for key, stated in features.items() if stated),
        "levels": {**plan.levels, **over["level"]},
        "choices": choices,
    }
