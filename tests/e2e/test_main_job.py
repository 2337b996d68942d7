"""The main job, as a café owner does it: from signing up to a post that is live on the real network, once."""

import re
import time
from datetime import timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from apps.content.models import Publication
from apps.core import clock, valkey
from tests.e2e.test_connecting import base, consent_at_bluesky  # noqa: F401 (base is a fixture)
from tests.e2e.workers import Worker
from tests.factories import make_plans

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Fresh croissants from seven, see https://cafe-linden.example #bakery"
PATIENCE = 60_000  # milliseconds the worker may take on a busy machine


@pytest.fixture
def start_worker(live_server, base, settings, tmp_path):  # noqa: F811
    """`start_worker(**environment)`: beat and every queue, on the stores of this test."""
    settings.EMAIL_BACKEND = "apps.core.mail.MailboxBackend"
    settings.MAILBOX_DIR = tmp_path / "mailbox"
    make_plans()
    started = []

    def start(**environment: str) -> Worker:
        mail = {"EMAIL_BACKEND": settings.EMAIL_BACKEND, "MAILBOX_DIR": str(settings.MAILBOX_DIR)}
        started.append(Worker(tmp_path, {"BASE_URL": base, **mail, **environment}))
        return started[0]

    yield start
    for worker in started:
        worker.stop()
    clock.reset()
    valkey.connection().flushdb()


def sign_up(page: Page, base: str) -> None:  # noqa: F811
    page.goto(f"{base}/account/signup/")
    page.get_by_label("E-mail").fill("mara@cafe-linden.example")
    page.get_by_role("textbox", name="Password").fill("bread and butter 7")
    page.get_by_label("Your name").fill("Mara Linden")
    page.get_by_role("button", name="Create account").click()
    page.get_by_role("link", name=re.compile("Open this machine")).click()
    open_mail(page, "confirm your address")
    page.locator("a[href*='/account/confirm-email/']").click()
    page.get_by_role("button", name="Yes, confirm it").click()
    page.get_by_label("Your business").fill("Café Linden")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    page.get_by_label("Your business").press("Enter")
    page.wait_for_url(re.compile("/start/brand/"))


def open_mail(page: Page, subject: str) -> None:
    """The mailbox is looked at again until the worker has sent it."""
    mail, end = page.get_by_role("link", name=re.compile(subject)), time.monotonic() + PATIENCE / 1000
    while not mail.count():
        assert time.monotonic() < end, "no mail came"
        page.reload()
    mail.click()


def describe_brand(page: Page, workspace: str) -> None:
    page.goto(f"{workspace}/brand/")
    page.get_by_role("textbox", name="Main colour").fill("#7a3b1d")
    page.get_by_label("Style", exact=True).select_option("classic")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text(re.compile("^Saved. New posts"))).to_be_visible(timeout=PATIENCE)


def connect_bluesky(page: Page, workspace: str, bluesky, person) -> None:
    page.goto(f"{workspace}/channels/new/bluesky/")
    page.get_by_role("textbox", name="Your handle").fill(person.handle)
    page.get_by_role("button", name="Go on to Bluesky").click()
    consent_at_bluesky(page, bluesky, person)
    expect(page.get_by_text(f"@{person.handle} is connected.")).to_be_visible(timeout=PATIENCE)


def make_picture(page: Page) -> str:
    """Four are drawn and measured; the best is taken for the post. Its alternative text in the composer."""
    page.get_by_role("button", name="Make a picture").click()
    page.get_by_label("Headline").fill("Fresh croissants from seven")
    page.get_by_role("button", name="Draw four").click()
    expect(page.get_by_role("button", name="Take this one")).to_have_count(4, timeout=PATIENCE)
    page.get_by_role("button", name="Take this one").first.click()
    alt = page.get_by_label(re.compile("What picture 1 shows"))
    alt.fill("A card: fresh croissants from seven")
    return alt.input_value()


