"""The effective plan is a matter of the clock: nobody has to run for it to be right."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.core import clock
from apps.plans import entitlements
from apps.plans.catalog import Choice, Feature, Level, Limit
from apps.plans.models import Standing
from apps.plans.services import set_override
from tests.factories import make_organization, make_standing, make_user

pytestmark = pytest.mark.django_db
NOW = datetime(2031, 5, 7, 12, tzinfo=UTC)
SOON, PAST = NOW + timedelta(hours=1), NOW - timedelta(seconds=1)


@pytest.fixture(autouse=True)
def at_noon(time_machine):
    time_machine.move_to(NOW, tick=False)
    return time_machine


@pytest.mark.parametrize(
    ("standing", "key"),
    [
        ({"source": "trial", "trial_ends_at": SOON}, "pro"),
        ({"source": "trial", "trial_ends_at": NOW}, "free"),
        ({"source": "comped"}, "pro"),
        ({"source": "comped", "comped_until": SOON}, "pro"),
        ({"source": "comped", "comped_until": PAST}, "free"),
        ({"source": "subscription"}, "pro"),
        ({"source": "subscription", "grace_until": SOON}, "pro"),
        ({"source": "subscription", "grace_until": PAST}, "free"),
        ({"source": "none"}, "free"),
    ],
)
def test_the_plan_follows_the_clock(standing, key):
    organization = make_organization()
    make_standing(organization, plan="pro", **standing)
    assert entitlements.plan_of(organization).key == key


def test_several_plans_are_read_in_one_query_each_with_its_own_overrides(django_assert_num_queries):
    first, second, third = (make_organization(plan=plan) for plan in ("pro", "free", "pro"))
    Standing.objects.filter(organization=third).delete()
    for number, organization in enumerate((first, second, third), 7):
        given = {"kind": "limit", "key": Limit.MEMBERS, "value": number}
        set_override(organization=organization, **given, reason="Won a prize", actor=make_user())
        entitlements.forget(organization)
    with django_assert_num_queries(1):
        entitlements.read_plans([first, second, third])
        plans = [entitlements.plan_of(organization) for organization in (first, second, third)]
    assert [(plan.key, plan.allowed(Limit.MEMBERS)) for plan in plans] == [("pro", 7), ("free", 8), ("free", 9)]
    with django_assert_num_queries(0):
        entitlements.read_plans([first, second, third])


def test_no_standing_is_free():
    organization = make_organization()
    Standing.objects.all().delete()
    entitlements.forget(organization)
    assert entitlements.plan_of(organization).key == "free"


def test_a_kept_plan_is_dropped_when_it_ends(at_noon):
    organization = make_organization()
    make_standing(organization, source="trial", trial_ends_at=SOON)
    plan = entitlements.plan_of(organization)
    assert (plan.key, plan.is_trial, plan.until) == ("pro", True, SOON)
    at_noon.move_to(SOON, tick=False)
    assert entitlements.plan_of(organization).key == "free"


def test_overrides_lie_over_the_plan_until_they_end(at_noon):
    organization, operator = make_organization(plan="free"), make_user()
    for kind, key, value in (
        ("limit", Limit.CHANNELS, 7),
        ("feature", Feature.TEAMS, True),
        ("level", Level.IMAGE_QUALITY, "premium"),
        ("choice", Choice.NETWORKS, ["pinterest"]),
    ):
        set_override(
            organization=organization,
            kind=kind,
            key=key,
            value=value,
            ends_at=SOON,
            reason="Won a prize",
            actor=operator,
        )
    plan = entitlements.plan_of(organization)
    assert (plan.allowed(Limit.CHANNELS), plan.levels["image_quality"]) == (7, "premium")
    assert plan.features == {"teams"}
    assert plan.choices["networks"] == {"x", "instagram", "bluesky", "mastodon", "pinterest"}
    at_noon.move_to(SOON, tick=False)
    plan = entitlements.plan_of(organization)
    assert (plan.allowed(Limit.CHANNELS), plan.features) == (1, frozenset())


def test_another_organizations_override_changes_nothing():
    organization, other = make_organization(plan="free"), make_organization(plan="free")
    set_override(organization=other, kind="limit", key=Limit.CHANNELS, value=7, reason="Won a prize", actor=make_user())
    assert entitlements.plan_of(organization).allowed(Limit.CHANNELS) == 1


def test_a_plan_that_does_not_say_denies():
    organization = make_organization(plan="pro")
    plan = Standing.objects.get(organization=organization).plan
    plan.limits.pop("channels")
    plan.features.pop("teams")
    plan.levels.pop("image_quality")
    plan.choices.pop("networks")
    plan.save()
    entitlements.forget(organization)
    effective = entitlements.plan_of(organization)
    assert effective.allowed(Limit.CHANNELS) == 0
    assert not entitlements.allows(organization, Feature.TEAMS)
    assert not entitlements.allows_level(organization, Level.IMAGE_QUALITY, "draft")
    assert not entitlements.allows_choice(organization, Choice.NETWORKS, "bluesky")


def test_a_zone_change_counts_from_the_next_day_on():
    organization = make_organization(plan="starter", time_zone="Europe/Berlin")
    limits = (Limit.PUBLICATIONS_DAY,)
    dues = [clock.now() + timedelta(hours=1), datetime(2031, 5, 8, 23, tzinfo=UTC), datetime(2031, 5, 9, 3, tzinfo=UTC)]
    for due in dues:
        entitlements.reserve(make_user(), *limits, organization=organization, due=due)
    organization.time_zone = "America/New_York"
    organization.save()
    entitlements.zone_changed(organization)
    from apps.plans.models import Usage

    counted = {row.period_start: row.used for row in Usage.objects.filter(organization=organization, used__gt=0)}
    assert counted == {
        datetime(2031, 5, 6, 22, tzinfo=UTC): 1,  # today, as it began in Berlin
        datetime(2031, 5, 8, 4, tzinfo=UTC): 2,  # both are Thursday evening in New York
    }
    entitlements.reserve(make_user(), *limits, organization=organization, due=dues[2])
    counted = {row.period_start: row.used for row in Usage.objects.filter(organization=organization, used__gt=0)}
    assert counted[datetime(2031, 5, 8, 4, tzinfo=UTC)] == 3
