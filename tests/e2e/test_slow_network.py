"""Every answer two seconds late: a press is seen to be heard at once, nothing is sent twice, nothing typed is lost."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from apps.content.models import Post
from tests.e2e.scenes import mid_month
from tests.e2e.test_content import month_of
from tests.factories import (
    make_channel,
    make_membership,
    make_organization,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)

SLOW = {
    "offline": False,
    "latency": 2000,
    "downloadThroughput": -1,
    "uploadThroughput": -1,
}  # milliseconds; -1: no limit
SOON = 100  # milliseconds from a press to what shows that it was heard

# Both moments are measured in the page, so that the test's own way to the browser is no part of them, and outlive it.
WATCH = """() => {
  let pressed = 0;
  for (const kind of ["pointerdown", "drop"])
    document.addEventListener(kind, () => (pressed = performance.now()), true);
  new MutationObserver((changes) => {
    if (!pressed || !changes.some((change) => change.target.getAttribute("aria-busy"))) return;
    sessionStorage.heard = performance.now() - pressed;
    pressed = 0;
  }).observe(document, { subtree: true, attributeFilter: ["aria-busy"] });
}"""


class SlowPage:
    """A page whose requests, from now on, are answered late; `posts` are the paths of those that change something."""

    def __init__(self, page: Page) -> None:
        self.page, self.posts = page, []
        page.on("request", self._note)
        browser = page.context.new_cdp_session(page)
        browser.send("Network.enable")
        browser.send("Network.emulateNetworkConditions", SLOW)
        page.evaluate(WATCH)

    def _note(self, request) -> None:
        if request.method == "POST":
            self.posts.append(urlsplit(request.url).path.rstrip("/").rpartition("/")[2])

    def heard(self) -> bool:
        """Whether it showed soon that the last press was heard."""
        shown = self.page.evaluate("sessionStorage.heard")
        self.page.evaluate("sessionStorage.removeItem('heard')")
        return shown is not None and float(shown) < SOON


@pytest.fixture
def workspace(transactional_db):
    return make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")


@pytest.fixture
def mara(workspace, page, log_in):
    """Mara, a manager, is logged in."""
    user = make_user(name="Mara Linden")
    make_membership(user=user, organization=workspace.organization, role="manager")
    log_in(page, user)
    return user


@pytest.fixture
def scheduled(workspace, mara):
    """A post at noon of a day in the middle of a month."""
    return make_scheduled(channels=[make_channel(workspace=workspace)], at=mid_month(workspace), text="Rye and caraway")


def test_what_is_typed_while_a_save_is_under_way_is_scheduled_once(page, workspace, mara):
    make_channel(workspace=workspace, handle="@linden")
    page.goto(f"/w/{workspace.slug}/posts/new/")
    slow = SlowPage(page)
    words = page.get_by_label("Words", exact=True)
    words.press_sequentially("Rye")
    with page.expect_request("**/posts/new/"):
        pass
    words.press_sequentially(" and caraway")
    page.get_by_role("button", name="Schedule for").dblclick()
    assert slow.heard()
    expect(page.get_by_role("heading", name="Rye and caraway")).to_be_visible(timeout=20_000)
    post = Post.objects.get()
    assert (post.text, post.status, slow.posts.count("schedule")) == ("Rye and caraway", "scheduled", 1)


def test_words_typed_while_a_save_is_under_way_are_kept_and_the_caret_with_them(page, workspace, mara):
    make_channel(workspace=workspace)
    page.goto(f"/w/{workspace.slug}/posts/new/")
    SlowPage(page)
    words = page.get_by_label("Words", exact=True)
    words.press_sequentially("Rye")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.wait_for_timeout(1000)
        words.press_sequentially(" and cara")
    words.press_sequentially("way")
    expect(page.locator(".preview-text")).to_have_text("Rye and caraway", timeout=20_000)
    assert (words.input_value(), Post.objects.get().text) == ("Rye and caraway", "Rye and caraway")
    assert page.locator(":focus").evaluate("words => words.selectionStart") == len("Rye and caraway")


@pytest.mark.parametrize(
    ("opener", "button", "path"),
    [("", "Move it", "move"), ("More", "Duplicate", "duplicate"), ("More", "Take off the calendar", "cancel")],
)
def test_button_pressed_twice_is_heard_at_once_and_sends_once(page, workspace, scheduled, opener, button, path):
    page.goto(f"{scheduled.get_absolute_url()}{'' if opener else 'move/'}")
    slow = SlowPage(page)
    if opener:
        page.get_by_title(opener, exact=True).click()
    with page.expect_navigation():
        page.get_by_role("button", name=button).dblclick()
    assert slow.heard()
    assert slow.posts == [path]


def test_chip_that_is_dragged_and_undo_pressed_twice_are_heard_at_once_and_sent_once(page, workspace, scheduled):
    page.goto(month_of(workspace, scheduled))
    slow = SlowPage(page)
    day = scheduled.due_at.astimezone(workspace.zone).date().isoformat()
    other = (scheduled.due_at.astimezone(workspace.zone) + timedelta(days=1)).date().isoformat()
    page.locator(".chip").drag_to(page.locator(f'.day[data-day="{other}"]'))
    assert slow.heard()
    page.get_by_role("button", name="Undo").dblclick()
    assert slow.heard()
    page.locator(f'.day[data-day="{day}"] .chip').wait_for()
    page.wait_for_timeout(500)
    assert (Post.objects.get().due_at, slow.posts) == (scheduled.due_at, ["move", "move"])


def test_link_is_heard_at_once(page, workspace, scheduled):
    page.goto(scheduled.get_absolute_url())
    slow = SlowPage(page)
    with page.expect_navigation(url=re.compile("/library/")):
        page.locator(".rail").get_by_role("link", name="Library").click()
    assert slow.heard()
