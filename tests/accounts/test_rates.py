"""How many requests keys may make in an hour, and what the answers say about it."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.urls import reverse

from apps.accounts import rates
from apps.plans.models import Override
from tests.factories import make_key, make_organization, make_standing, make_user

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def organization():
    return make_organization(plan="pro")


@pytest.fixture
def ask(client, organization):
    """`ask()` the API with the organization's key."""
    _key, token = make_key(membership=organization.memberships.get())
    address = reverse("api_usage", kwargs={"organization": organization.slug})
    return lambda: client.get(address, headers={"Authorization": f"Bearer {token}"})


def allow(organization, requests):
    Override.objects.create(organization=organization, kind="limit", key="api_hour", value=requests, reason="test")


def test_answers_say_what_is_left(ask):
    with time_machine.travel(NOON.replace(minute=20), tick=False):
        answers = [ask(), ask()]
    assert [answer["RateLimit-Policy"] for answer in answers] == ['"hour";q=5000;w=3600'] * 2
    assert [answer["RateLimit"] for answer in answers] == ['"hour";r=4999;t=2400', '"hour";r=4998;t=2400']


def test_past_the_plan_comes_429_until_the_next_hour(ask, organization):
    allow(organization, 2)
    with time_machine.travel(NOON.replace(minute=59), tick=False):
        answers = [ask(), ask(), ask()]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert (answers[2]["Retry-After"], answers[2]["RateLimit"]) == ("60", '"hour";r=0;t=60')
    assert answers[2].json()["code"] == "too_many_requests"
    with time_machine.travel(NOON.replace(hour=13), tick=False):
        assert ask().status_code == 200


def test_keys_of_one_organization_count_together(ask, client, organization):
    allow(organization, 1)
    _key, token = make_key(membership=organization.memberships.get())
    address = reverse("api_usage", kwargs={"organization": organization.slug})
    with time_machine.travel(NOON.replace(hour=14), tick=False):
        first = ask()
        second = client.get(address, headers={"Authorization": f"Bearer {token}"})
    assert (first.status_code, second.status_code) == (200, 429)


def test_plan_without_an_api_is_told_which_would_do(ask, organization):
    make_standing(organization, plan="free")
    answer = ask()
    assert (answer.status_code, answer.json()["limit"], answer.json()["plan"]) == (402, "api_hour", "starter")


def test_refused_before_it_may_ask_is_not_counted(client, ask, organization):
    _key, token = make_key(membership=make_organization(owner=make_user()).memberships.get())
    address = reverse("api_usage", kwargs={"organization": organization.slug})
    answers = [client.get(address, headers={"Authorization": f"Bearer {token}"}), client.get(address)]
    assert [answer.status_code for answer in answers] == [404, 401]
    assert rates.take(organization).used == 1


def test_people_with_a_session_are_not_counted(client, organization):
    make_standing(organization, plan="free")
    client.force_login(organization.memberships.get().user)
    answer = client.get(reverse("api_usage", kwargs={"organization": organization.slug}))
    assert (answer.status_code, answer.has_header("RateLimit")) == (200, False)


def test_without_valkey_everybody_is_let_through(ask, organization, dead_valkey):
    allow(organization, 1)
    answers = [ask(), ask()]
    assert [(answer.status_code, answer.has_header("RateLimit")) for answer in answers] == [(200, False)] * 2
