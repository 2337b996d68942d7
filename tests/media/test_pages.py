"""Uploading, describing and deleting pictures, and the signed addresses of their files."""

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import resolve, reverse

from apps.core import clock
from apps.media import checking, cleaning, services
from apps.media.models import Asset
from tests.factories import make_asset, make_membership, make_workspace, picture_bytes, picture_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def workspace(client):
    workspace = make_workspace()
    client.force_login(make_membership(organization=workspace.organization).user)
    return workspace


def upload(client, workspace, file, **headers):
    return client.post(reverse("media_upload", args=[workspace.slug]), {"file": file}, headers=headers)


def test_an_upload_is_checked_and_shown(client, workspace):
    answer = upload(client, workspace, picture_file())
    asset = Asset.objects.get()
    assert (answer.status_code, answer.url) == (302, asset.get_absolute_url())
    assert (asset.state, asset.name, asset.created_by, asset.workspace) == (
        "pending",
        "bread.jpg",
        workspace.organization.memberships.get(role="member").user,
        workspace,
    )
    assert "We are looking at the picture." in client.get(answer.url).content.decode()
    checking.check(asset.pk)
    page = client.get(answer.url).content.decode()
    asset.refresh_from_db()
    assert (asset.state, asset.width, asset.height, asset.mime) == ("ready", 640, 480, "image/jpeg")
    assert asset.get_file_url() in page


def test_htmx_gets_a_tile_that_asks_again_until_it_is_ready(client, workspace):
    answer = upload(client, workspace, picture_file(), hx_request="true")
    asset = Asset.objects.get()
    tile = answer.content.decode()
    assert answer["HX-Trigger"] == f'{{"asset-added": {{"id": "{asset.pk}", "name": "bread.jpg"}}}}'
    assert (answer.status_code, "<html" in tile, 'hx-trigger="load delay:1s"' in tile) == (200, False, True)
    checking.check(asset.pk)
    tile = client.get(asset.get_absolute_url(), headers={"hx-request": "true"}).content.decode()
    assert ("load delay" in tile, f'data-asset="{asset.pk}"' in tile, "<html" in tile) == (False, True, False)


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("logo.svg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG files cannot be posted."),
        ("cat.jpg", b"<?xml version='1.0'?><svg></svg>", "SVG files cannot be posted."),
        ("menu.pdf", b"%PDF-1.7 ...", "This is not a picture we can use."),
        ("page.png", b"<html><script>alert(1)</script>", "This is not a picture we can use."),
        ("cat.png", picture_bytes("JPEG"), "This file is called .png, but it is a JPEG."),
        ("empty.png", b"", "This file is empty."),
        ("big.jpg", b"\xff\xd8\xff" + b"0" * 10 * 1024 * 1024, "This file is larger than 10 MB."),
    ],
)
def test_what_cannot_be_used_is_refused_beside_the_field(client, workspace, name, data, sentence):
    answer = upload(client, workspace, SimpleUploadedFile(name, data))
    assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert not Asset.objects.exists()


def test_a_file_far_too_large_is_dropped_on_the_way_in(client, workspace, tmp_path, settings):
    settings.FILE_UPLOAD_TEMP_DIR = tmp_path
    answer = upload(client, workspace, io.BytesIO(b"\xff\xd8\xff" + b"0" * 30 * 1024 * 1024))
    assert "This file is larger than 10 MB." in answer.content.decode()
    assert list(tmp_path.iterdir()) == []


def test_no_file_says_so(client, workspace):
    answer = client.post(reverse("media_upload", args=[workspace.slug]), {})
    assert (answer.status_code, "Choose a picture first." in answer.content.decode()) == (422, True)


def test_a_refused_picture_says_why(client, workspace):
    asset = make_asset(workspace=workspace, file=picture_file(data=picture_bytes()[:900]))
    assert asset.state == "refused"
    page = client.get(asset.get_absolute_url()).content.decode()
    assert "This picture is damaged or incomplete." in page
    assert asset.get_preview_url() == ""


def test_checking_twice_keeps_the_first_copies(workspace):
    asset = make_asset(workspace=workspace)
    checking.check(asset.pk)
    assert Asset.objects.get().file.name == asset.file.name


def test_a_lost_file_is_refused(workspace):
    asset = make_asset(workspace=workspace, is_checked=False)
    asset.original.storage.delete(asset.original.name)
    checking.check(asset.pk)
    assert Asset.objects.get().problem == "The uploaded file is no longer there. Upload it again."


def test_a_check_that_never_came_back_is_asked_for_again_and_given_up(workspace, time_machine):
    asset = make_asset(workspace=workspace, is_checked=False)
    start = asset.created_at
    time_machine.move_to(start + timedelta(minutes=1))
    assert checking.overdue() == []
    time_machine.move_to(start + timedelta(minutes=3))
    assert checking.overdue() == [asset.pk]
    time_machine.move_to(start + timedelta(minutes=61))
    assert checking.overdue() == []
    assert Asset.objects.get().state == "refused"


