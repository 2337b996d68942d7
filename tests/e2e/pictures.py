"""Pictures of the main pages, for people to look at; no test, so it runs only when it is named.

    PICTURES=/tmp/pictures bin/test tests/e2e/pictures.py -n0 -q

writes each page at 1440 and 390 px, light and dark.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page

from apps.accounts.models import Workspace
from apps.content import publishing
from apps.content.models import Post
from apps.content.validation import PictureChoice
from apps.core import clock
from apps.imaging import providers, rendering, scoring
from apps.imaging.contract import PictureText, PromptContract
from apps.imaging.models import Generation
from apps.media.models import Asset
from tests import factories
from tests.e2e.conftest import PHONE, WIDE

pytestmark = pytest.mark.django_db(transaction=True)

COLOURS = ("#7a3b1d", "#f3e3c3", "#c9772e")
HEADLINES = (
    "Fresh croissants from seven",
    "Rye bread is back",
    "Cardamom buns, warm from eight",
    "Closed on the 24th, open on the 27th",
)
POSTS = (  # days from today, hour, words, picture or None
    (-9, 9, "Our new oven is in. First rye tomorrow.", None),
    (-6, 8, "Croissants, still warm. We are open from seven.", 0),
    (-3, 12, "Soup of the day: pumpkin, ginger, a slice of rye.", None),
    (1, 8, "Cardamom buns, warm from eight.", 2),
    (1, 16, "Two for one on the loaves of yesterday, until they are gone.", None),
    (3, 9, "Rye bread is back on Saturdays.", 1),
    (5, 9, "Which bun is yours? Tell us.", None),
    (8, 10, "Closed on the 24th, open again on the 27th.", 3),
)


@pytest.fixture
def café(transactional_db) -> Workspace:
    """A café in Berlin in the middle of its month, with pictures drawn by Lily."""
    owner = factories.make_user(name="Mara Linden", email="mara@cafe-linden.example")
    organization = factories.make_organization(owner=owner, name="Linden GmbH", time_zone="Europe/Berlin")
    workspace = factories.make_workspace(organization=organization, name="Café Linden", time_zone="Europe/Berlin")
    factories.make_brand(
        workspace=workspace,
        author=owner,
        primary=COLOURS[0],
        secondary=COLOURS[1],
        accent=COLOURS[2],
        audience="Early risers within ten minutes on foot",
    )
    pictures = [keep(workspace, headline) for headline in HEADLINES]
    draw_four(workspace, HEADLINES[2])
    feed = factories.make_channel(workspace=workspace, name="Café Linden", handle="@linden.sandbox")
    offers = factories.make_channel(workspace=workspace, name="Linden Offers", handle="@offers.sandbox")
    today = clock.now().astimezone(workspace.zone).replace(minute=0, second=0, microsecond=0)
    for days, hour, words, picture in POSTS:
        at = today.replace(hour=hour) + timedelta(days=days)
        chosen = [] if picture is None else [PictureChoice(pictures[picture], HEADLINES[picture])]
        plan(at, channels=[feed, offers] if hour == 9 else [feed], text=words, pictures=chosen)
    return workspace


def plan(at, **fields) -> Post:
    """A post of that time: sent, where it is over."""
    if at > clock.now():
        return factories.make_scheduled(at=at, **fields)
    post = factories.make_scheduled(at=clock.now(), **fields)
    for publication in post.publications.all():
        publishing.publish(publication.pk)
    post.publications.update(due_at=at, started_at=at, published_at=at)
    Post.objects.filter(pk=post.pk).update(due_at=at)
    return post


def wish(headline: str) -> PromptContract:
    words = PictureText(headline=headline, action="cafe-linden.example")
    return PromptContract(
        prompt=headline, network="bluesky", placement="square", colours=COLOURS, brand_name="Café Linden", text=words
    )


def keep(workspace: Workspace, headline: str) -> Asset:
    drawing = providers.get("canvas").draw(wish(headline), index=HEADLINES.index(headline))
    file = SimpleUploadedFile(f"{headline}.png", drawing.data)
    return factories.make_asset(workspace=workspace, file=file, alt_text=headline)


def draw_four(workspace: Workspace, headline: str) -> Generation:
    """Four candidates with their scores, the best marked."""
    generation = factories.make_generation(workspace=workspace, wish=wish(headline), candidates=4)
    for candidate in generation.candidates.in_order():
        drawing = providers.get("canvas").draw(generation.wish, index=candidate.index)
        card = scoring.score(drawing, generation.wish)
        candidate.file.save("picture.png", SimpleUploadedFile("p.png", drawing.data), save=False)
        candidate.preview.save("small.webp", SimpleUploadedFile("p.webp", rendering.preview(drawing.data)), save=False)
        candidate.state, candidate.mime, candidate.width, candidate.height = "drawn", "image/png", 1080, 1080
        candidate.scores, candidate.total, candidate.passed = card.as_json(), card.total, True
        candidate.save()
    generation.best = max(generation.candidates.all(), key=lambda candidate: candidate.total)
    generation.save()
    return generation


def paths(workspace: Workspace) -> dict[str, str]:
    home = f"/w/{workspace.slug}"
    sent = Post.objects.filter(status="published", pictures__isnull=False).first()
    planned = Post.objects.filter(status="scheduled", pictures__isnull=False).first()
    return {
        "calendar": f"{home}/calendar/",
        "posts": f"{home}/posts/",
        "composer": f"{home}/posts/{planned.pk}/edit/",
        "composer-empty": f"{home}/posts/new/",
        "post": sent.get_absolute_url(),
        "library": f"{home}/library/",
        "picture": Generation.objects.get().get_absolute_url(),
        "brand": f"{home}/brand/",
        "profiles": f"{home}/channels/",
        "start": "/start/",
        "usage": f"/o/{workspace.organization.slug}/usage/",
    }


def take(page: Page, folder: Path, name: str, path: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (WIDE, PHONE):
            page.set_viewport_size(size)
            page.goto(path, wait_until="networkidle")
            page.screenshot(path=folder / f"{name}-{size['width']}-{scheme}.png")


def test_pictures_of_the_main_pages(page, café, log_in):
    folder = Path(os.environ["PICTURES"])
    folder.mkdir(parents=True, exist_ok=True)
    log_in(page, café.organization.memberships.get().user)
    for name, path in paths(café).items():
        take(page, folder, name, path)
    page.context.clear_cookies()
    take(page, folder, "landing", "/")
