"""Terms, privacy, imprint: what they say with and without an operator, and that the word about cookies is true."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import PASSWORD, make_plans, make_user

pytestmark = pytest.mark.django_db
PAGES = ("terms", "privacy", "imprint")
OPERATOR = {
    "OPERATOR_NAME": "Linden GmbH",
    "OPERATOR_ADDRESS": "Hauptstraße 1; 10827 Berlin",
    "OPERATOR_EMAIL": "hello@linden.example",
    "OPERATOR_FACTS": "Tel. 030 1",
}
UNKNOWN = "Who runs this installation is not stated yet"


@pytest.mark.parametrize("page", PAGES)
def test_page_without_an_operator_says_whom_to_ask(client, page, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get(reverse(page))
    assert (response.status_code, UNKNOWN in response.text) == (200, True)


@pytest.mark.parametrize("page", PAGES)
def test_page_names_the_operator(client, settings, page):
    for name, value in OPERATOR.items():
        setattr(settings, name, value)
    text = client.get(reverse(page)).text
    assert (UNKNOWN in text, "Linden GmbH" in text) == (False, True)


def test_imprint_has_address_and_facts_line_by_line(client, settings):
    for name, value in OPERATOR.items():
        setattr(settings, name, value)
    text = client.get(reverse("imprint")).text
    assert "Linden GmbH<br>Hauptstraße 1<br>10827 Berlin<br>" in text
    assert "Tel. 030 1" in text


@pytest.mark.parametrize(("key", "says"), [("", False), ("sk-1", True)])
def test_language_model_is_named_where_one_is_used(client, settings, key, says):
    settings.OPENAI_API_KEY = key
    assert ("language model of another company" in client.get(reverse("privacy")).text) == says


def test_cookies_are_those_that_are_named(settings):
    """Over the pages that set one: landing, log-in, theme, a note after signing up, log-out."""
    make_plans()
    client, user = Client(), make_user()
    client.get("/")
    client.get(reverse("account_login"))
    client.post(reverse("theme_set"), {"theme": "dark"})
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("person_edit"), {"name": "Mara", "time_zone": "UTC"})
    set_here = set(client.cookies)
    text = client.get(reverse("privacy")).text
    named = {name for name in ("csrftoken", "sessionid", "messages", "theme") if f"<code>{name}</code>" in text}
    assert (set_here, text.count("<code>")) == (named, len(named))


def test_every_public_page_leads_to_them(client):
    for path in ("/", reverse("account_login"), reverse("imprint")):
        text = client.get(path).text
        assert [f'href="{reverse(page)}"' in text for page in PAGES] == [True] * 3
