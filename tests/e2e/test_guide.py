"""docs/guide, followed by somebody who has never seen Lily: line by line, in a browser, to the last page."""

import re
from datetime import timedelta

import pytest

from apps.content.models import Publication
from apps.core import clock
from tests.e2e.guide import GUIDE, Reader, Step, order, steps
from tests.e2e.test_connecting import base  # noqa: F401 (a fixture)
from tests.e2e.test_main_job import start_worker  # noqa: F401 (a fixture)


def make_it_due() -> None:
    """The time at which the next post goes out."""
    publication = Publication.objects.queued().earliest("due_at")
    clock.move(publication.due_at - clock.now() + timedelta(seconds=1))


@pytest.mark.django_db(transaction=True)
def test_guide_leads_from_signing_up_to_the_last_page(page, base, start_worker):  # noqa: F811
    start_worker()
    reader = Reader(page, base, make_it_due)
    for name in order():
        reader.follow_page(name)


def test_every_page_is_listed_and_has_steps():
    assert sorted(order()) == sorted(path.name for path in GUIDE.glob("*.md"))
    assert [name for name in order() if not steps(name, (GUIDE / name).read_text())] == []


def test_steps_are_numbered_items_with_the_lines_that_belong_to_them():
    page = "# Title\n\n1. Open **One**\n   and press **Two**.\n2. Press **Three**.\n\n- **not a step**\n"
    found = steps("a.md", page)
    assert [(step.line, step.text) for step in found] == [
        (3, "Open **One** and press **Two**."),
        (5, "Press **Three**."),
    ]
    assert found[0].phrases() == [("press", ["One"]), ("press", ["Two"])]


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Type `a` into **B**", [("fill", ["a", "B"])]),
        ("choose **A** for **B**", [("choose", ["A", "B"])]),
        ("set **A** to tomorrow at `09:00`", [("plan", ["A", "09:00"])]),
        ("You see **A** and **B**.", [("see", ["A", "B"])]),
        ("Wait until it says **A**", [("await", ["A"])]),
        ("In another browser go to `/x/` and follow the link in it", [("lend", []), ("go", ["/x/"]), ("follow", [])]),
    ],
)
def test_phrases_are_read(text, phrases):
    assert Step("a.md", 1, text).phrases() == phrases


@pytest.mark.parametrize("text", ["Look around.", "Open **A**, then **B**.", "Open **A** and write `b`."])
def test_step_that_is_not_understood_is_named_with_its_line(text):
    with pytest.raises(AssertionError, match=rf"^docs/guide/a\.md:7: {re.escape(text)}"):
        Step("a.md", 7, text).phrases()


@pytest.mark.parametrize("text", ["Press **Nowhere**.", "Type `a` into **Nowhere**.", "You see **Nowhere**."])
def test_name_that_is_not_on_the_page_is_named_with_its_line(page, text, monkeypatch):
    monkeypatch.setattr("tests.e2e.guide.PATIENCE", 0.2)
    page.set_content("<button>Somewhere</button>")
    with pytest.raises(AssertionError, match=rf"^docs/guide/a\.md:7: {re.escape(text)}"):
        Reader(page, "", lambda: None).follow_step(Step("a.md", 7, text))
