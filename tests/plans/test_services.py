"""Seeding, founding, and what operators do, each with its record."""

import itertools
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from apps.accounts.models import Organization
from apps.core import clock, doctor
from apps.core.errors import Invalid
from apps.core.models import AuditEntry
from apps.plans import catalog, entitlements, services
from apps.plans.examinations import check_plans
from apps.plans.models import Override, Plan, Standing, Trial
from tests.factories import make_organization, make_plans, make_user

pytestmark = pytest.mark.django_db


def audited():
    return list(AuditEntry.objects.order_by("at", "pk").values_list("action", "reason"))


def found(person, name="Café"):
    organization = Organization.objects.create(name=name)
    return services.start_standing(organization=organization, founder=person)


def test_the_seed_is_the_table_of_the_product():
    make_plans()
    rows = list(Plan.objects.values_list("key", "month_cents", "year_cents", "is_public", "is_popular"))
    assert rows == [
        ("free", 0, 0, False, False),
        ("starter", 2900, 29000, True, False),
        ("pro", 7900, 79000, True, True),
        ("enterprise", 19900, 199000, True, False),
    ]
    limits = {plan.key: list(map(plan.limits.get, catalog.Limit.values)) for plan in Plan.objects.all()}
    assert limits == {
        "free": [1, 1, 1, 3, 10, 5, 20, 0, 7, 0],
        "starter": [5, 1, 1, 5, 25, 10, 40, 1, 30, 1000],
        "pro": [25, 5, 3, 15, 100, 50, 200, 5, 90, 5000],
        "enterprise": [100, 25, 10, 50, 300, 200, 800, 15, 365, 20000],
    }


def test_every_seeded_plan_states_all():
    make_plans()
    assert {plan.key: plan.unstated() for plan in Plan.objects.all()} == {
        "free": [],
        "starter": [],
        "pro": [],
        "enterprise": [],
    }
    for plan in Plan.objects.all():
        plan.clean()


def test_plans_only_grow():
    """Upgrading takes nothing away."""
    order = [list(map(seed.limits.get, catalog.Limit)) for seed in catalog.SEED]
    for smaller, larger in itertools.pairwise(order):
        assert all(a <= b for a, b in zip(smaller, larger, strict=True))
    for smaller, larger in zip(catalog.SEED, catalog.SEED[1:], strict=False):
        assert smaller.features <= larger.features
        assert all(set(smaller.choices[choice]) <= set(larger.choices[choice]) for choice in catalog.Choice)


def test_seeding_twice_changes_nothing():
    make_plans()
    assert {seeded.action for seeded in services.seed_plans()} == {"unchanged"}


def test_seeding_keeps_an_operators_edit_and_shows_it(capsys):
    make_plans()
    Plan.objects.filter(key="pro").update(month_cents=6900)
    call_command("seed_plans")
    assert "pro: kept\n  month_cents: the row says 6900, the catalog 7900" in capsys.readouterr().out
    assert Plan.objects.get(key="pro").month_cents == 6900
    call_command("seed_plans", "--force", "--dry-run")
    assert Plan.objects.get(key="pro").month_cents == 6900
    call_command("seed_plans", "--force")
    assert Plan.objects.get(key="pro").month_cents == 7900
    assert "pro: overwritten\n" in capsys.readouterr().out


def test_seeding_updates_what_nobody_edited():
    make_plans()
    plan = Plan.objects.get(key="pro")
    plan.month_cents = plan.seeded["month_cents"] = 5900  # as an earlier release seeded it
    plan.save()
    assert [seeded.action for seeded in services.seed_plans() if seeded.key == "pro"] == ["updated"]
    assert Plan.objects.get(key="pro").month_cents == 7900


def test_founding_starts_fourteen_days_of_pro():
    make_plans()
    standing = found(make_user())
    assert (standing.plan.key, standing.source) == ("pro", "trial")
    assert abs(standing.trial_ends_at - clock.now() - timedelta(days=14)) < timedelta(minutes=1)
    assert entitlements.plan_of(standing.organization).is_trial
    assert audited() == [("plan.trial_started", "")]


