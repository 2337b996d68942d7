"""The only door to plans: what an organization may do, and how much of it is used.

Upper apps never read `plans.models`. Counted rows (channels, members, workspaces) are registered by the app that
owns them, in `ready()`: `entitlements.register(Limit.CHANNELS, queryset_of_organization)`, oldest (kept) first.

Everything that counts takes the organization's standing as its lock, in a short transaction of its own or as part of
the caller's: never hold one open over a vendor's call. Reserve first, call, then commit or release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Model, QuerySet
from django.utils.translation import gettext as _

from apps.core import clock
from apps.core.errors import FeatureNotInPlan, LimitReached, TryLater
from apps.core.prepared import Prepared
from apps.plans import catalog, effective, periods
from apps.plans.catalog import PERIODS, SLOTS, Choice, Feature, Level, Limit
from apps.plans.effective import EffectivePlan
from apps.plans.models import Plan, Reservation, Spend, Standing, Usage
from apps.plans.signals import limit_neared

if TYPE_CHECKING:
    from apps.accounts.models import Organization

Rows = Callable[["Organization | UUID"], QuerySet]
State = Reservation.State


@dataclass(frozen=True)
class Counted:
    """Rows that count against a slot limit, and the keys of an organization's."""

    rows: Rows
    keys: Callable[..., list[UUID]]


_counted: dict[Limit, list[Counted]] = {}
_reservations = Prepared(
    lambda subject_type, subject_id: Reservation.objects.filter(subject_type=subject_type, subject_id=subject_id)
)
_counters = Prepared(
    lambda organization_id, starts: Usage.objects.with_reserved().filter(
        period_start__among=starts, organization_id=organization_id
    )
)


def register(limit: Limit, rows: Rows, *, by_clock: bool = False) -> None:
    """Say which rows count against a slot limit; the queryset is ordered by who stays when there are too many.

    Called twice for one limit (members, then pending invitations), both count and the first registered stay first.
    `by_clock`: which rows these are depends on the time, so that their query is composed anew each time.
    """

    def keys(organization: UUID) -> QuerySet:
        return rows(organization).values_list("pk", flat=True)

    _counted.setdefault(limit, []).append(Counted(rows, keys if by_clock else Prepared(keys)))  # type: ignore[arg-type]


# -- what the plan says


def plan_of(organization: Organization) -> EffectivePlan:
    """The effective plan by the clock, overrides included: one query, then kept on the instance while it holds."""
    kept: EffectivePlan | None = organization.__dict__.get("_effective_plan")
    if kept is None or (kept.until is not None and clock.now() >= kept.until):
        kept = effective.read(organization.pk, organization.time_zone)
        organization.__dict__["_effective_plan"] = kept
    return kept


def read_plans(organizations: Iterable[Organization]) -> None:
    """Have `plan_of` ready for all of them, in one query for those whose plan is not kept yet."""
    unread = {
        organization.pk: organization for organization in organizations if "_effective_plan" not in vars(organization)
    }
    for pk, plan in effective.read_all({pk: row.time_zone for pk, row in unread.items()}).items():
        unread[pk].__dict__["_effective_plan"] = plan


def forget(organization: Organization) -> None:
    """Read the plan anew the next time; for whoever has just changed it."""
    organization.__dict__.pop("_effective_plan", None)


def allows(organization: Organization, feature: Feature) -> bool:
    """Whether the effective plan states the feature."""
    return feature in plan_of(organization).features


def allows_level(organization: Organization, level: Level, value: str) -> bool:
    """Whether the effective plan's level is `value` or above."""
    return plan_of(organization).reaches(level, value)


def allows_choice(organization: Organization, choice: Choice, value: str) -> bool:
    """Whether the effective plan states this member of the choice (a network, an image model)."""
    return plan_of(organization).includes(choice, value)


def require(organization: Organization, feature: Feature) -> None:
    """Raises FeatureNotInPlan."""
    if not allows(organization, feature):
        smallest = _smallest(organization, lambda plan: bool(plan.features.get(feature)))
        raise _not_in_plan(feature.label, feature, smallest)


