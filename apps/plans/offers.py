"""What the landing page says of the plans that can be bought: only what is built (`catalog.SOLD`) and set up here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from apps.plans.catalog import SOLD, Choice, Feature, Limit
from apps.plans.models import Plan

Names = Callable[[], dict[str, str]]
LEFT_OUT = frozenset({Limit.GENERATIONS_DAY})  # bounds what drafts may cost us; nobody chooses a plan by it
_members: dict[Choice, Names] = {}


@dataclass(frozen=True)
class Line:
    """One thing a plan states, the same for every plan: what, and how much; `is_there` is False for one it lacks."""

    label: str
    value: str
    is_there: bool = True


@dataclass(frozen=True)
class Offer:
    """A plan as a stranger sees it. Prices in whole US dollars."""

    key: str
    name: str
    month: int
    year: int
    is_popular: bool
    lines: tuple[Line, ...]


def register(choice: Choice, names: Names) -> None:
    """Say which members of a choice this installation has, by key, with their names. Those of no app are not shown."""
    _members[choice] = names


def on_sale() -> list[Offer]:
    """The plans that can be bought, smallest first: one query."""
    members = {choice: names() for choice, names in _members.items() if choice in SOLD}
    return [
        Offer(plan.key, plan.name, plan.month_cents // 100, plan.year_cents // 100, plan.is_popular, tuple(lines))
        for plan in Plan.objects.sold()
        for lines in [[*_counts(plan), *_choices(plan, members), *_features(plan)]]
    ]


def _counts(plan: Plan) -> Iterable[Line]:
    for limit in Limit:
        if limit in SOLD and limit not in LEFT_OUT:
            count = plan.limits.get(limit, 0)
            yield Line(capfirst(limit.label), number_format(count, force_grouping=True), bool(count))


def _choices(plan: Plan, members: dict[Choice, dict[str, str]]) -> Iterable[Line]:
    for choice, names in members.items():
        stated = [name for key, name in names.items() if key in plan.choices.get(choice, ())]
        yield Line(capfirst(choice.label), ", ".join(stated), bool(stated))


def _features(plan: Plan) -> Iterable[Line]:
    for feature in Feature:
        if feature in SOLD:
            is_there = bool(plan.features.get(feature))
            yield Line(feature.label, _("yes") if is_there else _("no"), is_there)
