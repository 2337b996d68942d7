"""Who may open what, proved over every address and method of the product."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.shortcuts import resolve_url
from django.test import Client
from django.urls import reverse

from apps.accounts.catalog import PERMISSIONS, Permission, Role
from tests import factories
from tests.architecture import table
from tests.architecture.table import METHODS, Address

pytestmark = pytest.mark.django_db

ALL = table.addresses()
OURS = [address for address in ALL if address.is_ours]
TENANTS = [address for address in OURS if address.is_tenants]
WITH_ROWS = [address for address in TENANTS if address.parameters - {"workspace", "organization"} - table.WORDS]
OPERATORS = [address for address in OURS if address.access == "operator"]
PERSONAL = [address for address in OURS if address.access == "signed_in"]


def each(addresses: list[Address]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("address", addresses, ids=str)


def link(address: Address, scene: table.Scene, **other: object) -> str:
    return reverse(address.name, kwargs=table.parameters_of(address, scene) | other)


def signed_in(user: object) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(user)
    return client


def is_sent_to_login(response: object) -> bool:
    return response.status_code == 302 and response["Location"].startswith(resolve_url(settings.LOGIN_URL))


@each(OURS)
def test_view_states_its_access(address):
    assert address.access in {*Permission.values, "public", "signed_in", "operator"}
    assert address.name, f"{address.route} has no name"
    assert address.is_tenants == (address.access in Permission.values)


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
def test_stranger_finds_nothing(address):
    scene, stranger = table.make_scene(), signed_in(table.make_scene().owner)
    path = link(address, scene)
    assert {method: stranger.generic(method, path).status_code for method in METHODS} == dict.fromkeys(METHODS, 404)


@each(WITH_ROWS)
def test_row_of_another_tenant_is_not_found(address):
    """The stranger's own tenant in the address, somebody else's row behind it."""
    scene, other = table.make_scene(), table.make_scene()
    own = {"workspace": other.workspace.slug, "organization": other.organization.slug}
    path = link(address, scene, **{name: own[name] for name in address.parameters & own.keys()})
    client = signed_in(other.owner)
    answers = {method: client.generic(method, path).status_code for method in address.view.methods}
    assert answers == dict.fromkeys(address.view.methods, 404)


@each(TENANTS)
def test_nobody_is_sent_to_login(address):
    path, nobody = link(address, table.make_scene()), Client()
    answers = [nobody.generic(method, path) for method in METHODS]
    assert all(answer.status_code == 401 if address.is_api else is_sent_to_login(answer) for answer in answers)


@each(TENANTS)
def test_roles_without_the_permission_are_refused(address):
    scene = table.make_scene()
    path = link(address, scene)
    lower = [role for role in Role.values if address.access not in PERMISSIONS[role]]
    expected = {method: 403 if method in address.view.methods else 405 for method in METHODS}
    for role in lower:
        member = factories.make_membership(organization=scene.organization, role=role).user
        client = signed_in(member)
        assert {method: client.generic(method, path).status_code for method in METHODS} == expected, role


@each(TENANTS)
def test_owner_is_let_in(address):
    """Otherwise the refusals above would say nothing: the address leads somewhere."""
    scene = table.make_scene()
    path, client = link(address, scene), signed_in(scene.owner)
    for method in address.view.methods:
        response = client.generic(method, path)
        allowed = address.access in PERMISSIONS[Role.OWNER]
        assert allowed and response.status_code not in (401, 403, 404, 405) and response.status_code < 500, method
        if response.status_code in (301, 302):
            assert not is_sent_to_login(response)
        if response.status_code in (200, 204, 302) and method in ("POST", "DELETE"):
            break  # it may be gone now


@each(TENANTS)
def test_other_methods_are_refused_to_the_owner(address):
    scene = table.make_scene()
    path, client = link(address, scene), signed_in(scene.owner)
    others = [method for method in METHODS if method not in address.view.methods]
    assert {method: client.generic(method, path).status_code for method in others} == dict.fromkeys(others, 405)


@each(OPERATORS)
def test_operators_page_is_hidden_from_customers(address):
    scene = table.make_scene()
    path = link(address, scene)
    customer, nobody = signed_in(scene.owner), Client()
    assert {method: customer.generic(method, path).status_code for method in METHODS} == dict.fromkeys(METHODS, 404)
    assert all(is_sent_to_login(nobody.generic(method, path)) for method in METHODS)


@each(PERSONAL)
def test_personal_page_asks_for_login(address):
    path, nobody = link(address, table.make_scene()), Client()
    assert all(is_sent_to_login(nobody.generic(method, path)) for method in METHODS)
