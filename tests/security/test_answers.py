"""Every page and every answer: nothing inline, nothing from outside, and the headers that tell browsers so."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.catalog import PERMISSIONS, Role
from tests import factories
from tests.architecture import table
from tests.factories.media import picture_bytes

pytestmark = pytest.mark.django_db

ALL = table.addresses()
READ = [address for address in ALL if address.is_ours and (not address.is_tenants or "GET" in address.view.methods)]
ALLAUTH = [address for address in ALL if address.route.startswith("account/") and not address.is_ours]
ALLAUTH_PAGES = [address for address in ALLAUTH if not address.parameters]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


class Inline(HTMLParser):
    """What a page holds that the policy forbids."""

    LOADS = frozenset({"script", "img", "iframe", "source", "video", "audio", "embed", "object", "link", "use"})
    ADDRESSES = frozenset({"href", "src", "action", "formaction", "data", "xlink:href", "srcset", "poster"})

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.faults += [f"<{tag} {name}>" for name in given if name == "style" or name.startswith(("on", "hx-on"))]
        if tag == "style" or (tag == "script" and "src" not in given and given.get("type") != "application/json"):
            self.faults.append(f"<{tag}>")
        for name in self.ADDRESSES & given.keys():
            address = given[name].strip().lower()
            if address.startswith(("javascript:", "vbscript:", "data:text")):
                self.faults.append(f"{name}={address}")
            if tag in self.LOADS and given.get("rel") != "canonical" and address.startswith(("http", "//")):
                self.faults.append(f"<{tag} {name}={address}>")


def faults_of(page: str) -> list[str]:
    parser = Inline()
    parser.feed(page)
    return parser.faults


def check(answer, **others: str) -> None:
    """The headers and, for a page, its content."""
    content = b"".join(answer)
    assert {name: answer.get(name, "") for name in HEADERS} == HEADERS | others
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy or "default-src 'none'" in policy
    assert "unsafe" not in policy
    if answer.get("Content-Type", "").startswith("text/html"):
        assert faults_of(content.decode()) == []


@pytest.mark.parametrize("address", READ, ids=str)
def test_page_is_what_its_policy_says(client, address):
    scene = table.make_scene()
    factories.make_scheduled(
        workspace=scene.workspace, channels=[factories.make_channel(workspace=scene.workspace)], text="Fresh bread"
    )
    if address.access in (*PERMISSIONS[Role.OWNER], "signed_in"):
        client.force_login(scene.owner)
    elif address.access == "operator":
        client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    stricter = {"Referrer-Policy": "no-referrer"} if address.name in ("asset_file", "candidate_file") else {}
    check(client.get(table.path_of(address, scene)), **stricter)


@pytest.mark.parametrize("address", ALLAUTH_PAGES, ids=str)
@pytest.mark.parametrize("is_inside", [True, False], ids=["inside", "outside"])
def test_page_of_allauth_is_what_its_policy_says(client, address, is_inside):
    if is_inside:
        client.force_login(factories.make_user())
    check(client.get(f"/{address.route}"))


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing/here/", 404),
        ("GET", "/admin/", 302),
        ("GET", "/account/profile/", 302),
        ("POST", "/account/login/", 403),
        ("DELETE", "/theme/", 403),
        ("GET", "/theme/", 405),
        ("GET", "/static/nothing.css", 404),
        ("GET", "/media/../../etc/passwd", 404),
        ("GET", "/api/v1/nothing/", 404),
    ],
)
def test_refusal_has_the_headers_too(method, path, status):
    answer = Client(enforce_csrf_checks=True).generic(method, path)
    assert answer.status_code == status
    check(answer)


def test_answer_to_a_wrong_host_has_the_headers_too(client):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert answer.status_code == 400
    check(answer)


@pytest.mark.urls("tests.core.pages")
def test_breakdown_has_the_headers_too():
    answer = Client(raise_request_exception=False).get("/test/broken/")
    assert answer.status_code == 500
    check(answer)


def test_static_file_has_the_headers_too(client):
    path = Path(settings.STATIC_ROOT, "security.css")
    path.write_text("p {}")
    answer = client.get("/static/security.css")
    assert (answer.status_code, answer["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    check(answer)


def test_operators_pages_have_the_policy(client):
    client.force_login(factories.make_user(is_staff=True, is_superuser=True))
    check(client.get("/admin/"))
    check(client.get("/admin/accounts/user/"))


def test_picture_that_is_a_page_too_comes_out_as_a_picture_only(client):
    """What follows the picture's end is in nothing that is shown; the upload itself is only ever downloaded."""
    trick = b"<script>alert(1)</script><?php echo 1 ?>PK\x03\x04"
    asset = factories.make_asset(file=factories.picture_file("bread.jpg", picture_bytes() + trick))
    shown = [client.get(asset.get_preview_url()), client.get(asset.get_file_url())]
    assert [b"alert(1)" in b"".join(answer) for answer in shown] == [False, False]
    upload = client.get(asset.get_original_url())
    assert b"".join(upload).endswith(trick)
    assert upload["Content-Disposition"] == 'attachment; filename="bread.jpg"'
    for answer in (*shown, upload):
        assert (answer["X-Content-Type-Options"], answer["Content-Type"][:6]) == ("nosniff", "image/")
        assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"


@pytest.mark.parametrize(
    ("page", "faults"),
    [
        ('<p style="x">', ["<p style>"]),
        ("<button onclick='x'>", ["<button onclick>"]),
        ("<style>p {}</style>", ["<style>"]),
        ("<script>x</script>", ["<script>"]),
        ('<a href=" JavaScript:x">', ["href=javascript:x"]),
        ('<img src="//evil.example/x.png">', ["<img src=//evil.example/x.png>"]),
        ('<script type="application/json">{}</script><a href="https://example.com">', []),
    ],
)
def test_planted_fault_in_page_is_found(page, faults):
    assert faults_of(page) == faults
