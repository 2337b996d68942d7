"""What the API says about itself is true, whole, and shown to people."""

import pytest
import time_machine

from apps.core import schema
from tests.accounts.programs import Program
from tests.architecture import table
from tests.factories import make_workspace

pytestmark = pytest.mark.django_db

ADDRESSES = {address.described: address for address in table.addresses() if address.is_api}
EXAMPLES = {
    f"{method.upper()} {path}": ADDRESSES[path]
    for path, methods in schema.document()["paths"].items()
    for method, facts in methods.items()
    if "examples" in str(facts.get("requestBody"))
}


def test_description_is_made_without_a_warning(capfd):
    schema.document.cache_clear()
    schema.document()
    assert capfd.readouterr().err == ""


def test_every_call_is_described(client):
    described = client.get("/api/v1/openapi.json").json()
    calls = {
        (path, method)
        for path, address in ADDRESSES.items()
        for method in getattr(address.view, "methods", ())
        if method != "HEAD"
    }
    found = {(path, method.upper()) for path, methods in described["paths"].items() for method in methods}
    assert (described["openapi"], found) == ("3.1.0", calls)


def test_every_call_says_what_it_needs_and_how_it_refuses():
    for path, methods in schema.document()["paths"].items():
        for method, facts in methods.items():
            refusals = {"401", "402", "403", "404", "429"} - facts["responses"].keys()
            assert (refusals, facts["security"]) == (set(), [{"key": []}]), (method, path)
            assert facts["description"].startswith("Needs `"), (method, path)


@pytest.mark.parametrize("label", EXAMPLES)
def test_example_runs(label):
    method, path = label.split(" ")
    scene = table.make_scene()
    program = Program(scene.workspace)
    with time_machine.travel("2026-11-24T09:00:00Z", tick=False):
        row = table.ROWS[EXAMPLES[label].name](scene) if "{id}" in path else {}
        if path.endswith("/move"):
            program.post("api_post_schedule", {"at": "2026-11-30T09:00:00Z"}, **row)
        answer = program.send(method, EXAMPLES[label].name, _example(label), **row)
    assert answer.status_code in (200, 201, 202), answer.content


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


def _example(label):
    method, path = label.split(" ")
    (content,) = schema.document()["paths"][path][method.lower()]["requestBody"]["content"].values()
    (example,) = content["examples"].values()
    return example["value"]
