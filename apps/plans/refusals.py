"""What is said when a plan does not allow something, with the smallest plan that would."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from apps.core.errors import FeatureNotInPlan, LimitReached
from apps.plans.catalog import Limit
from apps.plans.effective import EffectivePlan
from apps.plans.models import Plan


def not_in_plan(present: EffectivePlan, what: str, label: str, does: Callable[[Plan], bool]) -> FeatureNotInPlan:
    """For a feature, level or choice; `does` tells whether another plan would do."""
    message = _("Your plan does not include this (%(what)s).") % {"what": label}
    return FeatureNotInPlan(message, feature=str(what), plan=_smallest(present, does))


def reached(
    present: EffectivePlan, limit: Limit, *, used: int, adding: int, resets_at: datetime | None = None
) -> LimitReached:
    """For a count; `resets_at` where it is counted per period."""
    facts = {"allowed": present.allowed(limit), "used": used, "what": limit.label}
    if facts["allowed"]:
        message = _("Your plan has room for %(allowed)s %(what)s, and %(used)s are taken.") % facts
    else:
        message = _("Your plan does not include any %(what)s.") % facts
    return _limit_reached(message, present, limit, used, used + adding, resets_at)


def beyond_horizon(present: EffectivePlan, days: int) -> LimitReached:
    """For a time that is `days` ahead."""
    allowed = present.allowed(Limit.HORIZON_DAYS)
    message = _("Your plan lets you schedule up to %(days)s days ahead.") % {"days": allowed}
    return _limit_reached(message, present, Limit.HORIZON_DAYS, days, days, None)


def _limit_reached(
    message: str, present: EffectivePlan, limit: Limit, used: int, wanted: int, resets_at: datetime | None
) -> LimitReached:
    return LimitReached(
        message,
        limit=str(limit),
        allowed=present.allowed(limit),
        used=used,
        resets_at=resets_at,
        plan=_smallest(present, lambda plan: plan.limits.get(limit, 0) >= wanted),
    )


def _smallest(present: EffectivePlan, does: Callable[[Plan], bool]) -> str | None:
    """The key of the smallest plan above the present one that would do, None where none would."""
    above = Plan.objects.sold().filter(order__gt=present.order)
    return next((plan.key for plan in above if does(plan)), None)
