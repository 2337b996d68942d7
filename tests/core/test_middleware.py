from __future__ import annotations

import re

import pytest
from django.shortcuts import resolve_url
from django.template import Context
from django.template.loader import get_template
from django.test import Client, RequestFactory
from django.urls import reverse

from apps.core.middleware import client_address
from tests import factories
from tests.core.pages import ERRORS

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.pages")]
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.mark.parametrize("code", sorted(ERRORS.keys() - {"not_authenticated"}))
def test_error_becomes_a_page_with_its_status(client, code):
    response = client.get(f"/test/failing/{code}/")
    assert response.status_code == ERRORS[code].status
    assert b"<html" in response.content
    assert str(ERRORS[code]) in response.content.decode()


@pytest.mark.parametrize("code", sorted(ERRORS.keys() - {"not_authenticated"}))
def test_error_becomes_a_fragment_for_htmx(client, code):
    response = client.get(f"/test/failing/{code}/", **HTMX)
    assert response.status_code == ERRORS[code].status
    assert b"<html" not in response.content
    assert str(ERRORS[code]) in response.content.decode()
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("code", ["feature_not_in_plan", "limit_reached"])
def test_plan_errors_show_the_upgrade_card(client, code):
    assert b'class="upgrade"' in client.get(f"/test/failing/{code}/").content


def test_boosted_link_gets_the_whole_page(client):
    response = client.get("/test/failing/wrong_state/", HTTP_HX_BOOSTED="true", **HTMX)
    assert b"<html" in response.content


def test_field_problems_are_told(client):
    assert b"This is too long." in client.get("/test/failing/invalid/", **HTMX).content


def test_too_fast_says_when_to_come_back(client):
    assert client.get("/test/failing/too_many_requests/")["Retry-After"] == "42"


def test_not_authenticated_leads_to_login_and_back(client, settings):
    response = client.get("/test/failing/not_authenticated/?a=1")
    assert (response.status_code, response["Location"]) == (
        302,
        f"{resolve_url(settings.LOGIN_URL)}?next=/test/failing/not_authenticated/%3Fa%3D1",
    )


def test_not_authenticated_makes_htmx_leave_the_page(client, settings):
    response = client.get("/test/failing/not_authenticated/", HTTP_HX_CURRENT_URL="http://testserver/w/x/", **HTMX)
    assert response.status_code == 401
    assert response["HX-Redirect"] == f"{resolve_url(settings.LOGIN_URL)}?next=/w/x/"


def test_wrong_method_is_told_on_a_page_and_in_the_header(client):
    response = client.get("/test/posting/", HTTP_ACCEPT="text/html")
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert b"<html" in response.content


def test_missing_page_is_one_of_ours(client):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert b"There is nothing here" in response.content and b"moved or deleted" in response.content


def test_stale_form_is_explained():
    response = Client(enforce_csrf_checks=True).post("/test/posting/")
    assert response.status_code == 403
    assert b"Load the page again" in response.content


def test_broken_page_tells_no_details(settings):
    settings.DEBUG = False
    response = Client(raise_request_exception=False).get("/test/broken/")
    assert response.status_code == 500
    assert b"secret" not in response.content and b"<html" in response.content


def test_page_of_a_breakdown_needs_no_context():
    assert "Something broke" in get_template("500.html").template.render(Context())


# -- ids, addresses, headers


def test_response_names_the_request_and_so_does_the_audit_log(client):
    response = client.get("/test/recording/")
    entry_id, address, bound = response.content.decode().split()
    assert entry_id == bound == response["X-Request-ID"]
    assert address == "127.0.0.1"
    assert re.fullmatch(r"[0-9a-f]{32}", entry_id)


def test_request_id_of_a_client_is_not_believed(client):
    assert client.get("/mailbox/", HTTP_X_REQUEST_ID="forged-by-client")["X-Request-ID"] != "forged-by-client"


@pytest.mark.parametrize(("given", "kept"), [("from-proxy-1", True), ("short", False), ("a\nb" * 5, False)])
def test_request_id_of_a_trusted_proxy_is_kept_when_harmless(client, settings, given, kept):
    settings.TRUSTED_PROXIES = 1
    assert (client.get("/mailbox/", HTTP_X_REQUEST_ID=given)["X-Request-ID"] == given) == kept


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "1.2.3.4", "10.0.0.1"),
        (1, "1.2.3.4", "1.2.3.4"),
        (1, "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        (2, "6.6.6.6, 1.2.3.4, 5.6.7.8", "1.2.3.4"),
        (2, "5.6.7.8", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "nonsense", "0.0.0.0"),
        (1, "2606:4700::1111", "2606:4700::1111"),
    ],
)
def test_client_address_trusts_only_our_proxies(settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="10.0.0.1", **headers)) == expected


def test_pages_carry_the_policy(client):
    policy = client.get("/mailbox/")["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert client.get("/mailbox/")["X-Content-Type-Options"] == "nosniff"


def test_go_redirects_plainly_and_by_header(client):
    assert client.get("/test/leaving/")["Location"] == reverse("mailbox")
    response = client.get("/test/leaving/", **HTMX)
    assert (response.status_code, response["HX-Redirect"]) == (204, reverse("mailbox"))


# -- the API


@pytest.mark.parametrize("code", sorted(ERRORS))
def test_api_answers_with_problem_details(client, code):
    response = client.get(f"/test/api/{code}/")
    body = response.json()
    assert (response.status_code, response["Content-Type"]) == (ERRORS[code].status, "application/problem+json")
    assert (body["code"], body["status"], body["type"]) == (code, ERRORS[code].status, f"urn:lily:problem:{code}")
    assert (body["detail"], body["request_id"]) == (str(ERRORS[code]), response["X-Request-ID"])


def test_api_states_the_limit_and_what_would_do(client):
    body = client.get("/test/api/limit_reached/").json()
    assert {name: body[name] for name in ("limit", "allowed", "used", "resets_at", "plan")} == {
        "limit": "publications_day",
        "allowed": 5,
        "used": 5,
        "resets_at": "2026-11-23T00:00:00Z",
        "plan": "pro",
    }


def test_api_names_wrong_fields(client):
    response = client.post("/test/api/x/", {"number": "many"}, content_type="application/json")
    assert (response.status_code, response.json()["fields"]) == (422, {"number": ["A valid integer is required."]})


def test_api_says_what_it_cannot_read(client):
    response = client.post("/test/api/x/", "{", content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "unparsable")


def test_api_refuses_a_method(client):
    response = client.put("/test/api/x/")
    assert (response.status_code, response["Allow"]) == (405, "GET, POST, HEAD, OPTIONS")


def test_api_asks_who_is_there(client):
    response = client.get("/test/api/closed/")
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")


def test_api_is_closed_by_default(client):
    client.force_login(factories.make_user())
    assert client.get("/test/api/closed/").status_code == 200
