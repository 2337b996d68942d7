"""The demo organization is made once, and never where nobody asked for one."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.accounts.models import Membership, Organization, User
from apps.plans import entitlements
from apps.plans.services import seed_plans

pytestmark = pytest.mark.django_db
DEMO = "demo@lily.example"


@pytest.fixture
def demo(settings):
    settings.DEMO_LOGIN, settings.DEMO_PASSWORD = DEMO, "a password of the demo"
    seed_plans()


def test_seed_demo_twice_makes_one(demo, capsys):
    call_command("seed_demo")
    call_command("seed_demo")
    assert capsys.readouterr().out == f"Made Café Lily for {DEMO}.\nThe demo person is there.\n"
    assert list(Membership.objects.values_list("user__email", "organization__name", "role")) == [
        (DEMO, "Café Lily", "owner")
    ]


def test_demo_person_logs_in_and_stands_on_pro_for_good(demo, client):
    call_command("seed_demo")
    answer = client.post(reverse("account_login"), {"login": DEMO, "password": "a password of the demo"})
    assert (answer.status_code, answer.wsgi_request.user.email) == (302, DEMO)
    plan = entitlements.plan_of(Organization.objects.get())
    assert (plan.key, plan.source) == ("pro", "comped")


def test_production_has_no_demo(settings):
    settings.DEMO_LOGIN = ""
    with pytest.raises(CommandError, match=r"^This installation has no demo person\.$"):
        call_command("seed_demo")
    assert not User.objects.exists()
