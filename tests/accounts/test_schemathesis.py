"""Every call of the API with bodies and parameters made from its own description, as an owner, a viewer and a stranger.

Nothing breaks, every answer is one that the description has, and nobody is told a word of another organization.
"""

from __future__ import annotations

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from apps.accounts.catalog import PERMISSIONS, SCOPES, Role
from config.wsgi import application
from tests import factories
from tests.architecture import table

pytestmark = pytest.mark.django_db

EXAMPLES = 4  # of each call for each person: some 40 seconds in all
SECRET = "Gingham"  # stands in everything the other organization has
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


DESCRIPTION = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
CALLS = {found.ok().label: found.ok() for found in DESCRIPTION.get_all_operations()}
ADDRESSES = {address.described: address for address in table.addresses() if address.is_api}


def make_scene() -> table.Scene:
    scene = table.make_scene()
    scene.organization.name = scene.workspace.name = SECRET
    scene.organization.save()
    scene.workspace.save()
    for _ in range(2):
        channel = factories.make_channel(workspace=scene.workspace, handle=f"@{SECRET}")
        factories.make_scheduled(workspace=scene.workspace, channels=[channel], text=SECRET)
    return scene


@pytest.fixture(autouse=True)
def one_connection():
    """The application answers in this process and in this test's transaction, as with Django's own test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize("who", ["owner", "viewer", "stranger"])
@pytest.mark.parametrize("label", CALLS)
def test_call_answers_as_it_is_described(who, label):
    call, other, mine = CALLS[label], make_scene(), table.make_scene()
    membership = mine.membership
    if who == "viewer":
        membership = factories.make_membership(organization=mine.organization, role=Role.VIEWER)
    scopes = [scope for scope in SCOPES if scope in PERMISSIONS[membership.role]]
    _key, token = factories.make_key(membership=membership, scopes=scopes)
    address = ADDRESSES[call.path]
    own, foreign = (_parameters(address, scene) for scene in (mine, other))
    mixed = foreign | {name: own[name] for name in ("workspace", "organization") if name in own}
    tried = [foreign] if who == "stranger" else [own, mixed]

    @given(case=call.as_strategy())
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None, suppress_health_check=[*HealthCheck]
    )
    def ask(case: schemathesis.Case) -> None:
        for parameters in tried:
            case.path_parameters.update(parameters)
            response = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
            assert SECRET not in response.text
            assert who != "stranger" or response.status_code == 404

    ask()


def _parameters(address: table.Address, scene: table.Scene) -> dict[str, str]:
    found = table.parameters_of(address, scene)
    return {"id" if name == "pk" else name: str(value) for name, value in found.items()}