def test_the_trial_is_once_per_person_also_after_deletion():
    make_plans()
    person = make_user(email="ada@example.com")
    found(person).organization.delete()
    assert found(person, "Second").source == "none"
    person.delete()
    assert found(make_user(email="Ada@example.com"), "Third").source == "none"
    assert Trial.objects.count() == 1


def test_starting_twice_keeps_the_first():
    make_plans()
    standing = found(make_user())
    again = services.start_standing(organization=standing.organization, founder=make_user())
    assert (again.pk, again.trial_ends_at) == (standing.pk, standing.trial_ends_at)


def test_operators_give_extend_and_end_with_a_reason_on_record():
    organization, operator = make_organization(plan="free"), make_user()
    services.comp_plan(organization=organization, plan="enterprise", actor=operator, reason="Partner")
    assert entitlements.plan_of(organization).key == "enterprise"
    until = clock.now() + timedelta(days=30)
    services.extend_trial(organization=organization, until=until, actor=operator, reason="Was ill")
    assert entitlements.plan_of(organization).trial_ends_at == until
    services.end_standing(organization=organization, actor=operator, reason="Asked for it")
    assert entitlements.plan_of(organization).is_free
    assert audited() == [
        ("plan.comped", "Partner"),
        ("plan.trial_extended", "Was ill"),
        ("plan.ended", "Asked for it"),
    ]


def test_without_a_reason_nothing_happens():
    organization, operator = make_organization(plan="free"), make_user()
    with pytest.raises(Invalid) as refused:
        services.comp_plan(organization=organization, plan="pro", actor=operator, reason="  ")
    assert list(refused.value.fields) == ["reason"]
    assert entitlements.plan_of(organization).is_free
    assert audited() == []


def test_an_override_needs_a_value_its_key_can_have():
    organization, operator = make_organization(), make_user()
    for kind, key, value in (
        ("limit", "channels", -1),
        ("limit", "channels", True),
        ("feature", "teams", 1),
        ("level", "analytics", "best"),
        ("choice", "networks", "x"),
        ("limit", "teams", 1),
    ):
        with pytest.raises(ValidationError):
            services.set_override(
                organization=organization, kind=kind, key=key, value=value, reason="Try", actor=operator
            )
    assert not Override.objects.exists()


def test_an_override_replaces_the_one_before_and_ends():
    organization, operator = make_organization(plan="free"), make_user()
    common = {"organization": organization, "kind": "limit", "key": "channels", "actor": operator}
    services.set_override(**common, value=3, reason="First")
    override = services.set_override(**common, value=4, reason="Second")
    assert entitlements.plan_of(organization).allowed("channels") == 4
    services.end_override(override=override, actor=operator, reason="Over")
    entitlements.forget(organization)
    assert entitlements.plan_of(organization).allowed("channels") == 1
    assert audited() == [
        ("plan.override_set", "First"),
        ("plan.override_set", "Second"),
        ("plan.override_ended", "Over"),
    ]


def test_doctor_shouts_about_a_plan_that_does_not_say():
    make_plans()
    assert list(check_plans()) == []
    plan = Plan.objects.get(key="pro")
    plan.limits.pop("members")
    plan.save()
    Plan.objects.get(key="starter").delete()
    findings = list(check_plans())
    assert [finding.level for finding in findings] == [doctor.Level.ERROR] * 2
    assert [finding.problem for finding in findings] == [
        "The plan starter is missing, so what needs it is denied.",
        "The plan pro does not state: members. All of it is denied.",
    ]


def test_a_standing_on_trial_needs_an_end():
    from django.db import IntegrityError

    organization = make_organization()
    with pytest.raises(IntegrityError):
        Standing.objects.filter(organization=organization).update(source="trial", trial_ends_at=None)
