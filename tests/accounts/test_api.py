"""The API of organizations: the same access, figures and errors as the pages."""

import pytest
from django.urls import reverse

from tests.factories import make_membership, make_organization, make_user, make_workspace

pytestmark = pytest.mark.django_db


def link(organization):
    return reverse("api_usage", kwargs={"organization": organization.slug})


def test_usage_states_plan_and_every_limit(client):
    organization = make_organization(plan="pro", time_zone="Europe/Berlin")
    make_workspace(organization=organization)
    client.force_login(make_membership(organization=organization, role="viewer").user)
    answer = client.get(link(organization))
    body = answer.json()
    assert (answer.status_code, body["plan"], body["time_zone"]) == (200, "pro", "Europe/Berlin")
    lines = {line.pop("limit"): line for line in body["limits"]}
    assert lines["members"] == {"allowed": 5, "used": 2, "reserved": 0, "resets_at": None}
    assert lines["workspaces"]["used"] == 1
    assert lines["publications_day"]["allowed"] == 15
    assert lines["publications_day"]["resets_at"].endswith("Z")


def test_address_of_the_api_is_stable():
    assert reverse("api_usage", kwargs={"organization": "ada-1"}) == "/api/v1/o/ada-1/usage"


@pytest.mark.parametrize(
    ("who", "status", "code"), [("nobody", 401, "not_authenticated"), ("stranger", 404, "not_found")]
)
def test_refusal_is_a_problem_document(client, who, status, code):
    if who == "stranger":
        client.force_login(make_user())
    answer = client.get(link(make_organization()))
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)


def test_made_up_organization_answers_as_a_strangers_one(client):
    client.force_login(make_user())
    answers = [client.get(path).json() for path in (link(make_organization()), "/api/v1/o/no-such-1234/usage")]
    assert answers[0] | {"request_id": ""} == answers[1] | {"request_id": ""}


def test_locked_member_is_told_which_plan_would_do(client):
    organization = make_organization(plan="free")
    client.force_login(make_membership(organization=organization).user)
    answer = client.get(link(organization))
    wanted = {"status": 402, "code": "limit_reached", "limit": "members", "allowed": 1, "used": 2, "plan": "pro"}
    assert {name: answer.json()[name] for name in wanted} == wanted
