"""What the API says about itself is true, whole, and shown to people."""

import json

import pytest
from django.urls import get_resolver

from apps.core import schema
from tests.accounts.programs import Program
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db


def test_description_is_made_without_a_warning(capfd):
    schema.document.cache_clear()
    schema.document()
    assert capfd.readouterr().err == ""


def test_every_call_is_described(client):
    described = client.get("/api/v1/openapi.json").json()
    views = {"api/v1/" + str(line.pattern): line.callback for line in _addresses()}
    calls = {(route, method) for route, view in views.items() for method in view.methods if method != "HEAD"}
    paths = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}
    assert (described["openapi"], len(paths)) == ("3.1.0", len(calls))


def test_every_call_says_what_it_needs_and_how_it_refuses():
    for path, methods in schema.document()["paths"].items():
        for method, facts in methods.items():
            refusals = {"401", "402", "403", "404", "429"} - facts["responses"].keys()
            assert (refusals, facts["security"]) == (set(), [{"key": []}]), (method, path)
            assert facts["description"].startswith("Needs `"), (method, path)


def test_address_the_api_does_not_have_is_a_problem_document():
    answer = Program(make_workspace()).client.get("/api/v1/w/x/no-such")
    assert (answer.status_code, answer["Content-Type"], answer.json()["code"]) == (
        404,
        "application/problem+json",
        "not_found",
    )


def test_page_for_developers_lists_every_call(client):
    page = client.get("/developers/").content.decode()
    paths = schema.document()["paths"]
    assert [path for path in paths if path not in page] == []
    assert json.dumps(page).count("lily_") == 0


def _addresses():
    api = next(line for line in get_resolver().url_patterns if str(line.pattern) == "api/v1/")
    return api.url_patterns
