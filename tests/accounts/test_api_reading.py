"""Everything beside posts that the API lists: constant in queries, a page at a time, without a secret."""

import pytest

from apps.accounts.catalog import Permission, Role
from tests.accounts.programs import Program
from tests.factories import (
    make_asset,
    make_brand,
    make_candidate,
    make_channel,
    make_membership,
    make_organization,
    make_standing,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace(organization=make_organization(plan="enterprise"))


@pytest.fixture
def program(workspace):
    return Program(workspace)


LISTS = {
    "api_channels": lambda workspace: make_channel(workspace=workspace),
    "api_media": lambda workspace: make_asset(workspace=workspace, is_checked=False),
    "api_images": lambda workspace: make_candidate(workspace=workspace),
}


@pytest.mark.parametrize("name", LISTS)
def test_list_costs_the_same_however_long(workspace, program, name, django_assert_num_queries):
    program.get(name)
    own = 2 if name == "api_images" else 1
    for count in (1, 3):
        while len(program.get(name).json()["rows"]) < count:
            LISTS[name](workspace)
        with django_assert_num_queries(3 + own):
            assert len(program.get(name).json()["rows"]) == count


@pytest.mark.parametrize("name", LISTS)
def test_list_goes_on_by_key(workspace, program, name):
    for _ in range(3):
        LISTS[name](workspace)
    page = program.get(name, {"limit": 2}).json()
    rest = program.client.get(page["next"]).json()
    keys = [row["id"] for row in page["rows"] + rest["rows"]]
    assert (len(page["rows"]), rest["next"], keys) == (2, None, sorted(keys, reverse=True))


def test_profile_shows_no_credentials(workspace, program):
    make_channel(workspace=workspace)
    (row,) = program.get("api_channels").json()["rows"]
    assert (row["network"], row["is_ready"], row["status"]) == ("sandbox", True, "connected")
    assert {"credentials", "client_id", "account_id", "limits"} & row.keys() == set()


def test_picture_comes_with_addresses_that_open_it(workspace, program, client):
    asset = make_asset(workspace=workspace)
    row = program.get("api_asset", asset=asset.pk).json()
    assert (row["state"], row["width"]) == ("ready", asset.width)
    file = client.get(row["file_url"])
    assert (file.status_code, len(b"".join(file.streaming_content))) == (200, asset.bytes)
    file.close()


def test_picture_being_checked_has_no_address_yet(workspace, program):
    row = program.get("api_asset", asset=make_asset(workspace=workspace, is_checked=False).pk).json()
    assert (row["state"], row["file_url"], row["preview_url"]) == ("pending", "", "")


def test_drawing_shows_candidates_with_scores(workspace, program):
    candidate = make_candidate(workspace=workspace)
    row = program.get("api_image", pk=candidate.generation_id).json()
    assert (row["candidates"][0]["id"], row["candidates"][0]["total"]) == (str(candidate.pk), candidate.total)


def test_brand_reads_as_its_export_does(workspace, program):
    kit = make_brand(workspace=workspace)
    answer = program.get("api_brand").json()
    assert (answer["version"], answer["kit"]) == (kit.number, kit.stored)


def test_workspaces_are_those_of_the_keys_organization(workspace):
    person = workspace.organization.memberships.get().user
    make_workspace(organization=make_organization(owner=person))
    locked = make_workspace(organization=workspace.organization, name="Second")
    rows = Program(workspace.organization).get("api_workspaces").json()["rows"]
    assert [(row["slug"], row["is_locked"]) for row in rows] == [(workspace.slug, False), (locked.slug, False)]
    make_standing(workspace.organization, plan="starter")
    rows = Program(workspace.organization).get("api_workspaces").json()["rows"]
    assert [row["is_locked"] for row in rows] == [False, True]


@pytest.mark.parametrize("count", [1, 3])
def test_members_cost_the_same_however_many(workspace, count, django_assert_num_queries):
    program = Program(workspace.organization)
    for _ in range(count - 1):
        make_membership(organization=workspace.organization, role=Role.VIEWER)
    program.get("api_members")
    with django_assert_num_queries(5):
        rows = program.get("api_members").json()["rows"]
    assert [row["role"] for row in rows] == ["owner", *["viewer"] * (count - 1)]


def test_key_for_one_thing_reads_no_other(workspace):
    program = Program(workspace, scopes=[Permission.ORGANIZATION_VIEW])
    assert program.get("api_posts").status_code == 403
