"""Pictures and the brand over the API: the services of the pages."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.media.catalog import UPLOAD_BYTES_MAX
from apps.media.models import Asset
from tests.accounts.programs import Program
from tests.factories import make_asset, make_brand, make_candidate, make_workspace, picture_bytes

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def program(workspace):
    return Program(workspace)


def upload(program, data, **more):
    file = SimpleUploadedFile("bread.jpg", data, "image/jpeg")
    return program.client.post(program.address("api_media"), {"file": file, **more})


def test_upload_is_kept_and_checked(program):
    answer = upload(program, picture_bytes(), alt_text="A loaf")
    asset = Asset.objects.get()
    assert (answer.status_code, answer.json()["id"], answer.json()["state"]) == (201, str(asset.pk), "pending")
    assert (asset.alt_text, asset.created_by) == ("A loaf", program.key.membership.user)


@pytest.mark.parametrize("data", [b"", b"no picture", b"x" * (UPLOAD_BYTES_MAX + 1)])
def test_what_is_no_picture_is_refused_at_its_field(program, data):
    answer = upload(program, data)
    assert (answer.status_code, [*answer.json()["fields"]], Asset.objects.exists()) == (422, ["file"], False)


def test_upload_is_a_form(program):
    assert program.post("api_media", {"file": "x"}).status_code == 400


def test_candidate_is_taken_once(workspace, program):
    candidate = make_candidate(workspace=workspace)
    answers = [program.post("api_candidate_take", {"alt_text": "A card"}, pk=candidate.pk) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert {answer.json()["id"] for answer in answers} == {str(Asset.objects.get().pk)}


def test_brand_changes_what_is_given_and_nothing_else(workspace, program):
    kit = make_brand(workspace=workspace)
    answer = program.send("PATCH", "api_brand", {"kit": {"mood": "calm"}}, {"If-Match": f'"{kit.number}"'})
    assert (answer.status_code, answer["ETag"]) == (200, f'"{kit.number + 1}"')
    assert answer.json()["kit"] == kit.stored | {"mood": "calm"}


@pytest.mark.parametrize("kit", [{"primary": "blue"}, {"no_such": 1}, {"logos": ["x"]}, "x"])
def test_wrong_brand_is_refused(program, kit):
    answer = program.send("PATCH", "api_brand", {"kit": kit})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_logo_of_a_neighbour_is_not_taken(program):
    answer = program.send("PATCH", "api_brand", {"kit": {"logos": [str(make_asset().pk)]}})
    assert (answer.status_code, [*answer.json()["fields"]]) == (422, ["kit"])


def test_stale_brand_does_nothing(workspace, program):
    make_brand(workspace=workspace)
    answer = program.send("PATCH", "api_brand", {"kit": {"mood": "calm"}}, {"If-Match": '"7"'})
    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")
