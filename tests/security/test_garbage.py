"""Every form and every address with a query, with something in each place that no browser would send: no 5xx."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from apps.content.models import Post
from apps.imaging.models import Generation
from tests.architecture import table
from tests.architecture.table import Address, Scene
from tests.e2e.scenes import fill
from tests.e2e.test_every_page import NOT_PAGES

from .forms import Page, query_of

pytestmark = pytest.mark.django_db

GARBAGE = [
    "2¿'\"(",
    "\0",
    "-1",
    "9" * 30,
    "NaN",
    "²",
    "2026-13-45T25:61",
    "0001-01-01T00:00",
    "9999-12-31T23:59",
    "\u202e\u2066\ufeff",
    "🧁" * 3000,
    "01a214bb-0000-7000-8000-000000000000",
    "",
]
WITHOUT_A_KEY = {"mfa_edit_webauthn", "mfa_remove_webauthn"}  # their passkey is a row with nothing in it
PAGES = [
    address
    for address in table.addresses()
    if not address.route.startswith(("admin/", "api/"))
    and (not address.is_tenants or "GET" in address.view.methods)
    and address.name not in NOT_PAGES.keys() | WITHOUT_A_KEY
]
ROWS_OF: dict[str, type[Model]] = {"post_detail": Post, "post_edit": Post, "image_detail": Generation}


def spoilt(pairs: list[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """The pairs with one value replaced, doubled or left out."""
    for name in dict.fromkeys(name for name, _ in pairs if name != "csrfmiddlewaretoken"):
        others = [pair for pair in pairs if pair[0] != name]
        yield others
        yield [*pairs, (name, "x")]
        for garbage in GARBAGE:
            yield [*others, (name, garbage)]


@dataclass(frozen=True)
class Sending:
    """A request as a page's form or link makes it, but for what was put into it."""

    method: str
    path: str
    pairs: list[tuple[str, str]]
    files: list[str]

    def status(self, client: Client) -> int:
        """What is answered; what it did is taken back."""
        data: dict[str, list] = {}
        for name, value in self.pairs:
            data.setdefault(name, []).append(value)
        with transaction.atomic():
            if self.method == "get":
                answer = client.get(f"{urlsplit(self.path).path}?{urlencode(data, doseq=True)}")
            else:
                files = {name: [SimpleUploadedFile("\u202e../x\0.png", b"GIF89a\0")] for name in self.files}
                answer = client.post(self.path, data | files)
            transaction.set_rollback(True)
        return answer.status_code


def sendings(page: Page) -> Iterator[Sending]:
    """Each button of each form, as it stands and with each value spoilt, and each link with its query spoilt."""
    for form in page.forms.values():
        for name, value, elsewhere in form.buttons or [("", "", "")]:
            pairs, path = [*form.fields, (name, value)] if name else form.fields, elsewhere or form.action
            yield Sending(form.method, path, pairs, form.files)
            yield from (Sending(form.method, path, given, []) for given in spoilt(pairs))
    for link in page.addresses:
        yield from (Sending("get", link, given, []) for given in spoilt(query_of(link)))


def paths_of(address: Address, scene: Scene) -> list[str]:
    """The address's page; where a page differs much from row to row, one for each row of the filled scene."""
    rows = ROWS_OF[address.name].objects.filter(workspace=scene.workspace) if address.name in ROWS_OF else ()
    return [
        table.path_of(address, scene),
        *(reverse(address.name, args=[scene.workspace.slug, row.pk]) for row in rows),
    ]


def breaking(client: Client, path: str, *, has_frame: bool = False) -> list[Sending]:
    """What ended in a 5xx, of all that the page can send; `has_frame`: also of what every page has around it."""
    html = client.get(path, follow=True).content.decode()
    page = Page(html if has_frame else html[html.index("<main") :], path)
    cache.clear()
    return [sending for sending in sendings(page) if sending.status(client) >= 500]


@pytest.mark.parametrize("address", PAGES, ids=str)
def test_page_takes_whatever_stands_in_its_fields(address, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    scene = table.make_scene()
    fill(scene)
    owner, stranger = Client(raise_request_exception=False), Client(raise_request_exception=False)
    owner.force_login(scene.owner)
    for path in paths_of(address, scene):
        assert breaking(owner, path, has_frame=address.name == "calendar") == []
        if stranger.get(path).status_code == 200:
            assert breaking(stranger, path) == []
