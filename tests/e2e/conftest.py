"""A real browser: Debian's Chromium, driven by Playwright, against pytest-django's live server.

`page` is a wide screen, `phone` a phone, `no_js` a wide screen without JavaScript. Each has a context of its own (no
shared cookies) and fails its test when the page logs an error.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def forgotten_counts(transactional_db) -> Iterator[None]:
    """How often somebody signed up or failed to log in is counted in a table that is no model's: nobody empties it."""
    yield
    cache.clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not shutil.which("chromium"):
        pytest.skip("Chromium is not installed: apt-get install chromium")
    # Playwright's loop runs in this thread; Django's guard against database use inside a loop does not apply to it.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield started
        started.close()


def _open(browser: Browser, live_server, **options) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(base_url=live_server.url, reduced_motion="reduce", **options)
    context.set_default_timeout(10_000)
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: message.type == "error" and problems.append(message.text))
    yield page
    context.close()
    expected = getattr(page, "expected_problems", [])  # a test of a refusal says which status it expects
    assert [problem for problem in problems if not any(word in problem for word in expected)] == []


@pytest.fixture
def page(browser, live_server) -> Iterator[Page]:
    yield from _open(browser, live_server, viewport=WIDE)


@pytest.fixture
def phone(browser, live_server) -> Iterator[Page]:
    yield from _open(browser, live_server, viewport=PHONE, has_touch=True, is_mobile=True)


@pytest.fixture
def no_js(browser, live_server) -> Iterator[Page]:
    yield from _open(browser, live_server, viewport=WIDE, java_script_enabled=False)


@pytest.fixture
def log_in(live_server):
    """`log_in(page, user)`: the browser carries a session of this person from now on."""

    def enter(page: Page, user) -> None:
        from django.test import Client

        client = Client()
        client.force_login(user)
        session = client.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return enter