def schedule(page: Page) -> None:
    """Two minutes ahead."""
    due = (clock.now() + timedelta(minutes=2)).astimezone(ZoneInfo("Europe/Berlin"))
    page.get_by_label("Goes out").fill(due.strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("button", name=re.compile(r"^Schedule")).click()
    expect(page.get_by_text(re.compile("Scheduled for")).first).to_be_visible(timeout=PATIENCE)


def start_on_bluesky(start_worker, bluesky) -> Worker:
    return start_worker(
        OUTBOUND_ALLOW=",".join(bluesky.allow), BLUESKY_PLC=bluesky.plc, BLUESKY_NAMESERVERS=bluesky.names.address
    )


def test_from_signing_up_to_a_live_post(page, base, bluesky, start_worker):  # noqa: F811
    worker = start_on_bluesky(start_worker, bluesky)
    page.set_default_timeout(PATIENCE)
    person = bluesky.make_person()
    sign_up(page, base)
    workspace = page.url.partition("/start/")[0]
    describe_brand(page, workspace)
    connect_bluesky(page, workspace, bluesky, person)

    page.goto(f"{workspace}/posts/new/")
    page.get_by_role("textbox", name="Words").first.fill(WORDS)
    page.get_by_role("button", name="Save draft").click()
    alt = make_picture(page)
    schedule(page)
    assert bluesky.posts(person) == []  # not before its minute

    clock.move(timedelta(minutes=2))
    wait_until(lambda: Publication.objects.get().status == "published", worker)
    assert_one_record(bluesky, person, alt=alt)

    publication = Publication.objects.get()
    page.goto(f"{workspace}/posts/{publication.post_id}/")
    expect(page.get_by_role("link", name=re.compile("live|Bluesky", re.IGNORECASE)).first).to_be_visible(
        timeout=PATIENCE
    )
    time.sleep(5)  # the beat goes on sweeping
    assert len(bluesky.posts(person)) == 1


def test_the_same_without_javascript(no_js, base, start_worker):  # noqa: F811
    worker, page = start_worker(), no_js
    page.set_default_timeout(PATIENCE)
    sign_up(page, base)
    workspace = page.url.partition("/start/")[0]
    describe_brand(page, workspace)

    page.goto(f"{workspace}/channels/new/sandbox/")
    page.get_by_role("button", name="Go on to Sandbox").click()
    page.get_by_role("checkbox", name="Feed (@feed.sandbox)").check()
    page.get_by_role("button", name="Connect").click()
    expect(page.get_by_text("@feed.sandbox is connected.")).to_be_visible(timeout=PATIENCE)

    publish_without_javascript(page, workspace, worker)
    page.goto(f"{workspace}/sandbox/")
    expect(page.locator("article").get_by_text("Fresh croissants from seven").first).to_be_visible()
    expect(page.get_by_role("img", name="A card: fresh croissants from seven")).to_be_visible()
    assert page.locator("article").count() == 1


def test_the_same_without_javascript_on_the_real_network(no_js, base, bluesky, start_worker):  # noqa: F811
    worker, page = start_on_bluesky(start_worker, bluesky), no_js
    page.set_default_timeout(PATIENCE)
    person = bluesky.make_person()
    sign_up(page, base)
    workspace = page.url.partition("/start/")[0]
    describe_brand(page, workspace)

    page.goto(f"{workspace}/channels/new/bluesky/")
    page.get_by_role("textbox", name="Your handle").fill(person.handle)
    page.get_by_role("button", name="Go on to Bluesky").click()
    consent_without_javascript(page, base, bluesky, person)
    expect(page.get_by_text(f"@{person.handle} is connected.")).to_be_visible(timeout=PATIENCE)

    publish_without_javascript(page, workspace, worker)
    publication = Publication.objects.get()
    page.goto(f"{workspace}/posts/{publication.post_id}/")
    expect(page.locator(f'a[href="{publication.url}"]').first).to_be_visible()
    time.sleep(5)  # the beat goes on sweeping
    assert_one_record(bluesky, person, alt="A card: fresh croissants from seven")


def consent_without_javascript(page: Page, base: str, bluesky, person) -> None:  # noqa: F811
    """Bluesky's consent page is a program of its own: its calls are made by hand, in this browser's visit."""
    page.wait_for_url(re.compile(re.escape(bluesky.url)))
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies(bluesky.url)}
    answer = bluesky.consent(page.url, person, cookies=cookies)
    page.goto(f"{base}/oauth/bluesky/callback?{urlencode(answer)}")


def publish_without_javascript(page: Page, workspace: str, worker: Worker) -> None:
    """Words, a picture that is drawn, taken and described, a time, and the minute when it goes out."""
    page.goto(f"{workspace}/posts/new/")
    page.get_by_role("textbox", name="Words").first.fill(WORDS)
    page.get_by_role("button", name="Make a picture").click()
    page.get_by_label("Headline").fill("Fresh croissants from seven")
    page.get_by_role("button", name="Draw four").click()
    takes = page.get_by_role("button", name="Take this one")
    expect(takes).to_have_count(4, timeout=PATIENCE)  # the page asks anew by itself, without JavaScript too
    takes.first.click()
    page.get_by_label(re.compile("What picture 1 shows")).fill("A card: fresh croissants from seven")
    schedule(page)
    clock.move(timedelta(minutes=2))
    wait_until(lambda: Publication.objects.get().status == "published", worker)


def assert_one_record(bluesky, person, *, alt: str) -> None:
    """What lies on the server: words with link and tag, and the picture with its description, once."""
    (record,) = bluesky.posts(person)
    (image,) = record["value"]["embed"]["images"]
    assert (record["value"]["text"], image["alt"]) == (WORDS, alt)
    assert [facet["features"][0]["$type"].rpartition("#")[2] for facet in record["value"]["facets"]] == ["link", "tag"]
    assert bluesky.picture(person, image["image"]["ref"]["$link"])[:3] in (b"\xff\xd8\xff", b"\x89PN")


def wait_until(true, worker: Worker) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not true():
        assert time.monotonic() < deadline, worker.log.read_text()[-2000:]
        time.sleep(0.2)
