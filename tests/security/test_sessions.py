"""Forged forms, planted session keys, ways out of the site, forged names of the host, and who has an account."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from apps.accounts.models import OutgoingMail
from tests import factories
from tests.architecture import table
from tests.factories.accounts import PASSWORD

pytestmark = pytest.mark.django_db

OUTSIDE = [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "///evil.example/",
    "http:evil.example",
    "javascript:alert(1)",
    "%2f%2fevil.example",
    "https://testserver@evil.example/",
    "account_logout",
    "<SvG\nOnLoad=alert(1)>",
    "/\r\nSet-Cookie: x=y",
]
OURS = [address for address in table.addresses() if address.is_ours]
LOGIN = "/account/login/"


@pytest.fixture(autouse=True)
def no_rates_left():
    cache.clear()


def log_in(client: Client, user, **more):
    return client.post(LOGIN, {"login": user.email, "password": PASSWORD, **more})


def is_ours(location: str) -> bool:
    """What a browser makes of a Location (WHATWG URL: a backslash is a slash): this site, or another."""
    parts = urlsplit(location.strip().replace("\\", "/"))
    return not parts.scheme and not parts.netloc and not location.startswith(("//", "/\\"))


def without_tokens(page: str, address: str) -> str:
    """A page's words without what differs by itself: tokens of forms, and the address that was typed."""
    return re.sub(r"\b[A-Za-z0-9]{64}\b", "TOKEN", page).replace(address, "ADDRESS")


# -- forged forms


@pytest.mark.parametrize("address", OURS, ids=str)
def test_form_without_its_token_is_refused(address):
    scene = table.make_scene()
    client = Client(enforce_csrf_checks=True)
    client.force_login(scene.owner)
    assert client.post(table.path_of(address, scene)).status_code == 403


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_form_of_a_stranger_without_its_token_is_refused(name):
    assert Client(enforce_csrf_checks=True).post(reverse(name), {"email": "a@example.com"}).status_code == 403


def test_form_from_another_site_is_refused_though_it_has_the_token():
    client = Client(enforce_csrf_checks=True)
    client.get(LOGIN)
    form = {"csrfmiddlewaretoken": client.cookies["csrftoken"].value}
    assert client.post(LOGIN, form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(LOGIN, form, headers={"Origin": "http://testserver"}).status_code == 200


# -- sessions


def test_session_key_changes_at_log_in_and_is_void_after_log_out(client):
    user = factories.make_user()
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies["sessionid"] = planted = session.session_key
    log_in(client, user)
    inside = client.cookies["sessionid"].value
    assert inside != planted
    thief = Client()
    thief.cookies["sessionid"] = planted
    assert thief.get("/account/profile/").status_code == 302
    client.post("/account/logout/")
    thief.cookies["sessionid"] = inside
    assert thief.get("/account/profile/").status_code == 302


def test_session_key_that_was_never_given_is_not_taken(client):
    client.cookies["sessionid"] = "a" * 32
    log_in(client, factories.make_user())
    assert client.cookies["sessionid"].value != "a" * 32


@pytest.mark.parametrize("name", ["sessionid", "csrftoken"])
def test_cookie_is_kept_from_scripts_and_other_sites(client, name):
    log_in(client, factories.make_user())
    cookie = client.cookies[name]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")


def test_changed_password_ends_other_sessions(client):
    user, other = factories.make_user(), Client()
    log_in(client, user)
    log_in(other, user)
    new = "a wholly different phrase"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert client.post(reverse("account_change_password"), form).status_code == 302
    assert (client.get("/account/profile/").status_code, other.get("/account/profile/").status_code) == (200, 302)


# -- ways out


@pytest.mark.parametrize("place", OUTSIDE)
def test_log_in_leads_nowhere_else(client, place):
    answer = log_in(client, factories.make_user(), next=place)
    assert answer.status_code == 302
    assert is_ours(answer["Location"])


@pytest.mark.parametrize("place", OUTSIDE)
@pytest.mark.parametrize("address", ["/theme/", "/account/logout/", "/account/signup/", LOGIN])
def test_next_leads_nowhere_else(client, address, place):
    client.force_login(factories.make_user())
    for answer in (
        client.post(address, {"next": place, "theme": "dark"}),
        client.get(address, {"next": place}),
    ):
        assert is_ours(answer.get("Location", "/"))


@pytest.mark.parametrize("place", OUTSIDE)
def test_taken_picture_leads_nowhere_else(client, place):
    scene = table.make_scene()
    client.force_login(scene.owner)
    candidate = factories.make_candidate(workspace=scene.workspace)
    path = reverse("image_take", args=[scene.workspace.slug, candidate.pk])
    for headers in ({}, {"HX-Request": "true"}):
        answer = client.post(path, {"next": place}, headers=headers)
        assert is_ours(answer.get("Location") or answer.get("HX-Redirect", "/"))


# -- names of the host


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Host": "testserver:80@evil.example"}])
def test_unknown_host_is_answered_nothing(client, headers):
    answer = client.get(LOGIN, headers=headers)
    assert (answer.status_code, "evil" in answer.content.decode()) == (400, False)


def test_forwarded_host_is_not_believed(client):
    user = factories.make_user()
    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"X-Forwarded-Host": "evil.example"})
    [mail] = OutgoingMail.objects.all()
    assert "/account/" in mail.text
    assert "evil" not in mail.text


# -- who has an account


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("account_signup", {"password1": PASSWORD}),
        ("account_reset_password", {}),
        ("account_login", {"password": "a wrong one altogether"}),
    ],
)
def test_known_and_unknown_address_are_answered_alike(name, form):
    user = factories.make_user(email="known@example.com")
    answers = []
    for address in (user.email, "other@example.com"):
        client = Client()
        answer = client.post(reverse(name), form | {"email": address, "login": address})
        led_to = client.get(answer["Location"]) if answer.status_code == 302 else answer
        page = without_tokens(led_to.content.decode(), address)
        answers.append((answer.status_code, answer.get("Location"), sorted(client.cookies), page))
    assert answers[0] == answers[1]
