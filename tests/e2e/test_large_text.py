"""Text of twice the size on a phone: nothing scrolls sideways, on any page a person comes by."""

import pytest

from apps.accounts.models import Workspace
from apps.content.validation import PictureChoice
from tests.e2e.test_accounts import LONG, SIGNED_OUT, everything  # noqa: F401 (everything is a fixture)
from tests.factories import make_asset, make_brand, make_candidate, make_channel, make_scheduled, make_suggestion

pytestmark = pytest.mark.django_db(transaction=True)

OF_WORKSPACE = [
    *("calendar/", "posts/", "posts/new/", "words/new/", "library/", "pictures/new/", "media/upload/"),
    *("brand/", "channels/", "channels/new/", "channels/new/bluesky/", "sandbox/"),
]


@pytest.fixture
def pages(everything):  # noqa: F811
    """The owner of everything with long names, and the paths of its pages, those of posts and pictures included."""
    owner, paths = everything
    workspace = Workspace.objects.get()
    make_brand(workspace=workspace, avoid=[{"term": "cheap", "mode": "replace", "instead": LONG}])
    channel = make_channel(workspace=workspace, handle=f"@{'c' * 40}.example.com", name=LONG)
    asset = make_asset(workspace=workspace, alt_text=LONG)
    post = make_scheduled(channels=[channel], text=f"cheap {LONG}", pictures=[PictureChoice(asset, LONG)] * 2)
    generation, suggestion = make_candidate(workspace=workspace).generation, make_suggestion(workspace=workspace)
    return owner, [
        *paths,
        *[f"/w/{workspace.slug}/{path}" for path in OF_WORKSPACE],
        *[f"/w/{workspace.slug}/posts/{post.pk}/{path}" for path in ("", "edit/", "move/")],
        f"/w/{workspace.slug}/calendar/{post.due_at.astimezone(workspace.zone):%Y-%m-%d}/",
        *[row.get_absolute_url() for row in (asset, generation, suggestion)],
    ]


STICKING_OUT = """[...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > 391)
    .map((one) => `${one.tagName}.${one.getAttribute("class")}`).slice(0, 12).join(" ")"""


def too_wide(page, path: str) -> str:
    """How wide a page is with text of twice the size, and what sticks out; empty where nothing does."""
    response = page.goto(path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    width = page.evaluate("document.documentElement.scrollWidth")
    return (
        "" if (response.status, width) == (200, 390) else f"{response.status}, {width}: {page.evaluate(STICKING_OUT)}"
    )


def test_no_page_scrolls_sideways_with_text_of_twice_the_size(phone, pages, log_in):
    person, paths = pages
    found = {path: too_wide(phone, path) for path in SIGNED_OUT}
    log_in(phone, person)
    found |= {path: too_wide(phone, path) for path in paths}
    assert {path: why for path, why in found.items() if why} == {}
