"""From a stranger to a calendar, and the second way in, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.catalog import Role
from apps.accounts.models import User, Workspace
from apps.core import audit
from config.celery import app
from tests.e2e.axe import serious
from tests.factories import (
    PASSWORD,
    make_export,
    make_invitation,
    make_membership,
    make_notice,
    make_organization,
    make_plans,
    make_team,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mailbox(settings):
    """Mails land on the mailbox page, as they do in development; what a worker does is done at once."""
    settings.EMAIL_BACKEND = "apps.core.mail.MailboxBackend"
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


def sign_up(page: Page, email: str) -> None:
    make_plans()
    page.goto("/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    page.get_by_role("link", name="Open this machine").click()
    page.get_by_role("link", name="Welcome to Lily").first.click()
    page.locator("a[href*='confirm-email']").first.click()
    page.get_by_role("button", name="Yes, confirm it").click()
    page.get_by_label("Your business").fill("Café Ada")


def test_stranger_signs_up_and_founds_a_business(page, mailbox):
    sign_up(page, "ada@example.com")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name="How does your brand look and sound?")).to_be_visible()
    workspace = Workspace.objects.select_related("organization").get()
    assert workspace.organization.memberships.get().user == User.objects.get(email="ada@example.com")


def test_stranger_signs_up_without_javascript(no_js, mailbox):
    sign_up(no_js, "bob@example.com")
    no_js.get_by_label("Time zone").select_option("Asia/Tokyo")
    no_js.get_by_role("button", name="Go on").click()
    expect(no_js.get_by_role("heading", name="How does your brand look and sound?")).to_be_visible()
    assert Workspace.objects.get().time_zone == "Asia/Tokyo"


def test_time_zone_is_guessed_from_the_browser(browser, live_server, log_in):
    context = browser.new_context(base_url=live_server.url, timezone_id="Europe/Lisbon")
    page = context.new_page()
    log_in(page, make_user())
    page.goto("/start/")
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Lisbon")
    context.close()


def test_password_can_be_looked_at(page):
    page.goto("/account/login/")
    field = page.get_by_label("Password")
    page.get_by_role("button", name="Show").click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")


def test_passkey_is_added_and_logs_in_by_itself(page):
    """The authenticator is Chromium's own virtual one; everything else is real, WebAuthn's checks included."""
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    user = make_user(email="ada@example.com")
    workspace = make_workspace(organization=make_organization(owner=user), name="Bakery")
    page.goto("/account/login/?next=/account/2fa/webauthn/add/")
    page.get_by_label("E-mail").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My phone")
    with page.expect_navigation():
        page.get_by_role("button", name="Add it").click()
    page.goto("/account/2fa/webauthn/")
    expect(page.get_by_role("row", name="My phone")).to_contain_text("Logs in by itself")
    page.context.clear_cookies()
    page.goto("/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text(workspace.name).first).to_be_visible()


def test_passkey_that_fails_says_so_and_changes_nothing(browser, live_server):
    context = browser.new_context(base_url=live_server.url)
    page = context.new_page()
    device = context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasUserVerification": True, "isUserVerified": False}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto("/account/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    expect(page.get_by_text("That did not work. Nothing was changed")).to_be_visible()
    context.close()


def test_notices_are_read_and_chosen_without_javascript(no_js, log_in):
    notice = make_notice()
    log_in(no_js, notice.user)
    no_js.goto("/account/profile/")
    no_js.locator(".bell").click()
    expect(no_js.locator(".bell")).to_contain_text("1 unread")
    no_js.get_by_role("link", name=str(notice)).click()
    expect(no_js.get_by_role("heading", name="Members", level=1)).to_be_visible()
    expect(no_js.locator(".bell .count")).to_have_count(0)
    no_js.goto("/account/notices/")
    no_js.get_by_label("Somebody joined: By mail").check()
    no_js.get_by_role("button", name="Save").click()
    expect(no_js.get_by_label("Somebody joined: By mail")).to_be_checked()


LONG = "Donaudampfschifffahrtsgesellschaftskapitän & Söhne, Bäckerei und Konditorei"
SIGNED_OUT = [
    "/",
    "/terms/",
    "/privacy/",
    "/imprint/",
    "/account/login/",
    "/account/signup/",
    "/account/password/reset/",
    "/account/confirm-email/",
]
OF_PERSON = ["profile/", "security/", "notices/", "export/", "email/", "password/change/", "sessions/", "2fa/"]
OF_ORGANIZATION = ["usage", "members", "invitations", "teams", "teams/new", "settings", "audit", "export", "leave"]


@pytest.fixture
def everything():
    """An owner with long names and at least one row in every list: (person, paths of every page)."""
    owner = make_user(name=LONG, email=f"{'a' * 60}@example.com")
    organization = make_organization(owner=owner, name=LONG)
    workspace = make_workspace(organization=organization, name=LONG, time_zone="America/Argentina/Buenos_Aires")
    member = make_membership(organization=organization, role=Role.MEMBER, user=make_user(name=LONG))
    make_team(organization=organization, name=LONG, members=[member], workspaces=[workspace])
    invitation = make_invitation(organization=organization, email=f"{'b' * 60}@example.com", invited_by=owner)
    make_notice(user=owner, organization=organization, facts={"who": LONG, "name": LONG})
    make_export(user=owner)
    make_export(user=owner, organization=organization)
    audit.record("member.role_changed", organization=organization, workspace=workspace, actor=owner, target=member.user)
    return owner, [
        "/start/",
        "/notices/",
        invitation.get_accept_url(),
        *[f"/account/{path}" for path in OF_PERSON],
        *[f"/o/{organization.slug}/{path}/" for path in OF_ORGANIZATION],
        f"/o/{organization.slug}/members/{member.pk}/",
        *[f"/w/{workspace.slug}/{path}" for path in ("settings/", "settings/late/", "delete/")],
    ]


def test_pages_for_strangers_hold_on_a_phone_and_for_axe(phone):
    assert {path: found for path in SIGNED_OUT if (found := problems_of(phone, path))} == {}


def test_pages_hold_on_a_phone_with_the_longest_names(phone, everything, log_in):
    person, paths = everything
    log_in(phone, person)
    assert {path: found for path in paths if (found := problems_of(phone, path))} == {}


def test_pages_hold_on_a_wide_dark_screen(page, everything, log_in):
    person, paths = everything
    log_in(page, person)
    page.emulate_media(color_scheme="dark")
    assert {path: found for path in paths if (found := problems_of(page, path))} == {}


def problems_of(page: Page, path: str) -> list[str]:
    """What axe finds serious, what scrolls sideways, and a page of more than 60 KB."""
    response = page.goto(path)
    found = serious(page)
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    if len(response.body()) > 60_000:
        found.append(f"{len(response.body())} bytes")
    return found if response.status == 200 else [*found, f"status {response.status}"]