def require_level(organization: Organization, level: Level, value: str) -> None:
    """Raises FeatureNotInPlan if the plan's level is below `value`."""
    if not allows_level(organization, level, value):
        smallest = _smallest(organization, lambda plan: EffectivePlan(levels=plan.levels).reaches(level, value))
        raise _not_in_plan(f"{level.label}: {value}", level, smallest)


def require_choice(organization: Organization, choice: Choice, value: str) -> None:
    """Raises FeatureNotInPlan if the plan does not state this member of the choice (a network, an image model)."""
    if not allows_choice(organization, choice, value):
        smallest = _smallest(organization, lambda plan: value in plan.choices.get(choice, ()))
        raise _not_in_plan(f"{choice.label}: {value}", choice, smallest)


def require_horizon(organization: Organization, at: datetime) -> None:
    """Raises LimitReached if `at` is further ahead than the plan's horizon (days of 24 hours)."""
    allowed, now = plan_of(organization).allowed(Limit.HORIZON_DAYS), clock.now()
    if at > now + timedelta(days=allowed):
        ahead = -((now - at) // timedelta(days=1))  # rounded up
        raise LimitReached(
            _("Your plan lets you schedule up to %(days)s days ahead.") % {"days": allowed},
            limit=Limit.HORIZON_DAYS,
            allowed=allowed,
            used=ahead,
            plan=_smallest_for(organization, Limit.HORIZON_DAYS, ahead),
        )


def require_some(organization: Organization, limit: Limit) -> None:
    """Raises LimitReached where the plan allows nothing at all of a limit."""
    if not plan_of(organization).allowed(limit):
        raise _reached(organization, limit, 0, 0, 1, None)


# -- rows that exist: channels, members, workspaces


def slot(organization: Organization, limit: Limit, adding: int = 1) -> None:
    """Inside a transaction: lock the organization's standing, count the rows, raise LimitReached if there is no room.

    The caller creates the row in the same transaction, so a race of fifty never passes the cap.
    """
    _lock(organization)
    forget(organization)
    allowed, used = plan_of(organization).allowed(limit), _count(organization, limit)
    if used + adding > allowed:
        raise _reached(organization, limit, allowed, used, used + adding, None)
    if allowed > adding:  # the only one there can be is no news
        for percent in (100, 80):
            if used * 100 < allowed * percent <= (used + adding) * 100:
                _tell(organization, limit, percent, allowed, used + adding, None)
                break


def is_locked(organization: Organization, limit: Limit, pk: UUID) -> bool:
    """Whether a counted row is surplus to the effective plan (locked, never deleted)."""
    return pk not in unlocked(organization, limit)


def unlocked(organization: Organization, limit: Limit) -> set[UUID]:
    """The keys of the counted rows that the effective plan leaves usable; for lists, in one query."""
    room = plan_of(organization).allowed(limit)
    kept: set[UUID] = set()
    for counted in _counted.get(limit, ()):
        if room > len(kept):
            kept.update(counted.keys(organization=organization.pk)[: room - len(kept)])
    return kept


def is_surplus(organization: Organization, limit: Limit, before: int) -> bool:
    """Whether a counted row is locked that has so many before it in the registered order: `is_locked` for a caller who
    read that number with the row."""
    return before >= plan_of(organization).allowed(limit)


def surplus(organization: Organization, limit: Limit, before: int, message: str) -> LimitReached:
    """The refusal of such a row: it names the smallest plan that has room for it."""
    return LimitReached(
        message,
        limit=str(limit),
        allowed=plan_of(organization).allowed(limit),
        used=_count(organization, limit),
        plan=_smallest_for(organization, limit, before + 1),
    )


# -- metered: reserve, then commit or release


def reserve(
    subject: Model, *limits: Limit, organization: Organization, due: datetime, expires: datetime | None = None
) -> None:
    """Reserve one of each limit for `subject`, on the periods of `due`. Raises LimitReached and then changes nothing.

    Publications: `reserve(publication, Limit.PUBLICATIONS_DAY, Limit.PUBLICATIONS_WEEK, organization=…, due=due_at)`.
    Idempotent per subject and limit: what is reserved moves to `due`, what is used stays used, what was released is
    reserved anew. Without `expires` a publication is held until told, a picture for 24 hours.
    """
    now = clock.now()
    with transaction.atomic():
        plan = _lock_and_read(organization)
        rows = [
            Reservation(
                organization_id=organization.pk,
                **_key(subject),
                limit=limit,
                due_at=due,
                period_start=plan.period(limit, due).start,
            )
            for limit in limits
        ]
        Reservation.objects.bulk_create(rows, ignore_conflicts=True)
        held = list(Reservation.objects.filter(**_key(subject), limit__in=limits))
        for row in held:
            row.expires_at = expires or (now + catalog.LAPSES[row.limit] if row.limit in catalog.LAPSES else None)
        _settle_on(organization, plan, [row for row in held if row.state != State.COMMITTED], due)


def move(subject: Model, *, organization: Organization, due: datetime) -> None:
    """Move what is reserved for `subject` to the periods of another due time. Raises LimitReached, changing nothing."""
    with transaction.atomic():
        plan = _lock_and_read(organization)
        held = list(Reservation.objects.filter(**_key(subject), state=State.RESERVED))
        _settle_on(organization, plan, held, due)


def commit(subject: Model) -> int:
    """What was reserved for `subject` is used: how many limits are now counted for it. Safe to call twice.

    Never refused: what has happened counts, so one that was released or has lapsed meanwhile is counted again, cap or
    no cap.
    """
    now = clock.now()
    with transaction.atomic(savepoint=False):
        mine = Reservation.objects.filter(**_key(subject))
        mine.filter(state=State.RESERVED).update(state=State.COMMITTED, updated_at=now, expires_at=None)
        rows = _reservations(**_key(subject))
        for row in rows:
            is_back = row.state == State.RELEASED and mine.filter(pk=row.pk, state=State.RELEASED).update(
                state=State.COMMITTED, updated_at=now
            )
            if is_back:
                Usage.objects.take(row.organization_id, row.limit, row.period_start, 1, allowed=None)
        return len(rows)


def release(subject: Model) -> None:
    """What was reserved for `subject` is free again. Safe to call twice; never undoes a commit."""
    _release(Reservation.objects.filter(**_key(subject)))


def lapse(*, organization_id: UUID | None = None) -> int:
    """Give back what was reserved and never committed in its time; how many. Also done before anyone is refused."""
    rows = Reservation.objects.filter(expires_at__lte=clock.now())
    return _release(rows if organization_id is None else rows.filter(organization_id=organization_id))


def take(organization: Organization, limit: Limit, amount: int = 1) -> None:
    """Count `amount` of a metered limit as used now, with nothing to give back. Raises LimitReached.

    For picture drafts: `take(organization, Limit.GENERATIONS_DAY, 4)` before the vendor is asked.
    """
    with transaction.atomic():
        plan = _lock_and_read(organization)
        _take(organization, plan, limit, plan.period(limit, clock.now()), amount)


def spend(microdollars: int) -> None:
    """Count what the next vendor call may cost us at most. Raises TryLater when the operator's day is spent.

    The brake (`settings.VENDOR_SPEND_DAY_USD`) is for all organizations together, per UTC day; canvas cards cost 0.
    """
    if not microdollars:
        return
    now = clock.now()
    today, cap = now.astimezone(UTC).date(), settings.VENDOR_SPEND_DAY_USD * 1_000_000
    Spend.objects.bulk_create([Spend(day=today)], ignore_conflicts=True)
    room = Spend.objects.filter(day=today, microdollars__lte=cap - microdollars)
    if not room.update(microdollars=F("microdollars") + microdollars):
        tomorrow = datetime.combine(today + timedelta(days=1), time(), UTC)
        raise TryLater(_("Pictures from outside models are paused until tomorrow."), retry_after=tomorrow - now)


def zone_changed(organization: Organization) -> None:
    """Count in the organization's new time zone from the next day, week and month on.

    Whoever changes the zone calls this in the same transaction; what forgets to is caught at the next reservation.
    """
    with transaction.atomic():
        _follow_zone(organization, _lock(organization))
    forget(organization)


# -- for pages


@dataclass(frozen=True)
class UsageLine:
    """One bar of the usage page. `used` counts what is taken, `reserved` is the part of it not yet used."""

    limit: Limit
    label: str
    allowed: int
    used: int
    reserved: int
    resets_at: datetime | None

    @property
    def percent(self) -> int:
        """Of what is allowed, rounded down; above 100 where a smaller plan leaves a surplus."""
        if self.allowed:
            return self.used * 100 // self.allowed
        return 100 if self.used else 0

    @property
    def level(self) -> str:
        """ok, warn (from 75 %) or full (from 90 %)."""
        return "full" if self.percent >= 90 else "warn" if self.percent >= 75 else "ok"


def usage(organization: Organization, *limits: Limit) -> list[UsageLine]:
    """One line per limit (by default all that pages show), for the periods that run now.

    One query for everything metered, and one per registered rows of a slot limit.
    """
    plan, now = plan_of(organization), clock.now()
    wanted = limits or [limit for limit in Limit if limit in catalog.SOLD]
    running = {limit: plan.period(limit, now) for limit in PERIODS if limit in wanted}
    starts = sorted({period.start for period in running.values()})
    counters = _counters(organization_id=organization.pk, starts=starts) if starts else ()
    taken: dict[tuple[str, datetime], Any] = {(row.limit, row.period_start): row for row in counters}
    lines = []
    for limit in wanted:
        allowed = plan.allowed(limit)
        if limit in SLOTS:
            lines.append(UsageLine(limit, limit.label, allowed, _count(organization, limit), 0, None))
        elif limit in running:
            counter = taken.get((limit, running[limit].start))
            used, reserved = (counter.used, counter.reserved) if counter else (0, 0)
            lines.append(UsageLine(limit, limit.label, allowed, used, reserved, running[limit].end))
    return lines


# -- inside


def _key(subject: Model) -> dict[str, object]:
    return {"subject_type": subject._meta.label_lower, "subject_id": subject.pk}


def _lock(organization: Organization) -> Standing:
    """The organization's standing, locked until the transaction ends; made where there is none yet."""
    locked = Standing.objects.select_for_update().filter(organization_id=organization.pk)
    standing = locked.first()
    if standing is None:
        free = Plan.objects.filter(key=catalog.FREE).first()
        if free is None:
            raise FeatureNotInPlan(_("No plans are set up here yet. The operator runs seed_plans."))
        Standing.objects.get_or_create(
            organization_id=organization.pk, defaults={"plan": free, "zone": organization.time_zone}
        )
        standing = locked.get()
    return standing


def _lock_and_read(organization: Organization) -> EffectivePlan:
    """Lock, follow a changed zone, and the plan as it is now: what a decision to count is made on."""
    standing = _lock(organization)
    if standing.zone != organization.time_zone:
        _follow_zone(organization, standing)
    forget(organization)
    return plan_of(organization)


def _settle_on(organization: Organization, plan: EffectivePlan, rows: list[Reservation], due: datetime) -> None:
    """Have each reservation held on the period of `due`; counters are written in one fixed order."""
    rows.sort(key=lambda row: list(PERIODS).index(row.limit))
    for row in rows:
        period = plan.period(row.limit, due)
        if row.state == State.RESERVED and row.period_start != period.start:
            Usage.objects.give_back(row.organization_id, row.limit, row.period_start)
            row.state = State.RELEASED
        if row.state == State.RELEASED:
            _take(organization, plan, Limit(row.limit), period, 1)
        row.state, row.due_at, row.period_start, row.updated_at = State.RESERVED, due, period.start, clock.now()
    Reservation.objects.bulk_update(rows, ["state", "due_at", "period_start", "expires_at", "updated_at"])


def _take(organization: Organization, plan: EffectivePlan, limit: Limit, period: periods.Period, amount: int) -> None:
    """Count on a period, or raise LimitReached; says so upwards when 80 or 100 per cent are passed."""
    allowed, counter = plan.allowed(limit), (organization.pk, limit, period.start)
    used = Usage.objects.take(*counter, amount, allowed)
    if used is None and lapse(organization_id=organization.pk):
        used = Usage.objects.take(*counter, amount, allowed)
    if used is None:
        have = Usage.objects.filter(organization_id=organization.pk, limit=limit, period_start=period.start)
        taken = have.values_list("used", flat=True).first() or 0
        raise _reached(organization, limit, allowed, taken, taken + amount, period.end)
    percent = 100 if used >= allowed else 80 if used * 100 >= allowed * 80 else 0
    if percent and Usage.objects.filter(
        organization_id=organization.pk, limit=limit, period_start=period.start, told__lt=percent
    ).update(told=percent):
        _tell(organization, limit, percent, allowed, used, period.end)


def _release(rows: QuerySet[Reservation]) -> int:
    """Give back those of `rows` that are reserved; each once, whoever else tries."""
    rows, count, order = rows.filter(state=State.RESERVED), 0, list(PERIODS)
    with transaction.atomic():
        owners = Standing.objects.filter(organization_id__in=rows.values("organization_id"))
        list(owners.select_for_update().order_by("organization_id"))
        for row in sorted(rows, key=lambda row: (row.organization_id, order.index(row.limit), row.period_start)):
            still = Reservation.objects.filter(pk=row.pk, state=State.RESERVED)
            if still.update(state=State.RELEASED, updated_at=clock.now(), expires_at=None):
                Usage.objects.give_back(row.organization_id, row.limit, row.period_start)
                count += 1
    return count


def _follow_zone(organization: Organization, standing: Standing) -> None:
    """Take over the organization's zone and count what lies after the running periods by it, with no refusal."""
    if standing.zone == organization.time_zone:
        return
    standing.running = periods.change_zone(clock.now(), standing.zone, organization.time_zone, standing.running)
    standing.zone = organization.time_zone
    standing.save(update_fields=["running", "zone", "updated_at"])
    for limit, kind in PERIODS.items():
        ahead = {"organization_id": organization.pk, "limit": limit, "period_start__gt": standing.running[kind][0]}
        counts: dict[datetime, int] = {}
        rows = list(Reservation.objects.filter(**ahead).exclude(state=State.RELEASED))
        for row in rows:
            row.period_start = periods.period(kind, row.due_at, standing.zone, standing.running).start
            counts[row.period_start] = counts.get(row.period_start, 0) + 1
        Reservation.objects.bulk_update(rows, ["period_start"])
        Usage.objects.filter(**ahead).delete()
        for start, count in sorted(counts.items()):
            Usage.objects.take(organization.pk, limit, start, count, allowed=None)


def _count(organization: Organization, limit: Limit) -> int:
    return sum(counted.rows(organization).count() for counted in _counted.get(limit, ()))


def _smallest(organization: Organization, does: Callable[[Plan], bool]) -> str | None:
    """The key of the smallest plan above the present one that would do, None where none would."""
    above = Plan.objects.sold().filter(order__gt=plan_of(organization).order)
    return next((plan.key for plan in above if does(plan)), None)


def _smallest_for(organization: Organization, limit: Limit, wanted: int) -> str | None:
    return _smallest(organization, lambda plan: plan.limits.get(limit, 0) >= wanted)


def _not_in_plan(what: str, feature: str, plan: str | None) -> FeatureNotInPlan:
    return FeatureNotInPlan(
        _("Your plan does not include this (%(what)s).") % {"what": what}, feature=str(feature), plan=plan
    )


def _reached(
    organization: Organization, limit: Limit, allowed: int, used: int, wanted: int, resets_at: datetime | None
) -> LimitReached:
    facts = {"allowed": allowed, "used": used, "what": limit.label}
    if not allowed:
        message = _("Your plan does not include any %(what)s.") % facts
    else:
        message = _("Your plan has room for %(allowed)s %(what)s, and %(used)s are taken.") % facts
    return LimitReached(
        message,
        limit=str(limit),
        allowed=allowed,
        used=used,
        resets_at=resets_at,
        plan=_smallest_for(organization, limit, wanted),
    )


def _tell(
    organization: Organization, limit: Limit, percent: int, allowed: int, used: int, resets_at: datetime | None
) -> None:
    """Send `limit_neared` once the count stands."""
    news = {"limit": limit, "percent": percent, "allowed": allowed, "used": used, "resets_at": resets_at}
    transaction.on_commit(
        lambda: limit_neared.send_robust(sender=Standing, organization=organization, **news), robust=True
    )
