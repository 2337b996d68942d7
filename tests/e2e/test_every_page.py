"""Every page of the URL table in a browser, by axe: with nothing in it, after a year, and where a small plan ends.

A new address is visited by itself. One that is no page for people needs a line in `NOT_PAGES`, one that is a page in
some states only a line in `ONLY`; a line that no longer holds fails as a missing one does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.mail import send_mail
from django.test import Client
from django.urls import resolve, reverse
from playwright.sync_api import Page, Response

from apps.accounts.models import User, Workspace
from apps.core import mail
from tests import factories
from tests.architecture import table
from tests.architecture.table import Address, Scene
from tests.e2e.axe import SEEN, findings
from tests.e2e.conftest import PHONE, WIDE
from tests.e2e.scenes import fill, posts_by_state

pytestmark = pytest.mark.django_db(transaction=True)

NOT_PAGES = {
    "account_confirm_login_code": "log-in by a mailed code is not offered; leads to the log-in page",
    "account_set_password": "for people without a password, whom nothing makes yet; leads to the change of it",
    "asset_file": "a picture",
    "bluesky_client_metadata": "JSON for Bluesky's servers",
    "bluesky_jwks": "JSON for Bluesky's servers",
    "brand_export": "a download",
    "candidate_file": "a picture",
    "channel_callback": "where a network sends a person back to; leads to the page of the profile",
    "export_download": "a download",
    "image_preview": "a picture",
    "image_sample": "a picture",
    "login_as": "a button of development; answers POST only",
    "mfa_download_recovery_codes": "a download",
    "mfa_login_webauthn": "JSON for the browser's passkeys",
    "mfa_reauthenticate_webauthn": "leads to account_reauthenticate, which asks for the passkey",
    "notice_open": "leads on to what the notice is about",
    "notice_read_all": "a button; answers POST only",
    "sandbox_picture": "a picture",
    "theme_set": "a button; answers POST only",
    "workspace_home": "leads to the calendar, or to the step of setting up that was left",
}
ONLY = {
    "nothing": {
        "mfa_activate_totp": "once the app is added it can only be taken off",
        "start_brand": "setting up is over once there is a post",
        "start_profile": "as start_brand",
    },
    "a year": {
        "mail_detail": "there is no mail before one was sent",
        "mfa_authenticate": "a second step is asked of those who added one",
        "mfa_deactivate_totp": "nothing was activated",
        "mfa_reauthenticate": "as mfa_authenticate",
        "mfa_view_recovery_codes": "there are none before a second step is added",
    },
}
TENANTS = frozenset({"workspace", "organization"})
NOWHERE = "/nothing/here/"
PAGES = [
    address
    for address in table.addresses()
    if not address.route.startswith(("admin/", "api/"))  # Django's own, and JSON
    and (not address.is_tenants or "GET" in address.view.methods)
]


class Visitors:
    """One browser page, and whoever sits before it: a stranger, the owner, an operator, or the owner half logged in."""

    def __init__(self, page: Page, url: str, scene: Scene) -> None:
        self.page, self.url, self.scene = page, url, scene
        self.sessions = {"stranger": "", "owner": self._log_in(scene.owner)}
        self.sessions["operator"] = self._log_in(factories.make_user(is_staff=True, is_superuser=True))

    def ask_for_second_step(self) -> None:
        """From now on the owner has an app and codes, and somebody gave their password only."""
        TOTP.activate(self.scene.owner, generate_totp_secret())
        RecoveryCodes.activate(self.scene.owner)
        self.sessions["half"] = self._log_in(self.scene.owner)

    def leads_to(self, person: str, path: str) -> tuple[str, int]:
        """The name of the address where the person comes to by the path, and the status of the answer."""
        response = self.open(person, path)
        return resolve(urlsplit(response.url).path).url_name, response.status

    def open(self, person: str, path: str) -> Response:
        self.page.context.clear_cookies()
        if session := self.sessions[person]:
            self.page.context.add_cookies([{"name": "sessionid", "value": session, "url": self.url}])
        return self.page.goto(path, wait_until="domcontentloaded")

    def of(self, address: Address) -> list[str]:
        """Who may be shown the page, in the order they are asked in."""
        if address.access == "operator":
            return ["operator"]
        if address.is_tenants or address.access == "signed_in":
            return ["owner"]
        return list(self.sessions)

    def _log_in(self, user: User) -> str:
        """By the forms: what asks for the password once more has been given it."""
        client = Client()
        client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
        client.post(reverse("account_reauthenticate"), {"password": factories.PASSWORD})
        return client.cookies["sessionid"].value


@pytest.fixture
def visitors(page, live_server, settings) -> Visitors:
    settings.EMAIL_BACKEND = "apps.core.mail.MailboxBackend"
    page.expected_problems = ["status of 4"]
    return Visitors(page, live_server.url, table.make_scene(older_workspaces=1))


def is_shown(visitors: Visitors, address: Address, path: str) -> bool:
    """Whether somebody came to the page; it is open then."""
    return any(visitors.leads_to(person, path) == (address.name, 200) for person in visitors.of(address))


def look(page: Page, first: str, *others: str) -> Iterator[str]:
    """Everything axe finds at the first look ("phone dark"), and what the style sheets decide at the others."""
    for one in (first, *others):
        width, scheme = one.split()
        page.set_viewport_size(PHONE if width == "phone" else WIDE)
        page.emulate_media(color_scheme=scheme)
        yield from (f"{one}: {found}" for found in findings(page, rules=() if one == first else SEEN))


def at_step(step: str) -> Callable[[Scene], None]:
    return lambda scene: Workspace.objects.filter(pk=scene.workspace.pk).update(setup=step)


SETTING_UP = {"start_brand": at_step("brand"), "start_profile": at_step("profile")}


def names(state: str = "") -> set[str]:
    """Of the addresses that are pages in this state."""
    elsewhere = {name for other, lines in ONLY.items() if other != state for name in lines}
    return {address.name for address in PAGES} - NOT_PAGES.keys() - elsewhere


def test_lists_name_addresses_that_exist():
    listed = NOT_PAGES.keys() | ONLY["nothing"].keys() | ONLY["a year"].keys()
    assert listed - {address.name for address in PAGES} == set()


def look_at_all(visitors: Visitors, state: str, *looks: str, more: dict[str, list[str]]) -> dict[str, list[str]]:
    """What axe finds, by path; a page that was shown to nobody is "not shown"."""
    found = {}
    for address in [address for address in PAGES if address.name in names(state)]:
        SETTING_UP.get(address.name, at_step(""))(visitors.scene)
        for path in more.get(address.name) or [table.path_of(address, visitors.scene)]:
            shown = is_shown(visitors, address, path)
            found[f"{address} {path}"] = list(look(visitors.page, *looks)) if shown else ["not shown"]
    return {path: what for path, what in found.items() if what}


def test_axe_finds_nothing_on_any_page_with_nothing_in_it(visitors):
    assert look_at_all(visitors, "nothing", "phone dark", more={}) == {}


def test_axe_finds_nothing_on_any_page_after_a_year(visitors):
    fill(visitors.scene)
    visitors.ask_for_second_step()
    send_mail("Welcome to Lily", "https://lily.example/", None, [visitors.scene.owner.email])
    assert look_at_all(visitors, "a year", "wide light", "wide dark", more=more_paths(visitors.scene)) == {}


def test_axe_finds_nothing_where_the_smallest_plan_ends(visitors):
    """Refusals are pages too: of a feature, of a count, of a locked workspace, of an address that is none."""
    factories.make_standing(visitors.scene.organization, plan="free")
    refusing = [address for address in PAGES if address.is_tenants and not address.parameters - TENANTS]
    found = {}
    for path in [*(table.path_of(address, visitors.scene) for address in refusing if address.name in names()), NOWHERE]:
        visitors.open("owner", path)
        found[path] = list(look(visitors.page, "phone light"))
    assert {path: what for path, what in found.items() if what} == {}


def more_paths(scene: Scene) -> dict[str, list[str]]:
    """Of pages that look different by what they are about."""
    posts = posts_by_state(scene)
    post_list = reverse("post_list", args=[scene.workspace.slug])
    return {
        "mail_detail": [reverse("mail_detail", args=[mail.mails()[0].id])],
        "post_detail": [post.get_absolute_url() for post in posts.values()],
        "post_edit": [f"{posts[state].get_absolute_url()}edit/" for state in ("draft", "scheduled", "attention")],
        "post_list": [f"{post_list}?{query}" for query in ("", "status=attention", "q=rye", "q=nowhere")],
    }
