"""From logging in to logging out by the keys alone: the focus is always somewhere, and always to be seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from apps.content.models import Post
from apps.content.validation import PictureChoice
from apps.core import clock
from tests.e2e.scenes import mid_month
from tests.e2e.test_content import month_of
from tests.factories import (
    PASSWORD,
    make_asset,
    make_channel,
    make_membership,
    make_organization,
    make_post,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)

# What has the focus: its name as people read it, and whether an outline around it, or around the label it sits in, is
# to be seen with nothing over it.
FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return ["", true];
  const shown = [one, one.closest("label"), ...(one.labels ?? [])].filter(Boolean);
  const outlined = shown.find((box) => {
    const style = getComputedStyle(box);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const name = one.labels?.[0]?.innerText || one.getAttribute("aria-label") || one.innerText || one.title || one.id;
  if (!outlined) return [name.trim(), false];
  const { x, y, width, height } = outlined.getBoundingClientRect();
  const over = document.elementFromPoint(x + width / 2, y + height / 2);
  return [name.trim(), Boolean(over) && (outlined.contains(over) || over.contains(outlined))];
}"""


class Keys:
    """A person with no mouse. Every step fails where the focus cannot be seen."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def focus(self) -> str:
        name, is_seen = self.page.evaluate(FOCUS)
        assert is_seen, f"the focus cannot be seen on {name!r} of {self.page.url}"
        return " ".join(name.split())

    def press(self, key: str) -> str:
        self.page.keyboard.press(key)
        return self.focus()

    def to(self, start: str, key: str = "Tab") -> None:
        """Press the key until what has the focus begins with these words."""
        passed: list[str] = []
        while not (passed and passed[-1].startswith(start)):
            assert len(passed) < 80, f"{start!r} was not among {passed}"
            passed.append(self.press(key))

    def follow(self, start: str, key: str = "Tab") -> None:
        """Go to the link or button and press it: another page comes."""
        self.to(start, key)
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")


@pytest.fixture
def keys(page) -> Keys:
    return Keys(page)


@pytest.fixture
def workspace(transactional_db):
    """A café with one profile; Mara manages it."""
    workspace = make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")
    mara = make_user(email="mara@cafe-linden.example", name="Mara Linden")
    make_membership(user=mara, organization=workspace.organization, role="manager")
    return workspace


@pytest.fixture
def mara(workspace):
    return workspace.organization.memberships.get(role="manager").user


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace, name="Café Linden", handle="@linden")


def local(workspace) -> str:
    return Post.objects.get().due_at.astimezone(workspace.zone).strftime("%H:%M")


def test_whole_journey_by_keys(keys, page, workspace, channel):
    page.goto("/account/login/")
    keys.to("E-mail")
    page.keyboard.type("mara@cafe-linden.example")
    keys.to("Password")
    page.keyboard.type(PASSWORD)
    keys.follow("Log in")
    assert keys.press("Tab") == "Skip to content"
    keys.follow("New post")
    keys.press("Tab")
    page.keyboard.press("Enter")  # past the rail, by the skip link
    keys.to("@linden")
    assert page.evaluate("document.activeElement.checked")
    page.keyboard.press("Space")
    expect(page.get_by_text("Choose a profile to see the post")).to_be_visible()
    keys.press("Space")
    keys.to("Words")
    page.keyboard.type("Rye and caraway")
    keys.to("Schedule")
    page.locator("#composer-version[value]:not([value=''])").wait_for(state="attached")
    expect(page.locator(".preview-text")).to_have_text("Rye and caraway")
    assert keys.focus().startswith("Schedule for")  # although the bar was drawn anew under it
    with page.expect_navigation():
        page.keyboard.press("Enter")
    due, before = Post.objects.get().due_at, local(workspace)
    keys.follow("Calendar")
    if due.astimezone(workspace.zone).month != clock.now().astimezone(workspace.zone).month:
        keys.follow(f"{due.astimezone(workspace.zone):%B %Y}")
    keys.follow(f"{before} Rye and caraway")
    keys.follow("Move to …")
    keys.to("New time")
    for _part in ("day", "year", "hour", "minute"):
        keys.press("Tab")
    page.keyboard.press("ArrowUp")
    keys.follow("Move it")
    assert Post.objects.get().due_at != due
    keys.to("Undo")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert Post.objects.get().due_at == due
    keys.to("M Mara")
    page.keyboard.press("Enter")
    keys.to("Log out", "ArrowDown")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Log in").first).to_be_visible()


def test_focus_goes_with_a_post_that_moves_on_the_calendar_and_comes_back(keys, page, workspace, channel, mara, log_in):
    post = make_scheduled(channels=[channel], at=mid_month(workspace), text="Rye and caraway")
    log_in(page, mara)
    page.goto(month_of(workspace, post))
    keys.to("12:00 Rye")
    keys.press("Shift+ArrowDown")
    page.get_by_text("Moved to").wait_for()
    page.locator(".chip:focus").wait_for()
    assert keys.focus() == "12:00 Rye and caraway"
    keys.to("Undo")
    keys.press("Enter")
    expect(page.locator(".toast", has_text="Undo")).to_have_count(1)
    page.get_by_text("Moved to").last.wait_for()
    page.locator(".chip:focus").wait_for()
    assert (keys.focus(), Post.objects.get().due_at) == ("12:00 Rye and caraway", post.due_at)


def test_focus_stays_in_the_composer_where_a_picture_is_taken_off(keys, page, workspace, channel, mara, log_in):
    chosen = [PictureChoice(make_asset(workspace=workspace), words) for words in "AB"]
    post = make_post(workspace=workspace, channels=[channel], pictures=chosen)
    log_in(page, mara)
    page.goto(f"/w/{workspace.slug}/posts/{post.pk}/edit/")
    for left in (1, 0):
        keys.to("Take off")
        keys.press("Space")
        expect(page.locator(".picture")).to_have_count(left)
        page.locator("#composer-pictures :focus").wait_for()
        assert keys.focus() == ("What picture 1 shows" if left else "Make a picture")


@pytest.mark.parametrize("button", ["Make a picture", "Schedule", "Save draft", "Publish now"])
def test_composer_saves_and_presses_no_button_that_has_the_focus(keys, page, workspace, channel, mara, log_in, button):
    log_in(page, mara)
    page.goto(f"/w/{workspace.slug}/posts/new/")
    page.get_by_label("Words", exact=True).focus()
    page.keyboard.type("Rye and caraway")
    page.get_by_role("button", name=button).focus()  # sooner than the save begins
    page.get_by_text("Draft, saved at").wait_for()
    page.wait_for_timeout(100)  # htmx settles after it has swapped
    assert keys.focus().startswith(button)
    assert [post.status for post in Post.objects.all()] == ["draft"]


def test_slash_leads_to_the_search_of_the_posts(keys, page, workspace, channel, mara, log_in):
    make_post(channels=[channel], text="Rye and caraway")
    make_post(channels=[channel], text="Something else")
    log_in(page, mara)
    page.goto(f"/w/{workspace.slug}/posts/")
    keys.press("/")
    page.keyboard.type("rye")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".line")).to_have_count(1)
