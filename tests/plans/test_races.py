"""Fifty at once, on PostgreSQL: exactly as many get through as the plan allows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from django.db import close_old_connections, connection, transaction

from apps.accounts.models import Organization, User
from apps.core.errors import LimitReached
from apps.plans import entitlements, services
from apps.plans.catalog import Limit
from apps.plans.models import Reservation, Spend, Standing, Trial, Usage
from tests.factories import make_organization, make_plans, make_user, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 50
DUE = datetime(2031, 5, 7, 9, tzinfo=UTC)


def at_once(work, count=THREADS):
    """Run `work(number)` in that many threads, all released together; what each returned or raised."""
    start = Barrier(count)

    def one(number):
        try:
            connection.ensure_connection()
            start.wait(60)
            return work(number)
        except Exception as raised:  # noqa: BLE001
            return raised
        finally:
            close_old_connections()
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_reserve_lets_exactly_as_many_through_as_allowed():
    organization = make_organization(plan="starter")
    subjects = [make_workspace(organization=organization) for _ in range(THREADS)]

    def one(number):
        mine = Organization.objects.get(pk=organization.pk)
        entitlements.reserve(
            subjects[number], Limit.PUBLICATIONS_WEEK, Limit.PUBLICATIONS_DAY, organization=mine, due=DUE
        )

    refused = [answer for answer in at_once(one) if answer is not None]
    assert {type(answer) for answer in refused} == {LimitReached}
    assert len(refused) == THREADS - 5
    assert sorted(Usage.objects.values_list("limit", "used")) == [("publications_day", 5), ("publications_week", 5)]
    assert Reservation.objects.filter(state="reserved").count() == 10


def test_reserving_one_thing_fifty_times_counts_it_once():
    organization = make_organization(plan="starter")
    subject = make_workspace(organization=organization)

    def one(number):
        mine = Organization.objects.get(pk=organization.pk)
        entitlements.reserve(subject, Limit.PUBLICATIONS_DAY, organization=mine, due=DUE)

    assert at_once(one) == [None] * THREADS
    assert Usage.objects.get().used == 1


def test_releasing_one_thing_fifty_times_gives_it_back_once():
    organization = make_organization(plan="starter")
    subject, other = make_workspace(organization=organization), make_workspace(organization=organization)
    for row in (subject, other):
        entitlements.reserve(row, Limit.PUBLICATIONS_DAY, organization=organization, due=DUE)
    assert at_once(lambda number: entitlements.release(subject)) == [None] * THREADS
    assert Usage.objects.get().used == 1


def test_take_lets_exactly_as_many_through_as_allowed():
    organization = make_organization(plan="free")
    taken = at_once(lambda number: entitlements.take(Organization.objects.get(pk=organization.pk), "generations_day"))
    assert sum(answer is None for answer in taken) == 20
    assert Usage.objects.get().used == 20


def test_slot_lets_exactly_as_many_through_as_allowed(slot_rows):
    organization = make_organization(plan="enterprise")

    def one(number):
        mine = Organization.objects.get(pk=organization.pk)
        with transaction.atomic():
            entitlements.slot(mine, Limit.WORKSPACES)
            make_workspace(organization=mine)

    refused = [answer for answer in at_once(one) if answer is not None]
    assert {type(answer) for answer in refused} == {LimitReached}
    assert organization.workspaces.count() == 10


def test_slot_holds_where_there_was_no_standing_yet(slot_rows):
    organization = make_organization(plan="free")
    Standing.objects.all().delete()

    def one(number):
        mine = Organization.objects.get(pk=organization.pk)
        with transaction.atomic():
            entitlements.slot(mine, Limit.WORKSPACES)
            make_workspace(organization=mine)

    answers = at_once(one)
    assert {type(answer) for answer in answers if answer is not None} == {LimitReached}
    assert organization.workspaces.count() == 1


def test_spend_never_passes_the_brake(settings):
    settings.VENDOR_SPEND_DAY_USD = 1
    answers = at_once(lambda number: entitlements.spend(70_000))
    assert sum(answer is None for answer in answers) == 14
    assert Spend.objects.get().microdollars == 980_000


def test_a_person_founding_fifty_organizations_has_one_trial():
    make_plans()
    person = make_user()
    organizations = [Organization.objects.create(name=f"Nr {number}") for number in range(THREADS)]

    def one(number):
        mine = Organization.objects.get(pk=organizations[number].pk)
        return services.start_standing(organization=mine, founder=User.objects.get(pk=person.pk)).source

    assert sorted(at_once(one)) == ["none"] * (THREADS - 1) + ["trial"]
    assert Trial.objects.count() == 1
