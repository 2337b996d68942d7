"""Who may open what, proved over every address and method of the product."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from apps.accounts.catalog import LEFT_BY_LOCK, PERMISSIONS, SCOPES, Permission, Role
from apps.plans.catalog import Limit
from tests import factories
from tests.architecture import table
from tests.architecture.table import METHODS, Address

pytestmark = pytest.mark.django_db

ALL = table.addresses()
OURS = [address for address in ALL if address.is_ours]
TENANTS = [address for address in OURS if address.is_tenants]
WITH_ROWS = [address for address in TENANTS if address.parameters - {"workspace", "organization"} - table.WORDS]
OPERATORS = [address for address in OURS if address.access == "operator"]
API = [address for address in TENANTS if address.is_api]
PERSONAL = [address for address in OURS if address.access == "signed_in"]


def each(addresses: list[Address]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", addresses, ids=str)


def link(address: Address, scene: table.Scene, **other: object) -> str:
    return reverse(address.name, kwargs=table.parameters_of(address, scene) | other)


def signed_in(user: object) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def with_key(membership: object, scopes: Iterable[str] = SCOPES) -> Client:
    _key, token = factories.make_key(membership=membership, scopes=scopes)
    return Client(headers={"Authorization": f"Bearer {token}"})


def is_sent_to_login(response: object) -> bool:
    return response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))


def answers(client: Client, path: str, methods: Iterable[str] = METHODS) -> dict[str, int | str]:
    """Method → status, or "login" where the answer is the way to the log-in page."""
    responses = {method: client.generic(method, path) for method in methods}
    return {
        method: "login" if is_sent_to_login(response) else response.status_code
        for method, response in responses.items()
    }


@each(OURS)
def test_view_states_its_access(address):
    assert address.access in {*Permission.values, "public", "signed_in", "operator"}
    assert address.name, f"{address.route} has no name"
    assert address.is_tenants == (address.access in Permission.values)
    assert {address.permission(method) for method in getattr(address.view, "permissions", ())} <= {*Permission.values}


@each([address for address in OURS if address.access == "public"])
def test_public_view_says_why(address):
    assert address.name in table.PUBLIC


def test_public_reasons_are_of_views_that_exist():
    assert table.PUBLIC.keys() <= {address.name for address in OURS if address.access == "public"}


@each([address for address in ALL if not address.is_ours])
def test_third_party_view_is_listed(address):
    exact = address.route in table.THIRD_PARTY
    assert exact or any(line.endswith("*") and address.route.startswith(line[:-1]) for line in table.THIRD_PARTY)


@each([address for address in ALL if not address.is_ours])
def test_third_party_view_asks_for_login_unless_listed_public(address):
    line = next(
        (who for route, who in table.THIRD_PARTY.items() if address.route.startswith(route.removesuffix("*"))), None
    )
    asks = getattr(address.view, "login_required", True)
    assert asks or line in ("public", "operator"), f"{address.route} is open to anyone"


@each(TENANTS)
def test_everyone_who_may_not_is_refused_by_every_method(address):
    """A stranger finds nothing, nobody is asked to log in, a lower role is refused, other methods are no methods."""
    scene = table.make_scene()
    path, own = link(address, scene), address.view.methods
    refused = {
        role: [method for method in own if address.permission(method) not in PERMISSIONS[role]] for role in Role.values
    }
    people = {"stranger": signed_in(table.make_scene().owner), "nobody": Client()}
    expected = {
        "stranger": dict.fromkeys(METHODS, 404),
        "nobody": dict.fromkeys(METHODS, 401 if address.is_api else "login"),
    }
    others = [method for method in METHODS if method not in own]
    for role in (role for role, methods in refused.items() if methods):
        people[role] = signed_in(factories.make_membership(organization=scene.organization, role=role).user)
        expected[role] = dict.fromkeys(refused[role], 403) | dict.fromkeys(others, 405)
    assert {name: answers(client, path, expected[name]) for name, client in people.items()} == expected
    assert answers(signed_in(scene.owner), path, others) == dict.fromkeys(others, 405)


@each(API)
def test_key_without_the_scope_is_refused_by_every_method(address):
    """And a key of another organization finds nothing, whatever it may do at home."""
    scene, other = table.make_scene(), table.make_scene()
    path, own = link(address, scene), address.view.methods
    for permission in {address.permission(method) for method in own}:
        asking = [method for method in own if address.permission(method) == permission]
        key = with_key(scene.membership, [scope for scope in SCOPES if scope != permission])
        assert answers(key, path, asking) == dict.fromkeys(asking, 403)
    assert answers(with_key(other.membership), path) == dict.fromkeys(METHODS, 404)


@each(WITH_ROWS)
def test_row_of_another_tenant_is_not_found(address):
    """The stranger's own tenant in the address, somebody else's row behind it."""
    scene, other = table.make_scene(), table.make_scene()
    own = {"workspace": other.workspace.slug, "organization": other.organization.slug}
    path = link(address, scene, **{name: own[name] for name in address.parameters & own.keys()})
    client = signed_in(other.owner)
    assert answers(client, path, address.view.methods) == dict.fromkeys(address.view.methods, 404)


@each(TENANTS)
def test_owner_is_let_in(address):
    """Otherwise the refusals above would say nothing: the address leads somewhere."""
    scene = table.make_scene()
    path, client = link(address, scene), signed_in(scene.owner)
    for method in address.view.methods:
        response = client.generic(method, path)
        allowed = address.permission(method) in PERMISSIONS[Role.OWNER]
        assert allowed and response.status_code not in (401, 403, 404, 405) and response.status_code < 500, method
        if response.status_code in (301, 302):
            assert not is_sent_to_login(response)
        if response.status_code in (200, 204, 302) and method in ("POST", "DELETE"):
            break  # it may be gone now


@each(TENANTS)
def test_locked_member_is_asked_for_a_bigger_plan_by_every_method(address):
    """Whatever the role would allow; only leaving is left, and an owner is never locked."""
    scene = table.make_scene()
    path, own = link(address, scene), address.view.methods
    member = factories.make_membership(organization=scene.organization, role=Role.ADMIN)
    factories.make_standing(scene.organization, plan="free")
    refusals = {method: 402 if address.permission(method) in PERMISSIONS[Role.ADMIN] else 403 for method in own}
    expected = {method: refusals.get(method, 405) for method in METHODS}
    if address.access in LEFT_BY_LOCK[Limit.MEMBERS]:
        expected = {method: 405 for method in METHODS if method not in own}
    assert answers(signed_in(member.user), path, expected) == expected


@each([address for address in TENANTS if "workspace" in address.parameters])
def test_locked_workspace_answers_what_is_left_of_it(address):
    """An owner looks and makes room; what would make something new is refused for the plan's sake."""
    scene = table.make_scene(older_workspaces=1)
    path, client = link(address, scene), signed_in(scene.owner)
    factories.make_standing(scene.organization, plan="free")
    left = [method for method in address.view.methods if address.permission(method) in LEFT_BY_LOCK[Limit.WORKSPACES]]
    taken = [method for method in address.view.methods if method not in left]
    assert not {402, 403, 404, 405} & set(answers(client, path, left[:1]).values())
    assert answers(client, path, taken) == dict.fromkeys(taken, 402)


def test_lock_leaves_reading_and_nothing_that_makes():
    """What is left by permission holds only while no address asks for a reading permission to write something."""
    asked = {address.permission(method) for address in TENANTS for method in {*address.view.methods} - {"GET", "HEAD"}}
    assert asked & LEFT_BY_LOCK[Limit.WORKSPACES] & PERMISSIONS[Role.VIEWER] == {Permission.ORGANIZATION_LEAVE}
    assert {address.name for address in TENANTS if address.access == Permission.ORGANIZATION_LEAVE} == {"member_leave"}


@each(OPERATORS)
def test_operators_page_is_hidden_from_customers(address):
    scene = table.make_scene()
    path = link(address, scene)
    assert answers(signed_in(scene.owner), path) == dict.fromkeys(METHODS, 404)
    assert answers(Client(), path) == dict.fromkeys(METHODS, "login")


@each(PERSONAL)
def test_personal_page_asks_for_login(address):
    assert answers(Client(), link(address, table.make_scene())) == dict.fromkeys(METHODS, "login")
