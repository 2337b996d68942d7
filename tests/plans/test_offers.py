"""What a stranger is offered: the plans of the database, and of them only what is built and set up here."""

import pytest

from apps.plans import offers
from apps.plans.models import Plan
from tests.factories import make_plans

pytestmark = pytest.mark.django_db


def lines(offer):
    return {line.label: line.value for line in offer.lines}


def test_plans_are_those_of_the_database_smallest_first(django_assert_num_queries):
    make_plans()
    Plan.objects.filter(key="starter").update(name="Solo", month_cents=1900, year_cents=19000)
    Plan.objects.filter(key="enterprise").update(is_public=False)
    with django_assert_num_queries(1):
        found = offers.on_sale()
    assert [(offer.name, offer.month, offer.year, offer.is_popular) for offer in found] == [
        ("Solo", 19, 190, False),
        ("Pro", 79, 790, True),
    ]


def test_only_what_is_built_and_set_up_is_listed(settings):
    settings.BASE_URL, settings.BLUESKY_CLIENT_KEY = "https://lily.example.com", ""
    make_plans()
    starter, pro, _enterprise = offers.on_sale()
    assert lines(starter) == {
        "Social profiles": "5",
        "Members": "1",
        "Workspaces": "1",
        "Posts a day": "5",
        "Posts a week": "25",
        "Pictures a month": "10",
        "Days ahead": "30",
        "API requests an hour": "1,000",
        "Networks": "Mastodon",
        "Teams": "no",
    }
    assert (lines(pro)["Networks"], lines(pro)["Teams"]) == ("Mastodon", "yes")


def test_network_that_is_set_up_is_listed_where_the_plan_has_it():
    make_plans()
    Plan.objects.filter(key="starter").update(choices={"networks": ["mastodon", "x"]})
    assert [lines(offer)["Networks"] for offer in offers.on_sale()] == ["Mastodon", *["Bluesky, Mastodon"] * 2]
