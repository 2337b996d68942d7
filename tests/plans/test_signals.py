"""News that a limit nears: once per counter and percentage, and only when the count stands."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.plans.signals import limit_neared
from tests.factories import make_organization, make_workspace

pytestmark = pytest.mark.django_db
DUE = datetime(2031, 5, 7, 9, tzinfo=UTC)


@pytest.fixture
def heard():
    news = []

    def hear(*, limit, percent, used, allowed, resets_at, **_):
        news.append((str(limit), percent, used, allowed, resets_at))

    limit_neared.connect(hear)
    yield news
    limit_neared.disconnect(hear)


def test_80_and_100_per_cent_are_told_once(heard, django_capture_on_commit_callbacks):
    organization = make_organization(plan="starter")
    subjects = [make_workspace() for _ in range(5)]
    with django_capture_on_commit_callbacks(execute=True):
        for subject in subjects:
            entitlements.reserve(subject, Limit.PUBLICATIONS_DAY, organization=organization, due=DUE)
        entitlements.release(subjects[0])
        entitlements.reserve(subjects[0], Limit.PUBLICATIONS_DAY, organization=organization, due=DUE)
    end = datetime(2031, 5, 8, tzinfo=UTC)
    assert heard == [("publications_day", 80, 4, 5, end), ("publications_day", 100, 5, 5, end)]


def test_the_next_period_is_told_anew(heard, django_capture_on_commit_callbacks):
    organization = make_organization(plan="free")
    with django_capture_on_commit_callbacks(execute=True):
        for day in (0, 0, 0, 1, 1, 1):
            due = DUE + timedelta(days=day)
            entitlements.reserve(make_workspace(), Limit.PUBLICATIONS_DAY, organization=organization, due=due)
    assert [percent for _, percent, *_ in heard] == [100, 100]


def test_rows_that_exist_are_told_when_they_pass(heard, slot_rows, django_capture_on_commit_callbacks):
    organization = make_organization(plan="pro")
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            with transaction.atomic():
                entitlements.slot(organization, Limit.WORKSPACES)
                make_workspace(organization=organization)
    assert heard == [("workspaces", 100, 3, 3, None)]
