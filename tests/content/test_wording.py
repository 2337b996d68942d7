"""First versions of the words: what the local writer puts together, what a vendor is told, and what is said of both."""

import json
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse

from apps.brand.vault import Fact, StyleVault
from apps.content import services, tasks, wording
from apps.content.models import WRITING_LEASE, Post, Suggestion
from apps.content.writers import local
from apps.content.writers.base import Brief
from apps.core import clock
from apps.core.errors import WrongState
from apps.core.networks import NETWORKS
from config.celery import app
from tests.core.conftest import peer, say  # noqa: F401 (a fixture)
from tests.factories import (
    make_brand,
    make_channel,
    make_membership,
    make_post,
    make_suggestion,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db
WRITING = (tasks.write_words, tasks.write_forgotten)
INSTEAD = "Lily put these words together instead; have them written again later."
TOPIC = "rye bread is back on Saturdays"


def brief(topic=TOPIC, network="bluesky", facts=(), **vault):
    return Brief(topic, network, "Café Ada", StyleVault(**vault), tuple(Fact(text=text) for text in facts))


def test_the_local_writer_says_topic_fact_closing_and_tags():
    words = local.LocalWriter().write(
        brief(facts=["Rye bread costs 4.50 €", "We close at 18:00"], brand_words=["hand made", "fresh"])
    )
    assert words == (
        "Rye bread is back on Saturdays.\n\nRye bread costs 4.50 €.\n\nCome by and say hello.\n\n#HandMade #Fresh"
    )


@pytest.mark.parametrize("network", sorted(NETWORKS))
@pytest.mark.parametrize("length", [1, 40, 400])
def test_the_local_writer_fits_every_network(network, length):
    wish = brief("bread 🥐 " * length, network, facts=["Bread costs 4 €"], brand_words=["fresh"] * 1)
    assert wish.fits(local.LocalWriter().write(wish))


def test_figures_without_a_source_are_found():
    wish = brief("Cake for 3.50 €", facts=["Open till 18:00"])
    assert wish.unfounded("Cake for 3.50 €, 20 % off till 18:00, 20 %") == ("20",)


def test_without_a_key_lily_writes_and_says_so():
    workspace = make_workspace()
    words = wording.write_words(workspace=workspace, topic=TOPIC, network="bluesky")
    assert str(words.writer) == "Lily's own words, from your topic and your facts"
    assert words.text.startswith("Rye bread is back on Saturdays.")
    assert words.notes == ()


def completion(handler, text):
    message = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
    body = {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [message]}
    say(handler, json.dumps(body).encode(), Content_Type="application/json")


@pytest.fixture
def vendor(peer, settings):  # noqa: F811
    settings.OPENAI_API_KEY, settings.OPENAI_BASE_URL = "sk-test", f"{peer.url}/v1"
    return peer


def test_a_vendor_writes_within_the_brands_rules(vendor):
    vendor.answer = lambda handler: completion(handler, "Cheap rye bread, 20 % off. Blood orange cake too.")
    workspace = make_workspace()
    make_brand(
        workspace=workspace,
        avoid=[
            {"term": "cheap", "mode": "replace", "instead": "fair"},
            {"term": "blood", "mode": "block"},
        ],
    )
    words = wording.write_words(workspace=workspace, topic=TOPIC, network="bluesky")
    assert words.text == "Fair rye bread, 20 % off. Blood orange cake too."
    assert words.notes == ("Your brand avoids “Blood”.", "“20” is in none of your facts. Check it.")
    assert [(method, path) for method, path, _headers in vendor.calls] == [("POST", "/v1/chat/completions")]


@pytest.mark.parametrize(
    ("status", "note"),
    [
        (429, "The writer is busy."),
        (400, "The writer does not write about this. Put it in other words."),
        (500, "The writer does not answer."),
        (401, "The writer is not set up rightly here. Tell whoever runs this Lily."),
    ],
)
def test_a_vendor_that_fails_is_asked_once_and_replaced(vendor, status, note):
    vendor.answer = lambda handler: say(
        handler, b'{"error": {"message": "no"}}', status, Content_Type="application/json"
    )
    words = wording.write_words(workspace=make_workspace(), topic=TOPIC, network="bluesky")
    assert (words.notes, len(vendor.calls)) == ((f"{note} {INSTEAD}",), 1)
    assert words.text.startswith("Rye bread")


def test_the_operators_brake_keeps_the_vendor_out(vendor, settings):
    settings.VENDOR_SPEND_DAY_USD = 0
    words = wording.write_words(workspace=make_workspace(), topic=TOPIC, network="bluesky")
    assert (words.text.startswith("Rye bread"), vendor.calls) == (True, [])


# -- written in the background


def again(suggestion: Suggestion) -> Suggestion:
    return Suggestion.objects.get(pk=suggestion.pk)


def test_asked_for_twice_is_written_once(vendor, django_capture_on_commit_callbacks):
    vendor.answer = lambda handler: completion(handler, "Rye is back.")
    asked = {"workspace": make_workspace(), "user": make_user(), "topic": TOPIC, "network": "bluesky"}
    key = uuid4()
    with django_capture_on_commit_callbacks() as committed:
        wanted = [services.request_words(**asked, request_key=key) for _ in range(2)]
    assert (wanted[0], len(committed)) == (wanted[1], 1)
    assert [wording.write_suggestion(wanted[0].pk) for _ in range(2)] == [True, False]
    done = again(wanted[0])
    assert (done.state, done.text, done.writer, len(vendor.calls)) == (
        "written",
        "Rye is back.",
        "a language model, told about your brand",
        1,
    )


def test_a_vendor_that_fails_leaves_lilys_words_and_says_why(vendor):
    vendor.answer = lambda handler: say(handler, b"{}", 503, Content_Type="application/json")
    suggestion = make_suggestion(text="", topic=TOPIC)
    tasks.write_words(str(suggestion.pk))
    done = again(suggestion)
    assert (done.writer, done.notes) == (
        "Lily's own words, from your topic and your facts",
        [f"The writer does not answer. {INSTEAD}"],
    )


def test_a_killed_worker_is_found_and_given_up_after_three_times():
    suggestion = make_suggestion(text="")
    for tries in (1, 2, 3):
        assert Suggestion.objects.claim(suggestion.pk).tries == tries
        assert wording.forgotten() == []
        Suggestion.objects.update(lease_until=clock.now())
        assert wording.forgotten() == ([suggestion.pk] if tries < 3 else [])
    done = again(suggestion)
    assert (done.state, done.problem) == (
        "failed",
        "This could not be written. Ask for it again, or write it yourself.",
    )


def test_a_lost_message_is_found():
    waiting = make_suggestion(text="", created_at=clock.now() - WRITING_LEASE - timedelta(seconds=1))
    make_suggestion(text="")
    make_suggestion(created_at=clock.now() - WRITING_LEASE * 2)
    assert wording.forgotten() == [waiting.pk]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_comes_back_late_writes_over_nothing(vendor):
    suggestion = make_suggestion(text="")

    def slow(handler):
        Suggestion.objects.update(lease_until=clock.now())
        Suggestion.objects.claim(suggestion.pk)
        connection.close()
        completion(handler, "Too late.")

    vendor.answer = slow
    assert wording.write_suggestion(suggestion.pk) is False
    assert (again(suggestion).state, again(suggestion).text) == ("writing", "")


@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_writes():
    suggestion = make_suggestion(text="")
    won, together = [], threading.Barrier(8)

    def write() -> None:
        together.wait()
        won.append(Suggestion.objects.claim(suggestion.pk) is not None)
        connection.close()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(won) == 1


def test_a_slow_writer_keeps_no_post_waiting():
    queues = {task.name: app.amqp.router.route({}, task.name)["queue"].name for task in WRITING}
    assert set(queues.values()) == {"default"}


def test_words_that_are_not_written_cannot_be_taken():
    with pytest.raises(WrongState):
        services.take_words(suggestion=make_suggestion(text=""), author=make_user(), text="x", draft_key=uuid4())


# -- the pages

HTMX = {"hx-request": "true"}


@pytest.fixture
def workspace(client):
    workspace = make_workspace()
    client.force_login(make_membership(organization=workspace.organization).user)
    return workspace


def test_from_a_topic_to_a_draft_in_the_composer(client, workspace):
    channel = make_channel(workspace=workspace)
    asked = {"topic": TOPIC, "network": channel.network, "request_key": str(uuid4())}
    pages = {client.post(reverse("words_new", args=[workspace.slug]), asked).url for _ in range(2)}
    suggestion = Suggestion.objects.get()
    assert pages == {suggestion.get_absolute_url()}
    wording.write_suggestion(suggestion.pk)
    page = client.get(suggestion.get_absolute_url()).content.decode()
    assert ("Rye bread is back on Saturdays." in page, "Written by: Lily" in page) == (True, True)
    given = {"text": "Rye is back.", "draft_key": str(uuid4())}
    take = reverse("words_take", args=[workspace.slug, suggestion.pk])
    answers = {client.post(take, given).url for _ in range(2)}
    post = Post.objects.get()
    assert (post.text, post.publications.get().channel, again(suggestion).post) == ("Rye is back.", channel, post)
    assert answers == {reverse("post_edit", args=[workspace.slug, post.pk])}


def test_the_page_asks_again_until_the_words_are_there(client, workspace):
    suggestion = make_suggestion(workspace=workspace, text="")
    address = suggestion.get_absolute_url()
    page = client.get(address).content.decode()
    asking = f'hx-get="{address}" hx-swap="outerHTML" data-live="suggestion:{suggestion.pk}" data-live-every="900"'
    assert (asking in page, 'http-equiv="refresh"' in page) == (True, True)
    assert client.get(address, headers=HTMX).status_code == 204
    wording.write_suggestion(suggestion.pk)
    part = client.get(address, headers=HTMX).content.decode()
    assert [word in part for word in ("<html", "hx-trigger", "Rye bread is back")] == [False, False, True]


def test_what_failed_says_so_and_can_be_asked_for_again(client, workspace):
    suggestion = make_suggestion(workspace=workspace, text="", state="failed", problem="It did not work.")
    page = client.get(suggestion.get_absolute_url()).content.decode()
    assert ("It did not work." in page, page.count("Write it again"), "Use these words" in page) == (True, 1, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_words_written_before_are_found_again_until_they_are_used(client, workspace, django_assert_num_queries, rows):
    for number in range(rows):
        make_suggestion(workspace=workspace, topic=f"Topic {number}")
    make_suggestion(workspace=workspace, topic="A used one", post=make_post(workspace=workspace))
    make_suggestion(topic="Another brand's")
    address = reverse("words_new", args=[workspace.slug])
    client.get(address)
    with django_assert_num_queries(7):
        page = client.get(address).content.decode()
    assert [f"Topic {number}" in page for number in range(3)] == [number < rows for number in range(3)]
    assert ("A used one" in page, "Another brand's" in page) == (False, False)


def test_no_topic_and_no_words_are_said_beside_the_field(client, workspace):
    suggestion = make_suggestion(workspace=workspace)
    empty = client.post(reverse("words_new", args=[workspace.slug]), {})
    taken = client.post(reverse("words_take", args=[workspace.slug, suggestion.pk]), {"text": " "})
    assert (empty.status_code, taken.status_code, Post.objects.count()) == (422, 422, 0)
