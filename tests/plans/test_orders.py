"""Reserve, commit, release, move and lapse in any order agree with a model that fits on one page."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.core.errors import LimitReached
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.plans.models import Usage
from tests.factories import make_organization, make_workspace

START = datetime(2031, 5, 5, 12, tzinfo=UTC)  # a Monday
ALLOWED = {"publications_day": 3, "publications_week": 10, "images_month": 5}
SUBJECTS = st.integers(0, 13)
DAYS = st.integers(0, 9)


class Orders(RuleBasedStateMachine):
    """`held` is the model: subject → [state, day, lapses at]; states are held, used and free."""

    @initialize()
    def begin(self):
        self.clock = time_machine.travel(START, tick=False)
        self.traveller = self.clock.start()
        self.now = START
        self.organization = make_organization(plan="free")
        self.subjects = [make_workspace(organization=self.organization) for _ in range(14)]
        self.held, self.pictures = {}, {}

    def teardown(self):
        if hasattr(self, "clock"):
            self.organization.delete()
            self.clock.stop()

    def room(self, day, besides):
        days = [held[1] for who, held in self.held.items() if held[0] != "free" and who != besides]
        return days.count(day) < 3 and sum(other // 7 == day // 7 for other in days) < 10

    @rule(who=SUBJECTS, day=DAYS)
    def reserve(self, who, day):
        state = self.held.get(who, ["free"])[0]
        try:
            entitlements.reserve(
                self.subjects[who],
                Limit.PUBLICATIONS_DAY,
                Limit.PUBLICATIONS_WEEK,
                organization=self.organization,
                due=START + timedelta(days=day),
            )
            assert state == "used" or self.room(day, who)
            if state != "used":
                self.held[who] = ["held", day]
        except LimitReached:
            assert state != "used"
            assert not self.room(day, who)

    @rule(who=SUBJECTS, day=DAYS)
    def move(self, who, day):
        state = self.held.get(who, ["free"])[0]
        try:
            entitlements.move(self.subjects[who], organization=self.organization, due=START + timedelta(days=day))
            assert state != "held" or self.room(day, who)
            if state == "held":
                self.held[who] = ["held", day]
        except LimitReached:
            assert state == "held"
            assert not self.room(day, who)

    @rule(who=SUBJECTS)
    def commit(self, who):
        counted = entitlements.commit(self.subjects[who])
        expected = (2 if who in self.held else 0) + (1 if who in self.pictures else 0)
        assert counted == expected
        if who in self.held:
            self.held[who][0] = "used"
        if who in self.pictures:
            self.pictures[who][0] = "used"

    @rule(who=SUBJECTS)
    def release(self, who):
        entitlements.release(self.subjects[who])
        for model in (self.held, self.pictures):
            if who in model and model[who][0] == "held":
                model[who][0] = "free"

    @rule(who=SUBJECTS)
    def reserve_picture(self, who):
        state = self.pictures.get(who, ["free"])[0]
        alive = [
            one
            for one, (kept, until) in self.pictures.items()
            if one != who and (kept == "used" or (kept == "held" and until > self.now))
        ]
        try:
            entitlements.reserve(self.subjects[who], Limit.IMAGES_MONTH, organization=self.organization, due=START)
            if state != "used":
                self.pictures[who] = ["held", self.now + timedelta(hours=24)]
        except LimitReached:
            assert state != "used"
            assert len(alive) >= 5

    @rule(hours=st.integers(1, 30))
    def wait_and_sweep(self, hours):
        self.now += timedelta(hours=hours)
        self.traveller.move_to(self.now, tick=False)
        entitlements.lapse()
        for row in self.pictures.values():
            if row[0] == "held" and row[1] <= self.now:
                row[0] = "free"

    @invariant()
    def counters_are_what_the_model_says(self):
        if not hasattr(self, "held"):
            return
        taken = [held[1] for held in self.held.values() if held[0] != "free"]
        expected = {}
        for day in taken:
            for key in (("publications_day", day), ("publications_week", day // 7 * 7)):
                expected[key] = expected.get(key, 0) + 1
        if pictures := sum(row[0] != "free" for row in self.pictures.values()):
            expected["images_month", -4] = pictures
        midnight = START.replace(hour=0)
        found = {
            (row.limit, (row.period_start - midnight).days): row.used
            for row in Usage.objects.filter(organization=self.organization, used__gt=0)
        }
        assert found == expected


@pytest.mark.django_db
def test_any_order_agrees_with_the_model():
    run_state_machine_as_test(
        Orders,
        settings=settings(
            max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
