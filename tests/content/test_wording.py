"""First versions of the words: what the local writer puts together, what a vendor is told, and what is said of both."""

import json

import pytest
from django.urls import reverse

from apps.brand.vault import Fact, StyleVault
from apps.content import wording
from apps.content.models import Post
from apps.content.writers import local
from apps.content.writers.base import Brief
from apps.core.networks import NETWORKS
from tests.core.conftest import peer, say  # noqa: F401 (a fixture)
from tests.factories import make_brand, make_channel, make_membership, make_workspace

pytestmark = pytest.mark.django_db
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
        (401, "The writer refuses our key."),
    ],
)
def test_a_vendor_that_fails_is_asked_once_and_replaced(vendor, status, note):
    vendor.answer = lambda handler: say(
        handler, b'{"error": {"message": "no"}}', status, Content_Type="application/json"
    )
    words = wording.write_words(workspace=make_workspace(), topic=TOPIC, network="bluesky")
    assert (words.notes, len(vendor.calls)) == ((note,), 1)
    assert words.text.startswith("Rye bread")


def test_the_operators_brake_keeps_the_vendor_out(vendor, settings):
    settings.VENDOR_SPEND_DAY_USD = 0
    words = wording.write_words(workspace=make_workspace(), topic=TOPIC, network="bluesky")
    assert (words.text.startswith("Rye bread"), vendor.calls) == (True, [])


@pytest.fixture
def workspace(client):
    workspace = make_workspace()
    client.force_login(make_membership(organization=workspace.organization).user)
    return workspace


def test_from_a_topic_to_a_draft_in_the_composer(client, workspace):
    channel = make_channel(workspace=workspace)
    address = reverse("words_new", args=[workspace.slug])
    assert client.get(address).status_code == 200
    page = client.post(address, {"topic": TOPIC, "network": channel.network}, headers={"hx-request": "true"})
    assert ("<html" in page.content.decode(), "Written by: Lily" in page.content.decode()) == (False, True)
    given = {"text": "Rye is back.", "draft_key": "0190a0a0-0000-7000-8000-000000000001"}
    answers = [client.post(reverse("words_take", args=[workspace.slug]), given) for _ in range(2)]
    post = Post.objects.get()
    assert (post.text, post.publications.get().channel) == ("Rye is back.", channel)
    assert {answer.url for answer in answers} == {reverse("post_edit", args=[workspace.slug, post.pk])}


def test_no_topic_and_no_words_are_said_beside_the_field(client, workspace):
    empty = client.post(reverse("words_new", args=[workspace.slug]), {})
    taken = client.post(reverse("words_take", args=[workspace.slug]), {"text": " "})
    assert (empty.status_code, taken.status_code, Post.objects.count()) == (422, 422, 0)
