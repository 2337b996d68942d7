"""A limit that is nearly used is told to the owners."""

from datetime import UTC, datetime

import pytest

from apps.accounts import services
from apps.accounts.catalog import LIMIT_NEARED, Role
from apps.accounts.models import Membership, Notice
from apps.plans.catalog import Limit
from apps.plans.models import Standing
from apps.plans.signals import limit_neared
from tests.factories import make_membership, make_organization

pytestmark = pytest.mark.django_db


def near(organization, **news):
    given = {"limit": Limit.IMAGES_MONTH, "percent": 80, "allowed": 50, "used": 40, "resets_at": None} | news
    limit_neared.send(Standing, organization=organization, **given)


def test_owners_are_told_when_a_limit_is_nearly_used(done, delivered):
    organization = make_organization(plan="pro", name="Café Ada")  # five members
    owners = [organization.memberships.get().user, make_membership(organization=organization, role=Role.OWNER).user]
    make_membership(organization=organization, role=Role.ADMIN)
    actor = Membership.objects.get(user=owners[0])
    with done():
        services.invite_member(actor=actor, email="new@example.com", role=Role.MEMBER)
    told = [message for message in delivered() if "used" in message.subject]
    assert sorted(message.to[0] for message in told) == sorted(owner.email for owner in owners)
    assert {message.subject for message in told} == {"Café Ada: 4 of 5 members used"}
    assert f"/o/{organization.slug}/usage/" in told[0].body
    notices = Notice.objects.filter(kind=LIMIT_NEARED.key)
    assert sorted((notice.user.email, str(notice)) for notice in notices) == sorted(
        (owner.email, "4 of 5 members used") for owner in owners
    )


def test_each_percentage_of_a_period_is_told_once():
    organization = make_organization()
    month = datetime(2031, 6, 1, tzinfo=UTC)
    for news in ({}, {}, {"percent": 100, "used": 50}, {"resets_at": datetime(2031, 7, 1, tzinfo=UTC)}):
        near(organization, **{"resets_at": month} | news)
    assert Notice.objects.count() == 3


def test_what_has_no_period_is_told_once_a_day(time_machine):
    organization = make_organization()
    for day in ("2031-05-07T08:00:00Z", "2031-05-07T20:00:00Z", "2031-05-08T08:00:00Z"):
        time_machine.move_to(day)
        near(organization, limit=Limit.MEMBERS)
    assert Notice.objects.count() == 2


def test_mail_says_when_it_counts_anew_in_the_organization_s_time(delivered):
    organization = make_organization(time_zone="Europe/Berlin")
    near(organization, resets_at=datetime(2031, 5, 31, 22, tzinfo=UTC))
    assert "They count anew from 1 June, 00:00 (Europe/Berlin)." in delivered()[0].body
