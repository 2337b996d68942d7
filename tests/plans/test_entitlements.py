"""The door to plans: what is allowed, what is counted, what is refused and with which words."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from apps.core import clock
from apps.core.errors import FeatureNotInPlan, LimitReached, TryLater
from apps.plans import entitlements
from apps.plans.catalog import Choice, Feature, Level, Limit
from apps.plans.models import Plan, Reservation, Standing, Usage
from tests.factories import make_organization, make_standing, make_workspace

pytestmark = pytest.mark.django_db
DUE = datetime(2031, 5, 7, 9, tzinfo=UTC)  # a Wednesday
PUBLICATION = (Limit.PUBLICATIONS_DAY, Limit.PUBLICATIONS_WEEK)


def counts(organization):
    """Every counter that is not zero: (limit, start) → used."""
    rows = Usage.objects.filter(organization=organization, used__gt=0)
    return {(row.limit, row.period_start): row.used for row in rows}


def test_plan_of_is_one_query_and_kept(django_assert_num_queries):
    organization = make_organization(plan="starter")
    with django_assert_num_queries(1):
        assert entitlements.plan_of(organization).key == "starter"
        assert entitlements.plan_of(organization).name == "Starter"


def test_allows_what_the_plan_states():
    organization = make_organization(plan="starter")
    assert entitlements.allows(organization, Feature.AUTOPILOT)
    assert not entitlements.allows(organization, Feature.TEAMS)


def test_require_names_the_smallest_plan_that_would_do():
    organization = make_organization(plan="starter")
    with pytest.raises(FeatureNotInPlan) as refused:
        entitlements.require(organization, Feature.TEAMS)
    assert (refused.value.status, refused.value.feature, refused.value.plan) == (403, "teams", "pro")
    with pytest.raises(FeatureNotInPlan) as refused:
        entitlements.require(organization, Feature.SSO)
    assert refused.value.plan == "enterprise"


def test_require_level_allows_up_to_the_plans_own():
    organization = make_organization(plan="starter")
    entitlements.require_level(organization, Level.IMAGE_QUALITY, "draft")
    entitlements.require_level(organization, Level.IMAGE_QUALITY, "standard")
    with pytest.raises(FeatureNotInPlan) as refused:
        entitlements.require_level(organization, Level.IMAGE_QUALITY, "premium")
    assert refused.value.plan == "pro"


def test_require_choice_allows_the_stated_members_and_the_sandbox():
    organization = make_organization(plan="free")
    entitlements.require_choice(organization, Choice.NETWORKS, "bluesky")
    entitlements.require_choice(organization, Choice.NETWORKS, "sandbox")
    with pytest.raises(FeatureNotInPlan) as refused:
        entitlements.require_choice(organization, Choice.NETWORKS, "pinterest")
    assert refused.value.plan == "enterprise"


def test_reserve_counts_on_the_local_day_and_week():
    organization = make_organization(plan="free", time_zone="America/New_York")
    due = datetime(2031, 5, 5, 2, tzinfo=UTC)  # Monday in UTC, still Sunday in New York
    entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=due)
    assert counts(organization) == {
        ("publications_day", datetime(2031, 5, 4, 4, tzinfo=UTC)): 1,
        ("publications_week", datetime(2031, 4, 28, 4, tzinfo=UTC)): 1,
    }


def test_reserve_twice_counts_once():
    organization, subject = make_organization(plan="free"), make_workspace()
    for _ in range(2):
        entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    assert set(counts(organization).values()) == {1}


def test_a_reached_limit_changes_nothing_and_says_what_would_do():
    organization = make_organization(plan="free")
    for _ in range(3):
        entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=DUE)
    before = counts(organization)
    subject = make_workspace()
    with pytest.raises(LimitReached) as refused:
        entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    error = refused.value
    assert (error.status, error.limit, error.allowed, error.used) == (402, "publications_day", 3, 3)
    assert (error.resets_at, error.plan) == (datetime(2031, 5, 8, tzinfo=UTC), "starter")
    assert str(error) == "Your plan has room for 3 posts a day, and 3 are taken."
    assert counts(organization) == before
    assert not Reservation.objects.filter(subject_id=subject.pk).exists()


def test_a_week_that_is_full_gives_the_day_back():
    organization = make_organization(plan="free")
    for day in range(5):
        for _ in range(2):
            due = DUE + timedelta(days=day - 2)
            entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=due)
    before = counts(organization)
    with pytest.raises(LimitReached) as refused:
        entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=DUE + timedelta(days=4))
    assert (refused.value.limit, refused.value.plan) == ("publications_week", "starter")
    assert counts(organization) == before


def test_move_takes_the_count_along():
    organization, subject = make_organization(plan="free"), make_workspace()
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    entitlements.move(subject, organization=organization, due=DUE + timedelta(days=1))
    assert counts(organization) == {
        ("publications_day", datetime(2031, 5, 8, tzinfo=UTC)): 1,
        ("publications_week", datetime(2031, 5, 5, tzinfo=UTC)): 1,
    }


def test_move_to_a_full_day_changes_nothing():
    organization, subject = make_organization(plan="free"), make_workspace()
    for _ in range(3):
        entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=DUE)
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE + timedelta(days=1))
    before = counts(organization)
    with pytest.raises(LimitReached):
        entitlements.move(subject, organization=organization, due=DUE)
    assert counts(organization) == before


def test_commit_keeps_the_count_and_release_does_not_undo_it():
    organization, subject = make_organization(plan="free"), make_workspace()
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    assert entitlements.commit(subject) == 2
    assert entitlements.commit(subject) == 2
    entitlements.release(subject)
    assert set(counts(organization).values()) == {1}


def test_release_gives_back_once():
    organization, subject = make_organization(plan="free"), make_workspace()
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    entitlements.release(subject)
    entitlements.release(subject)
    assert counts(organization) == {}
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    assert set(counts(organization).values()) == {1}


def test_commit_of_something_released_counts_it_because_it_happened():
    organization, subject = make_organization(plan="free"), make_workspace()
    entitlements.reserve(subject, *PUBLICATION, organization=organization, due=DUE)
    entitlements.release(subject)
    assert entitlements.commit(subject) == 2
    assert set(counts(organization).values()) == {1}


def test_a_picture_lapses_after_24_hours_without_any_scheduler(time_machine):
    organization = make_organization(plan="free")
    time_machine.move_to(datetime(2031, 5, 7, tzinfo=UTC), tick=False)
    for _ in range(5):
        entitlements.reserve(make_workspace(), Limit.IMAGES_MONTH, organization=organization, due=clock.now())
    with pytest.raises(LimitReached):
        entitlements.reserve(make_workspace(), Limit.IMAGES_MONTH, organization=organization, due=clock.now())
    time_machine.move_to(datetime(2031, 5, 8, tzinfo=UTC), tick=False)
    entitlements.reserve(make_workspace(), Limit.IMAGES_MONTH, organization=organization, due=clock.now())
    assert set(counts(organization).values()) == {1}


def test_take_counts_drafts_and_refuses_the_next():
    organization = make_organization(plan="free")
    for _ in range(5):
        entitlements.take(organization, Limit.GENERATIONS_DAY, 4)
    with pytest.raises(LimitReached) as refused:
        entitlements.take(organization, Limit.GENERATIONS_DAY)
    assert (refused.value.used, refused.value.allowed, refused.value.plan) == (20, 20, "starter")


def test_spend_stops_at_the_operators_brake(settings, time_machine):
    settings.VENDOR_SPEND_DAY_USD = 1
    time_machine.move_to(datetime(2031, 5, 7, 18, tzinfo=UTC), tick=False)
    entitlements.spend(600_000)
    entitlements.spend(400_000)
    entitlements.spend(0)
    with pytest.raises(TryLater) as refused:
        entitlements.spend(1)
    assert refused.value.retry_after == timedelta(hours=6)
    time_machine.move_to(datetime(2031, 5, 8, tzinfo=UTC), tick=False)
    entitlements.spend(1)


def test_horizon_is_the_plans():
    organization = make_organization(plan="free")
    entitlements.require_horizon(organization, clock.now() + timedelta(days=6, hours=23))
    with pytest.raises(LimitReached) as refused:
        entitlements.require_horizon(organization, clock.now() + timedelta(days=45))
    assert (refused.value.limit, refused.value.allowed, refused.value.plan) == ("horizon_days", 7, "pro")


def test_slot_counts_the_registered_rows_under_a_lock(slot_rows):
    organization = make_organization(plan="pro")
    with transaction.atomic():
        for _ in range(3):
            entitlements.slot(organization, Limit.WORKSPACES)
            make_workspace(organization=organization)
        with pytest.raises(LimitReached) as refused:
            entitlements.slot(organization, Limit.WORKSPACES)
    error = refused.value
    assert (error.used, error.allowed, error.resets_at, error.plan) == (3, 3, None, "enterprise")


def test_surplus_is_locked_newest_first_and_unlocks(slot_rows):
    organization = make_organization(plan="pro")
    oldest, *others = [make_workspace(organization=organization) for _ in range(3)]
    make_standing(organization, plan="free")
    assert entitlements.unlocked(organization, Limit.WORKSPACES) == {oldest.pk}
    assert [entitlements.is_locked(organization, Limit.WORKSPACES, row.pk) for row in others] == [True, True]
    make_standing(organization, plan="pro")
    assert not entitlements.is_locked(organization, Limit.WORKSPACES, others[1].pk)


def test_usage_has_a_line_per_limit_sold_and_constant_queries(slot_rows, django_assert_num_queries):
    organization = make_organization(plan="free")
    make_workspace(organization=organization)
    for _ in range(3):
        entitlements.reserve(make_workspace(), *PUBLICATION, organization=organization, due=clock.now())
    entitlements.forget(organization)
    with django_assert_num_queries(2 + len(slot_rows)):
        lines = {line.limit: line for line in entitlements.usage(organization)}
    assert [str(limit) for limit in lines] == [
        "channels",
        "members",
        "workspaces",
        "publications_day",
        "publications_week",
        "images_month",
        "generations_day",
    ]
    day, week, images = lines["publications_day"], lines["publications_week"], lines["images_month"]
    assert (day.used, day.reserved, day.allowed, day.percent, day.level) == (3, 3, 3, 100, "full")
    assert (week.used, week.percent, week.level) == (3, 30, "ok")
    assert (images.used, images.percent, images.level) == (0, 0, "ok")


def test_usage_of_some_limits_asks_only_for_them(slot_rows, django_assert_num_queries):
    organization = make_organization(plan="free")
    entitlements.forget(organization)
    with django_assert_num_queries(2):
        lines = entitlements.usage(organization, Limit.PUBLICATIONS_WEEK, Limit.IMAGES_MONTH)
    assert [(line.limit, line.allowed) for line in lines] == [("publications_week", 10), ("images_month", 5)]


@pytest.mark.parametrize(("used", "level"), [(74, "ok"), (75, "warn"), (89, "warn"), (90, "full"), (120, "full")])
def test_usage_level_is_amber_from_75_and_red_from_90(used, level):
    assert entitlements.UsageLine(Limit.CHANNELS, "x", 100, used, 0, None).level == level


def test_nothing_seeded_denies_everything():
    organization = make_organization()
    Standing.objects.all().delete()
    Plan.objects.all().delete()
    entitlements.forget(organization)
    assert not entitlements.allows(organization, Feature.TEAMS)
    with pytest.raises(FeatureNotInPlan):
        entitlements.reserve(organization, *PUBLICATION, organization=organization, due=DUE)
