"""What changes by itself shows on an open page: by news of the events process, and by asking where there is none."""

import sys
from types import SimpleNamespace

import pytest
from django.conf import settings as django_settings
from playwright.sync_api import expect

from apps.content import services, wording
from apps.core import clock, events
from apps.imaging import generation as drawing
from tests.core.streams import Server
from tests.e2e.conftest import WIDE, _open
from tests.factories import (
    make_channel,
    make_generation,
    make_membership,
    make_organization,
    make_plans,
    make_scheduled,
    make_suggestion,
    make_user,
    make_workspace,
)
from tests.peers.processes import Process, free_port, listens

pytestmark = pytest.mark.django_db(transaction=True)
CALM = 2500  # milliseconds in which a page that asks by itself asks twice


@pytest.fixture
def site(transactional_db, settings, tmp_path):
    """Web and events as `bin/dev` runs them, on ports of their own: two origins, as in development."""
    address = f"http://localhost:{free_port()}"
    with Server(tmp_path, settings.REDIS_URL, site=address) as events:
        settings.EVENTS_URL = events.url
        told = {name: getattr(settings, name) for name in ("SECRET_KEY", "MEDIA_ROOT", "BUILT_ROOT", "EVENTS_URL")}
        told |= {"DJANGO_SETTINGS_MODULE": "config.settings.local", "FIELD_KEYS": settings.FIELD_KEYS[0]}
        told |= {"BASE_URL": address, "WEB_BIND": address.removeprefix("http://"), "WEB_CONCURRENCY": "1"}
        words = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", "config/gunicorn.py"]
        environment = {name: str(value) for name, value in told.items()}
        web = Process(words, log=tmp_path / "web.log", env=environment, cwd=django_settings.BASE_DIR)
        try:
            web.wait_until(listens(int(address.rpartition(":")[2])))
            yield SimpleNamespace(url=address, events=events)
        finally:
            web.stop()


@pytest.fixture
def live_page(browser, site):
    yield from _open(browser, site, viewport=WIDE)


@pytest.fixture
def workspace(transactional_db):
    make_plans()
    return make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")


@pytest.fixture
def manager(workspace):
    user = make_user(name="Mara Linden")
    make_membership(user=user, organization=workspace.organization, role="manager")
    return user


def asked(page) -> list[str]:
    """From now on: the addresses the page asks for itself anew."""
    found: list[str] = []
    page.on("request", lambda request: request.headers.get("hx-request") and found.append(request.url))
    return found


def open_listening(page, address: str) -> list[str]:
    """The page at an address, once news reach it; it has then asked once."""
    found = asked(page)
    with page.expect_response(lambda response: response.request.headers.get("hx-request") == "true"):
        page.goto(address)
    return found


def test_words_come_by_news_and_nobody_asks_meanwhile(live_page, site, workspace, manager, log_in):
    suggestion = make_suggestion(workspace=workspace, text="")
    log_in(live_page, manager)
    found = open_listening(live_page, suggestion.get_absolute_url())
    live_page.wait_for_timeout(CALM)
    assert len(found) == 1
    wording.write_suggestion(suggestion.pk)
    live_page.get_by_role("button", name="Use these words").wait_for()
    live_page.wait_for_timeout(CALM)
    assert len(found) == 2


def test_pictures_come_one_by_one_by_news(live_page, site, workspace, manager, log_in):
    wish = make_generation(workspace=workspace, candidates=2)
    log_in(live_page, manager)
    found = open_listening(live_page, wish.get_absolute_url())
    first, second = wish.candidates.in_order()
    drawing.draw_candidate(first.pk)
    expect(live_page.locator(".drawings-progress")).to_have_text("Drawing 2 of 2 …")
    drawing.draw_candidate(second.pk)
    expect(live_page.locator(".drawings-progress")).to_contain_text("2 drawn and measured.")
    assert len(found) == 3


def test_a_post_shows_what_became_of_it_by_news(live_page, site, workspace, manager, log_in):
    post = make_scheduled(workspace=workspace, channels=[make_channel(workspace=workspace)], at=clock.now())
    log_in(live_page, manager)
    found = open_listening(live_page, post.get_absolute_url())
    services.cancel_post(post=post)
    expect(live_page.locator("#post .page-head")).to_contain_text("Cancelled")
    live_page.wait_for_timeout(500)
    assert len(found) == 2
    assert live_page.locator("[data-live]").count() == 0


def test_news_that_come_while_an_answer_is_on_its_way_are_heard(live_page, site, workspace, manager, log_in):
    post = make_scheduled(workspace=workspace, channels=[make_channel(workspace=workspace)], at=clock.now())
    log_in(live_page, manager)
    address = post.get_absolute_url()
    found = open_listening(live_page, address)
    held = []
    live_page.route(site.url + address, lambda route: held.append((route, route.fetch())), times=1)
    events.announce("post", post.pk)
    live_page.wait_for_timeout(500)
    services.cancel_post(post=post)
    live_page.wait_for_timeout(300)  # the news are there before the answer that knows nothing of them
    [(route, answer)] = held
    route.fulfill(response=answer)
    expect(live_page.locator("#post .page-head")).to_contain_text("Cancelled")
    assert len(found) == 3


def test_page_asks_by_itself_while_the_process_is_gone(live_page, site, workspace, manager, log_in):
    live_page.expected_problems = ["ERR_"]
    suggestion = make_suggestion(workspace=workspace, text="")
    log_in(live_page, manager)
    found = open_listening(live_page, suggestion.get_absolute_url())
    site.events.process.stop()
    live_page.wait_for_timeout(CALM)
    assert len(found) >= 3
    wording.write_suggestion(suggestion.pk)
    live_page.get_by_role("button", name="Use these words").wait_for()


def test_page_asks_by_itself_where_no_process_is_configured(page, workspace, manager, log_in):
    suggestion = make_suggestion(workspace=workspace, text="")
    log_in(page, manager)
    found = asked(page)
    page.goto(suggestion.get_absolute_url())
    page.wait_for_timeout(CALM)
    assert len(found) >= 2
    wording.write_suggestion(suggestion.pk)
    page.get_by_role("button", name="Use these words").wait_for()
