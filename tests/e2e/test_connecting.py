"""A person connects a profile in a real browser: at the real Bluesky server, and without JavaScript in the sandbox."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from apps.accounts.models import User, Workspace
from apps.social.models import Channel, Status
from apps.social.providers.sandbox import Fault, SandboxFault
from tests.factories import make_organization, make_user, make_workspace
from tests.peers.bluesky import Bluesky, Person

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE = 60_000  # milliseconds; a busy machine is no fault


@pytest.fixture
def base(live_server, settings) -> str:
    """Our address as a loopback client states it: by number, not by name."""
    settings.BASE_URL = live_server.url.replace("localhost", "127.0.0.1")
    return settings.BASE_URL


def enter(page: Page, base: str, user: User) -> None:
    """The browser carries a session of this person from now on."""
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": base}])


def start(page: Page, base: str, network: str) -> Workspace:
    """A new owner goes from their profiles to a network's own page."""
    owner = make_user()
    workspace = make_workspace(organization=make_organization(owner=owner))
    enter(page, base, owner)
    page.set_default_timeout(PATIENCE)
    page.goto(f"{base}/w/{workspace.slug}/channels/")
    page.get_by_role("link", name="Connect a profile").first.click()
    page.get_by_role("link", name=network).click()
    return workspace


def consent_at_bluesky(page: Page, bluesky: Bluesky, person: Person, *, answer: str = "Authorize") -> None:
    """On the server's own pages: the password, then the consent (or "Deny access")."""
    page.wait_for_url(re.compile(re.escape(bluesky.url)))
    page.get_by_role("textbox", name="Password").fill(person.password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name=answer).click()


def test_bluesky_is_connected_at_the_real_server(page, base, bluesky):
    person = bluesky.make_person()
    start(page, base, "Bluesky")
    page.get_by_role("textbox", name="Your handle").fill(f"@{person.handle}")
    page.get_by_role("button", name="Go on to Bluesky").click()
    consent_at_bluesky(page, bluesky, person)
    page.wait_for_url(re.compile(re.escape(base)))
    expect(page.get_by_text(f"@{person.handle} is connected.")).to_be_visible(timeout=PATIENCE)
    channel = Channel.objects.get()
    assert (channel.account_id, channel.is_ready) == (person.did, True)


def test_denying_at_bluesky_connects_nothing_and_says_so(page, base, bluesky):
    person = bluesky.make_person()
    start(page, base, "Bluesky")
    page.get_by_role("textbox", name="Your handle").fill(person.handle)
    page.get_by_role("button", name="Go on to Bluesky").click()
    consent_at_bluesky(page, bluesky, person, answer="Deny access")
    page.wait_for_url(re.compile(re.escape(base)))
    expect(page.get_by_text("You did not allow Lily")).to_be_visible(timeout=PATIENCE)
    assert Channel.objects.count() == 0


def test_everything_about_a_profile_works_without_javascript(no_js, base):
    page = no_js
    workspace = start(page, base, "Sandbox")
    page.get_by_role("button", name="Go on to Sandbox").click()
    page.get_by_role("checkbox", name="Offers (@offers.sandbox)").check()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("@offers.sandbox is connected.")).to_be_visible(timeout=PATIENCE)
    channel = Channel.objects.get()

    for entry, seen in (
        ("Check now", "@offers.sandbox is fine."),
        ("Pause posting here", "@offers.sandbox is paused"),
        ("Go on posting here", "@offers.sandbox goes on."),
    ):
        page.get_by_text("More for @offers.sandbox").locator("xpath=..").click()
        page.get_by_role("button", name=entry).click()
        expect(page.get_by_text(seen)).to_be_visible(timeout=PATIENCE)

    page.goto(f"{base}/w/{workspace.slug}/sandbox/")
    page.get_by_label("What happens").select_option(Fault.REJECT)
    page.get_by_role("button", name="Plan it").click()
    assert SandboxFault.objects.get().account_id == channel.account_id

    page.goto(f"{base}/w/{workspace.slug}/channels/{channel.pk}/disconnect/")
    page.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("@offers.sandbox is disconnected.")).to_be_visible(timeout=PATIENCE)
    channel.refresh_from_db()
    assert (channel.status, channel.credentials) == (Status.DISCONNECTED, {})
