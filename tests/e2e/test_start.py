"""Setting up, from the name of the business to a first post on the calendar: on a phone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import Workspace
from apps.content.models import Post
from tests.e2e.axe import serious
from tests.e2e.test_connecting import base, enter  # noqa: F401 (base is a fixture)
from tests.factories import make_plans, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def set_up(page: Page, base: str) -> None:  # noqa: F811
    """Every step, with a visit that is broken off after the first one."""
    make_plans()
    enter(page, base, make_user(name="Mara Linden"))
    page.goto(f"{base}/")
    page.get_by_label("Your business").fill("Linden GmbH")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_role("button", name="Go on").click()
    page.goto(f"{base}/")  # a later visit goes on here
    page.get_by_label("Brand").fill("Café Linden")
    page.get_by_label("Trade").select_option("restaurant")
    page.get_by_text("Inspiring").click()
    hold_together(page)
    page.get_by_role("button", name="Go on").click()
    hold_together(page)
    page.get_by_role("link", name="Sandbox").click()
    page.get_by_role("button", name="Go on to Sandbox").click()
    page.get_by_role("checkbox", name="Feed (@feed.sandbox)").check()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("heading", name="You are connected")).to_be_visible()
    hold_together(page)
    page.get_by_role("button", name="Write my first post").click()
    expect(page.get_by_role("textbox", name="Words").first).to_have_value(re.compile("^Hello, this is Café Linden"))
    page.get_by_role("button", name=re.compile("^Schedule for .*09:00 Berlin")).click()
    expect(page.get_by_text(re.compile("^Scheduled for")).first).to_be_visible()
    page.goto(f"{base}/")
    expect(page.get_by_text("Hello, this is Café Linden").first).to_be_visible()
    assert (Workspace.objects.get().name, Post.objects.get().status) == ("Café Linden", "scheduled")


def hold_together(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_first_post_is_on_the_calendar_from_a_phone(phone, base):  # noqa: F811
    set_up(phone, base)


def test_first_post_is_on_the_calendar_without_javascript(no_js, base):  # noqa: F811
    set_up(no_js, base)


def test_card_follows_what_is_typed(page, base):  # noqa: F811
    make_plans()
    enter(page, base, make_user())
    page.goto(f"{base}/start/")
    page.get_by_role("button", name="Not now").click()
    assert serious(page) == []
    card = page.get_by_role("img", name="How a post of this brand would look")
    page.get_by_label("Trade").select_option("law")
    page.get_by_text("Professional").click()
    expect(card).to_have_attribute("src", re.compile(r"trade=law.*voice=professional|voice=professional.*trade=law"))
    page.get_by_role("button", name="Not now").click()
    assert serious(page) == []
    page.get_by_role("button", name="Later: write my first post now").click()
    expect(page.get_by_role("textbox", name="Words").first).to_have_value(re.compile("^Hello, this is Ada Lovelace"))