def test_a_description_is_saved_by_page_and_by_fragment(client, workspace):
    asset = make_asset(workspace=workspace)
    address = reverse("asset_edit", args=[workspace.slug, asset.pk])
    assert client.post(address, {"alt_text": " Rye bread "}).url == asset.get_absolute_url()
    assert Asset.objects.get().alt_text == "Rye bread"
    answer = client.post(address, {"alt_text": "x" * 2001}, headers={"hx-request": "true"})
    assert (answer.status_code, "<html" in answer.content.decode()) == (422, False)


def test_deleting_removes_row_files_and_addresses(client, workspace, django_capture_on_commit_callbacks):
    asset = make_asset(workspace=workspace)
    address, storage, names = asset.get_file_url(), asset.original.storage, asset.stored_names()
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("asset_delete", args=[workspace.slug, asset.pk]))
    assert not Asset.objects.exists()
    assert [storage.exists(name) for name in names] == [False] * 3
    assert client.get(address).status_code == 404


def test_a_file_goes_out_as_what_it_is_to_anyone_with_its_address(client):
    asset = make_asset(file=picture_file("Crème & brûlée.jpg"))
    answer = client.get(asset.get_file_url())
    with asset.file.open() as file:
        assert b"".join(answer.streaming_content) == file.read()
    assert {name: answer[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Disposition")} == {
        "Content-Type": "image/jpeg",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": 'inline; filename="creme-brulee.jpg"',
    }
    assert "default-src 'none'; sandbox" in answer["Content-Security-Policy"]
    assert not answer.has_header("Set-Cookie")
    original = client.get(asset.get_original_url())
    assert original["Content-Disposition"] == 'attachment; filename="creme-brulee.jpg"'
    original.close()


def test_an_address_ends_and_cannot_be_bent(client, time_machine):
    asset, other = make_asset(), make_asset()
    address = asset.get_file_url()
    parts = resolve(address).kwargs
    for bent in (
        {"asset": other.pk},
        {"variant": "original"},
        {"variant": "name"},
        {"expires": parts["expires"] + 1},
        {"signature": "0" * 32},
    ):
        assert client.get(reverse("asset_file", kwargs={**parts, **bent})).status_code == 404
    assert client.post(address).status_code == 404
    time_machine.move_to(clock.now() + timedelta(hours=5))
    assert client.get(address).status_code == 404


def test_addresses_stay_the_same_for_a_while_so_that_browsers_keep_pictures(time_machine):
    asset = make_asset()
    time_machine.move_to("2031-05-07T12:00:01Z", tick=False)
    first = asset.get_preview_url()
    time_machine.move_to("2031-05-07T13:00:00Z", tick=False)
    assert asset.get_preview_url() == first
    time_machine.move_to("2031-05-08T13:00:00Z", tick=False)
    assert asset.get_preview_url() != first


def test_files_are_private_on_disk(workspace):
    asset = make_asset(workspace=workspace)
    path = Path(asset.original.path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_cleaning_removes_old_refusals_and_files_without_a_row(workspace, time_machine):
    kept = make_asset(workspace=workspace)
    refused = make_asset(workspace=workspace, file=picture_file(data=picture_bytes()[:900]))
    orphan = make_asset(workspace=workspace)
    names = {asset.pk: asset.stored_names() for asset in (kept, refused, orphan)}
    Asset.objects.filter(pk=orphan.pk)._raw_delete("default")
    storage = kept.original.storage
    assert cleaning.clean() == cleaning.Cleaned(0, 0)
    time_machine.move_to(clock.now() + timedelta(days=8))
    assert cleaning.clean(dry_run=True) == cleaning.Cleaned(1, 3)
    assert cleaning.clean() == cleaning.Cleaned(1, 3)
    assert {pk: [storage.exists(name) for name in names[pk]] for pk in names} == {
        kept.pk: [True] * 3,
        refused.pk: [False],
        orphan.pk: [False] * 3,
    }


def test_a_picture_made_here_is_ready_when_its_maker_vouches_for_it(workspace):
    data = picture_bytes("PNG", (600, 600))
    asset = services.store_generated(workspace, None, data, "image/png", "Blue", width=600, height=600)
    assert (asset.state, asset.kind, asset.alt_text, asset.mime, asset.bytes) == (
        "ready",
        "generated",
        "Blue",
        "image/png",
        len(data),
    )
    assert "/file/" in asset.get_preview_url()
    unknown = services.store_generated(workspace, None, data, "image/png")
    assert unknown.state == "pending"
    checking.check(unknown.pk)
    assert Asset.objects.get(pk=unknown.pk).state == "ready"


def test_pictures_of_another_workspace_are_not_found(client, workspace):
    asset = make_asset()
    for name in ("asset_detail", "asset_edit", "asset_delete"):
        method = client.get if name == "asset_detail" else client.post
        assert method(reverse(name, args=[workspace.slug, asset.pk])).status_code == 404


def test_a_page_of_one_picture_asks_constantly_much(client, workspace, django_assert_max_num_queries):
    asset = make_asset(workspace=workspace)
    with django_assert_max_num_queries(12):
        client.get(asset.get_absolute_url())


def test_web_processes_never_load_a_picture_library():
    program = (
        "import django, sys; django.setup(); import config.urls, config.wsgi; "
        "from django.urls import get_resolver; get_resolver().url_patterns; "
        "sys.exit(', '.join(name for name in ('PIL', 'pillow_heif') if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
