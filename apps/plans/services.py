"""What is done to plans and standings: by the seed, by founding an organization, by operators, each with its record."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from apps.core import audit, clock
from apps.core.errors import Invalid
from apps.plans import catalog, entitlements
from apps.plans.models import Override, Plan, Standing, Trial

if TYPE_CHECKING:
    from apps.accounts.models import Organization, User


@dataclass(frozen=True)
class Seeded:
    """What the seed did, or would do, to one plan. `differences` is field → (the row's value, the catalog's)."""

    key: str
    action: str  # added, unchanged, updated, kept (an operator's edits are in the way), overwritten
    differences: dict[str, tuple[object, object]]


def seed_plans(*, dry_run: bool = False, force: bool = False) -> list[Seeded]:
    """Bring the plans to what the catalog says, leaving alone what an operator has edited unless `force`.

    The row keeps a snapshot of what was last seeded; where the row differs from it, a person has edited the row.
    """
    with transaction.atomic():
        rows = {plan.key: plan for plan in Plan.objects.select_for_update()}
        return [
            _seed_one(order, seed, rows.get(seed.key), dry_run=dry_run, force=force)
            for order, seed in enumerate(catalog.SEED)
        ]


def _seed_one(order: int, seed: catalog.PlanSeed, row: Plan | None, *, dry_run: bool, force: bool) -> Seeded:
    wanted = seed.statement()
    if row is None:
        if not dry_run:
            Plan.objects.create(key=seed.key, order=order, seeded=wanted, **wanted)
        return Seeded(seed.key, "added", {})
    stated = row.statement()
    differences = {name: (stated[name], value) for name, value in wanted.items() if stated[name] != value}
    is_edited = stated != row.seeded
    if not differences:
        action = "unchanged"
    elif is_edited and not force:
        action = "kept"
    else:
        action = "overwritten" if is_edited else "updated"
    if not dry_run and action in ("updated", "overwritten", "unchanged") and (differences or row.seeded != wanted):
        for name, value in wanted.items():
            setattr(row, name, value)
        row.seeded = wanted
        row.save()
    return Seeded(seed.key, action, differences)


def start_standing(*, organization: Organization, founder: User) -> Standing:
    """Where a new organization begins: 14 days of Pro, or Free where this person has had their trial.

    Once per organization and per person, by unique keys of the database, also after either was deleted. Safe to call
    twice.
    """
    with transaction.atomic():
        standing, is_new = Standing.objects.get_or_create(
            organization=organization, defaults={"plan": _plan(catalog.FREE), "zone": organization.time_zone}
        )
        if is_new and _begin_trial(organization, founder):
            standing.plan, standing.source = _plan(catalog.TRIAL_PLAN), Standing.Source.TRIAL
            standing.trial_ends_at = clock.now() + catalog.TRIAL_LENGTH
            standing.save()
            audit.record("plan.trial_started", organization=organization, actor=founder, plan=standing.plan.key)
    entitlements.forget(organization)
    return standing


def _begin_trial(organization: Organization, person: User) -> bool:
    """Whether this organization and this person have their trial to use, and now have used it."""
    person_hash = salted_hmac("plans.trial", person.email.lower(), algorithm="sha256").hexdigest()
    try:
        with transaction.atomic():
            Trial.objects.create(person=person_hash, user=person, organization=organization)
    except IntegrityError:
        return False
    return True


def extend_trial(*, organization: Organization, until: datetime, actor: User, reason: str) -> Standing:
    """Let a trial run (again) until then, on the plan of trials."""
    return _stand(
        "plan.trial_extended",
        organization,
        actor,
        reason,
        plan=_plan(catalog.TRIAL_PLAN),
        source=Standing.Source.TRIAL,
        trial_ends_at=_ahead(until),
    )


def comp_plan(
    *, organization: Organization, plan: str, until: datetime | None = None, actor: User | None, reason: str
) -> Standing:
    """Give a plan for nothing, until then or for good."""
    given: dict[str, Any] = {
        "plan": _plan(plan),
        "source": Standing.Source.COMPED,
        "comped_until": _ahead(until) if until else None,
    }
    return _stand("plan.comped", organization, actor, reason, **given)


def end_standing(*, organization: Organization, actor: User, reason: str) -> Standing:
    """Take back a trial or a given plan at once: the organization lands on Free, with its surplus locked."""
    nothing: dict[str, Any] = {"trial_ends_at": None, "comped_until": None, "grace_until": None}
    free: dict[str, Any] = {"plan": _plan(catalog.FREE), "source": Standing.Source.NONE}
    return _stand("plan.ended", organization, actor, reason, **free, **nothing)


@transaction.atomic
def set_override(
    *,
    organization: Organization,
    kind: str,
    key: str,
    value: object,
    reason: str,
    actor: User,
    ends_at: datetime | None = None,
) -> Override:
    """Give one organization another value for a limit, feature, level or choice; replaces the one it had."""
    _need(reason)
    override = Override.objects.filter(organization=organization, kind=kind, key=key).first()
    override = override or Override(organization=organization, kind=kind, key=key)
    override.value, override.reason, override.ends_at, override.created_by = value, reason, ends_at, actor
    override.clean()
    override.save()
    audit.record(
        "plan.override_set",
        organization=organization,
        actor=actor,
        reason=reason,
        kind=kind,
        name=key,
        value=value,
        ends_at=ends_at.isoformat() if ends_at else None,
    )
    entitlements.forget(organization)
    return override


@transaction.atomic
def end_override(*, override: Override, actor: User, reason: str) -> None:
    """Take an override away: the plan's own statement holds again."""
    _need(reason)
    facts = {"kind": override.kind, "name": override.key, "value": override.value}
    override.delete()
    audit.record("plan.override_ended", organization=override.organization, actor=actor, reason=reason, **facts)
    entitlements.forget(override.organization)


@transaction.atomic
def _stand(
    action: str, organization: Organization, actor: User | None, reason: str, *, plan: Plan, **columns: object
) -> Standing:
    """Change what an organization stands on, and record who did it and why."""
    _need(reason)
    standing = Standing.objects.select_for_update().filter(organization=organization).first()
    before = standing.plan.key if standing else catalog.FREE
    standing = standing or Standing(organization=organization, zone=organization.time_zone)
    standing.plan = plan
    for name, value in columns.items():
        setattr(standing, name, value)
    standing.save()
    audit.record(action, organization=organization, actor=actor, reason=reason, before=before, after=plan.key)
    entitlements.forget(organization)
    return standing


def _plan(key: str) -> Plan:
    plan = Plan.objects.filter(key=key).first()
    if plan is None:
        raise Invalid(_("There is no plan “%(key)s”. The operator runs seed_plans.") % {"key": key})
    return plan


def _need(reason: str) -> None:
    if not reason.strip():
        raise Invalid(fields={"reason": [_("Say why; it is kept in the audit log.")]})


def _ahead(until: datetime) -> datetime:
    if until <= clock.now():
        raise Invalid(fields={"until": [_("This time is in the past.")]})
    return until
