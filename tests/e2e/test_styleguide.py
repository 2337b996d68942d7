"""The style guide in a browser: nothing serious for axe, nothing scrolls sideways, controls work by keyboard."""

import pytest

from tests.e2e.axe import serious

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def operator(django_user_model):
    return django_user_model.objects.create_superuser("op@lily.example", "x", name="Mara Linden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(page, operator, log_in, scheme):
    log_in(page, operator)
    page.emulate_media(color_scheme=scheme)
    page.goto("/styleguide/")
    assert serious(page) == []


def test_axe_finds_nothing_serious_on_a_phone(phone, operator, log_in):
    log_in(phone, operator)
    phone.goto("/styleguide/")
    assert serious(phone) == []


def test_nothing_scrolls_sideways_on_a_phone(phone, operator, log_in):
    log_in(phone, operator)
    phone.goto("/styleguide/")
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_menu_opens_and_closes_by_keyboard(page, operator, log_in):
    log_in(page, operator)
    page.goto("/styleguide/")
    menu = page.locator("summary", has_text="Move to …")
    menu.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Tomorrow, 09:00"
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Move to …"


def test_dialog_opens_as_a_modal_and_closes(page, operator, log_in):
    log_in(page, operator)
    page.goto("/styleguide/")
    page.get_by_role("link", name="Open a dialog").click()
    dialog = page.get_by_role("dialog", name="Move this post")
    assert dialog.is_visible()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


def test_dialog_opens_without_javascript(no_js, operator, log_in):
    log_in(no_js, operator)
    no_js.goto("/styleguide/")
    no_js.get_by_role("link", name="Open a dialog").click()
    assert no_js.locator("#sample-dialog").is_visible()


def test_dark_is_chosen_and_stays(page, operator, log_in):
    log_in(page, operator)
    page.goto("/styleguide/")
    page.locator(".rail summary", has_text="Mara").click()
    with page.expect_response("**/theme/"):
        page.locator(".rail").get_by_role("button", name="Dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_tags_become_chips_and_are_sent_as_words(page, operator, log_in):
    log_in(page, operator)
    page.goto("/styleguide/")
    page.locator(".tags input:visible").first.press_sequentially("rye,")
    assert page.locator("input[name=words]").first.input_value() == "fresh, by hand, rye"
