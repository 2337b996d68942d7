"""What the pages that wait are told: each change once, under the topic they listen to, and which pages do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import redis
from django.urls import reverse

from apps.accounts import exporting
from apps.accounts.models import Export
from apps.content import publishing, wording
from apps.content.models import Suggestion
from apps.core import clock, tickets, valkey
from apps.imaging import generation
from apps.imaging.models import Candidate
from apps.media import checking
from tests.factories import (
    make_asset,
    make_channel,
    make_due,
    make_generation,
    make_membership,
    make_organization,
    make_scheduled,
    make_suggestion,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HX-Request": "true"}
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def news(settings) -> Iterator[Callable[[], list[str]]]:
    """`news()`: the topics told since it was last asked."""
    settings.EVENTS_URL = "/events"
    valkey.hurried.cache_clear()
    with redis.Redis.from_url(settings.REDIS_URL, decode_responses=True) as client, client.pubsub() as heard:
        heard.subscribe(tickets.CHANNEL)
        while heard.get_message(timeout=5)["type"] != "subscribe":
            pass

        def told() -> list[str]:
            client.publish(tickets.CHANNEL, "the end")
            return list(iter(lambda: heard.get_message(timeout=5)["data"], "the end"))

        yield told


def test_publishing_tells_the_page_of_the_post_once(news):
    publication = make_due()
    news()
    publishing.publish(publication.pk)
    assert news() == [f"post:{publication.post_id}"]


def test_written_words_tell_their_page(news):
    suggestion = make_suggestion(text="")
    wording.write_suggestion(suggestion.pk)
    wording.write_suggestion(suggestion.pk)
    assert news() == [f"suggestion:{suggestion.pk}"]


def test_words_that_are_given_up_tell_their_page(news):
    suggestion = make_suggestion(text="", tries=3, created_at=clock.now() - LONG_AGO)
    assert wording.forgotten() == []
    assert (Suggestion.objects.get().state, news()) == ("failed", [f"suggestion:{suggestion.pk}"])


def test_each_drawn_picture_tells_its_page(news):
    wish = make_generation(candidates=2)
    for candidate in wish.candidates.in_order():
        generation.draw_candidate(candidate.pk)
    assert news() == [f"generation:{wish.pk}"] * 2


def test_a_picture_that_is_given_up_tells_its_page(news):
    wish = make_generation()
    wish.candidates.update(tries=3, created_at=clock.now() - LONG_AGO)
    assert generation.forgotten() == []
    assert (Candidate.objects.get().state, news()) == ("failed", [f"generation:{wish.pk}"])


def test_a_checked_upload_tells_the_composer(news):
    asset = make_asset(is_checked=False)
    checking.check(asset.pk)
    assert news() == [f"uploads:{asset.workspace_id}"]


def test_a_finished_export_tells_its_person(news, settings, tmp_path):
    settings.EXPORT_ROOT = tmp_path
    user = make_user()
    exporting.make_export(str(Export.objects.create(user=user).pk))
    assert news() == [f"exports:{user.pk}"]


@pytest.fixture
def member(client):
    """Somebody who is logged in, in a workspace of an organization of theirs."""
    user = make_user()
    workspace = make_workspace(organization=make_organization(owner=user))
    client.force_login(user)
    return workspace


@pytest.mark.parametrize(("ahead", "waits"), [(timedelta(minutes=10), True), (timedelta(hours=1), False)])
def test_page_of_a_post_waits_for_it_when_it_is_soon(client, member, ahead, waits):
    channel = make_channel(workspace=member)
    post = make_scheduled(workspace=member, channels=[channel], at=clock.now() + ahead, text="Rye")
    page = client.get(post.get_absolute_url()).content.decode()
    assert (f'data-live="post:{post.pk}" data-live-every="5000"' in page, "<html" in page) == (waits, True)
    part = client.get(post.get_absolute_url(), headers=HTMX).content.decode()
    assert (part.startswith('<div id="post"'), part.count("<h1"), "<html" in part) == (True, 1, False)


def test_page_says_where_to_listen_with_a_ticket_for_its_row_alone(client, member, settings):
    settings.EVENTS_URL = "https://lily.example.com/events"
    suggestion = make_suggestion(workspace=member, text="")
    page = client.get(suggestion.get_absolute_url()).content.decode()
    ticket = page.split('data-live-from="https://lily.example.com/events?ticket=')[1].split('"')[0]
    topics, seconds = tickets.read(ticket)
    assert (topics, 3590 < seconds <= 3600) == ({f"suggestion:{suggestion.pk}"}, True)


def test_a_stranger_gets_no_ticket(client, settings):
    settings.EVENTS_URL = "/events"
    suggestion = make_suggestion(text="")
    client.force_login(make_membership().user)
    answer = client.get(suggestion.get_absolute_url(), headers=HTMX)
    assert (answer.status_code, b"ticket" in answer.content) == (404, False)


def test_list_of_exports_waits_while_one_is_made(client, member):
    user = member.organization.memberships.get().user
    address = reverse("person_export")
    export = Export.objects.create(user=user)
    part = client.get(address, headers=HTMX).content.decode()
    waiting = f'<table class="table" id="exports" hx-get="{address}" hx-swap="outerHTML" data-live="exports:{user.pk}"'
    assert (part.strip().startswith(waiting), "<html" in part) == (True, False)
    Export.objects.filter(pk=export.pk).update(state="failed")
    assert "data-live" not in client.get(address).content.decode()
