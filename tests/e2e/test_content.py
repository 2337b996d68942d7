"""Writing and planning in a browser: with JavaScript and without, by mouse and by keyboard, wide and on a phone."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.content.models import Post
from apps.content.validation import PictureChoice
from apps.core import clock
from tests.e2e.axe import serious
from tests.factories import (
    make_asset,
    make_channel,
    make_membership,
    make_organization,
    make_plans,
    make_post,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workspace(transactional_db):
    make_plans()
    return make_workspace(organization=make_organization(plan="pro"), time_zone="Europe/Berlin")


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace, handle="@linden")


@pytest.fixture
def manager(workspace):
    user = make_user(name="Mara Linden")
    make_membership(user=user, organization=workspace.organization, role="manager")
    return user


@pytest.fixture
def scheduled(workspace, channel):
    """A post tomorrow at noon, Berlin time."""
    noon = (clock.now().astimezone(workspace.zone) + timedelta(days=1)).replace(
        hour=12, minute=0, second=0, microsecond=0
    )
    return make_scheduled(workspace=workspace, channels=[channel], at=noon, text="Rye and caraway")


def month_of(workspace, post) -> str:
    return f"/w/{workspace.slug}/calendar/?month={post.due_at.astimezone(workspace.zone):%Y-%m}"


def test_words_are_saved_counted_and_previewed_while_typing(page, workspace, channel, manager, log_in):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/posts/new/")
    page.get_by_label("Words", exact=True).press_sequentially("Rye at seven")
    page.get_by_text("Draft, saved at").wait_for()
    assert page.locator(".counter-chip").inner_text().split() == ["12", "/", "500"]
    assert page.locator(".preview-text").inner_text() == "Rye at seven"
    page.get_by_label("Words", exact=True).press_sequentially(", come early")
    page.locator("#composer-version[value='2']").wait_for(state="attached")
    assert [post.text for post in Post.objects.all()] == ["Rye at seven, come early"]
    assert page.url.endswith(f"/posts/{Post.objects.get().pk}/edit/")


def test_schedule_by_the_button_that_says_when(page, workspace, channel, manager, log_in):
    log_in(page, manager)
    day = timezone.localdate() + timedelta(days=30)
    page.goto(f"/w/{workspace.slug}/posts/new/?at={day}T09:30")
    page.get_by_label("Words", exact=True).fill("Closed for a week")
    page.get_by_role("button", name=f"Schedule for {day:%a} {day.day} {day:%b}, 09:30 Berlin").click()
    page.get_by_text(f"Scheduled for {day:%a} {day.day} {day:%b}, 09:30").wait_for()
    assert Post.objects.get().status == "scheduled"


def test_second_tab_is_told_and_keeps_its_words(page, workspace, channel, manager, scheduled, log_in):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/posts/{scheduled.pk}/edit/")
    Post.objects.filter(pk=scheduled.pk).update(version=5)
    page.get_by_label("Words", exact=True).fill("From the second tab")
    with page.expect_response(lambda response: response.request.method == "POST" and response.status == 409):
        page.get_by_role("button", name="Save, and leave it on the calendar").click()
    page.get_by_text("changed in another tab").wait_for()
    assert page.get_by_label("Words", exact=True).input_value() == "From the second tab"
    page.expected_problems = ["409"]


def test_dragging_a_post_moves_it_and_undo_brings_it_back(page, workspace, manager, scheduled, log_in):
    log_in(page, manager)
    page.goto(month_of(workspace, scheduled))
    day = scheduled.due_at.astimezone(workspace.zone).date()
    days = [item.get_attribute("data-day") for item in page.locator(".day").all()]
    target = days[days.index(day.isoformat()) + (1 if days[-1] != day.isoformat() else -1)]
    page.locator(".chip").drag_to(page.locator(f'.day[data-day="{target}"]'))
    page.locator(f'.day[data-day="{target}"] .chip').wait_for()
    page.get_by_role("button", name="Undo").click()
    page.locator(f'.day[data-day="{day.isoformat()}"] .chip').wait_for()
    scheduled_again = Post.objects.get()
    assert scheduled_again.due_at == scheduled.due_at


def test_shift_and_arrow_move_a_post_by_a_day(page, workspace, manager, scheduled, log_in):
    log_in(page, manager)
    page.goto(month_of(workspace, scheduled))
    page.locator(".chip").focus()
    with page.expect_response("**/move/"):
        page.keyboard.press("Shift+ArrowDown")
    page.get_by_text("Moved to").wait_for()
    assert Post.objects.get().due_at - scheduled.due_at == timedelta(days=7)


def test_whole_journey_without_javascript(no_js, workspace, channel, manager, log_in):
    log_in(no_js, manager)
    no_js.goto(f"/w/{workspace.slug}/calendar/")
    no_js.locator(".rail").get_by_role("link", name="New post").click()
    no_js.get_by_label("Words", exact=True).fill("Rye at seven")
    no_js.get_by_role("button", name="Save draft").click()
    no_js.get_by_role("button", name="Schedule for").click()
    no_js.get_by_role("link", name="Move to …").click()
    at = (clock.now() + timedelta(days=3)).strftime("%Y-%m-%dT10:15")
    no_js.get_by_label("New time").fill(at)
    no_js.get_by_role("button", name="Move it").click()
    assert no_js.locator(".toast").get_by_role("button", name="Undo").is_visible()
    assert Post.objects.get().due_at.astimezone(workspace.zone).strftime("%Y-%m-%dT%H:%M") == at


@pytest.fixture
def pictured(workspace, channel):
    """A draft with three pictures: A, B and C."""
    chosen = [PictureChoice(make_asset(workspace=workspace), words) for words in "ABC"]
    return make_post(workspace=workspace, channels=[channel], pictures=chosen)


def pictures_of(post: Post) -> str:
    return "".join(use.alt_text for use in post.pictures.all())


def shown_on(page) -> list[str]:
    """The pictures as the page has them, each with its number."""
    boxes = [page.get_by_label(f"What picture {number} shows") for number in (1, 2, 3)]
    return [box.input_value() for box in boxes]


def saved(page):
    """Until the composer has kept what was changed."""
    return page.expect_response(lambda response: response.request.method == "POST" and response.status == 200)


def test_pictures_are_moved_by_keyboard_and_the_focus_goes_with_them(page, workspace, manager, pictured, log_in):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/posts/{pictured.pk}/edit/")
    page.get_by_role("button", name="Move picture 3 earlier").focus()
    with saved(page):
        page.keyboard.press("Enter")
    assert (shown_on(page), pictures_of(pictured)) == (["A", "C", "B"], "ACB")
    with saved(page):
        page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.innerText.trim()") == "Move picture 1 later"
    assert (shown_on(page), pictures_of(pictured)) == (["C", "A", "B"], "CAB")
    assert page.locator(".preview img").first.get_attribute("alt") == "C"


def test_pictures_are_dragged_to_another_place(page, workspace, manager, pictured, log_in):
    log_in(page, manager)
    page.set_viewport_size({"width": 1440, "height": 1800})  # so that the bar lies over no picture
    page.goto(f"/w/{workspace.slug}/posts/{pictured.pk}/edit/")
    with saved(page):
        page.locator("#picture_1 .picture-grip").drag_to(
            page.locator("#picture_3"), target_position={"x": 40, "y": 100}
        )
    assert (shown_on(page), pictures_of(pictured)) == (["B", "C", "A"], "BCA")


def test_pictures_are_moved_without_javascript(no_js, workspace, manager, pictured, log_in):
    log_in(no_js, manager)
    no_js.goto(f"/w/{workspace.slug}/posts/{pictured.pk}/edit/")
    no_js.get_by_role("button", name="Move picture 1 later").click()
    assert (shown_on(no_js), pictures_of(pictured)) == (["B", "A", "C"], "BAC")


def test_enter_in_a_field_saves_and_moves_no_picture(page, workspace, manager, pictured, log_in):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/posts/{pictured.pk}/edit/")
    page.get_by_label("Goes out").press("Enter")
    page.get_by_text("Draft saved.").wait_for()
    assert pictures_of(pictured) == "ABC"


def test_delete_asks_first(page, workspace, manager, scheduled, log_in):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/posts/{scheduled.pk}/")
    page.get_by_title("More", exact=True).click()
    page.get_by_role("link", name="Delete post").click()
    assert Post.objects.count() == 1
    page.get_by_role("button", name="Delete post").click()
    page.get_by_text("The post was deleted.").wait_for()
    assert Post.objects.count() == 0


@pytest.mark.parametrize(
    "path", ["calendar/", "posts/", "posts/new/", "posts/{pk}/", "posts/{pk}/edit/", "posts/{pk}/move/"]
)
def test_axe_finds_nothing_serious(page, workspace, manager, scheduled, log_in, path):
    log_in(page, manager)
    page.goto(f"/w/{workspace.slug}/{path.format(pk=scheduled.pk)}")
    assert serious(page) == []


@pytest.mark.parametrize("path", ["calendar/", "posts/", "posts/new/", "posts/{pk}/", "posts/{pk}/edit/"])
def test_nothing_scrolls_sideways_on_a_phone(phone, workspace, manager, scheduled, log_in, path):
    log_in(phone, manager)
    phone.goto(f"/w/{workspace.slug}/{path.format(pk=scheduled.pk)}")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert serious(phone) == []


@pytest.mark.parametrize("path", ["calendar/", "posts/new/", "posts/{pk}/"])
def test_text_of_twice_the_size_scrolls_no_page_sideways(page, workspace, manager, scheduled, log_in, path):
    log_in(page, manager)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    for width in (1440, 720):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"/w/{workspace.slug}/{path.format(pk=scheduled.pk)}")
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_days_of_the_next_month_in_the_last_week_stand_on_a_phone_too(phone, workspace, manager, scheduled, log_in):
    Post.objects.filter(pk=scheduled.pk).update(due_at=datetime(2030, 5, 1, 7, tzinfo=UTC))  # a Wednesday
    log_in(phone, manager)
    phone.goto(f"/w/{workspace.slug}/calendar/?month=2030-04")
    assert phone.locator(".day[data-day='2030-05-01'] .chip").is_visible()
