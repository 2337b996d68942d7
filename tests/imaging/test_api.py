"""A program has pictures made: it asks, looks, takes one and downloads it, by the services of the pages."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
import time_machine
from django.urls import resolve, reverse
from PIL import Image

from apps.accounts.catalog import Permission
from apps.core import clock
from apps.imaging import generation as work
from apps.imaging.catalog import MODELS
from apps.imaging.contract import PictureText
from apps.imaging.models import Candidate, Generation
from apps.plans.catalog import Limit
from apps.plans.models import Usage
from tests.accounts.programs import Program
from tests.factories import make_brand, make_candidate, make_generation, make_standing, make_workspace

pytestmark = pytest.mark.django_db

OFFER = {
    "kind": "offer",
    "figure": "2 for 1",
    "headline": "on every roll",
    "network": "bluesky",
    "look": "bold",
    "n": 2,
}


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def program(workspace):
    return Program(workspace)


def size_of(answer):
    return Image.open(BytesIO(b"".join(answer.streaming_content))).size


def test_wish_is_taken_and_says_where_it_can_be_read(program):
    answer = program.post("api_images", OFFER)
    wish, row = Generation.objects.get(), answer.json()
    assert (answer.status_code, row["state"], [c["state"] for c in row["candidates"]]) == (
        202,
        "drawing",
        ["waiting"] * 2,
    )
    assert answer["Location"] == f"http://testserver{program.address('api_image', pk=wish.pk)}"
    assert wish.wish.text == PictureText(kind="offer", figure="2 for 1", headline="on every roll")
    assert (wish.wish.visual_style, wish.wish.placement, wish.requested_by) == (
        "bold",
        "landscape",
        program.key.membership.user,
    )


def test_from_the_wish_to_the_file(program, client):
    """Small until it is taken, whole afterwards; the addresses open without a key."""
    made = program.post("api_images", OFFER | {"n": 1}).json()
    assert made["candidates"][0]["preview_url"] == ""
    work.draw_candidate(made["candidates"][0]["id"])
    row = program.get("api_image", pk=made["id"]).json()
    (candidate,) = row["candidates"]
    assert (row["state"], row["best"], candidate["total"] > 0) == ("drawn", candidate["id"], True)
    preview = client.get(candidate["preview_url"])
    assert (preview["Content-Type"], max(size_of(preview)) <= 512) == ("image/webp", True)

    taken = program.post("api_candidate_take", pk=candidate["id"]).json()
    assert size_of(client.get(taken["file_url"])) == (candidate["width"], candidate["height"])
    assert program.get("api_image", pk=made["id"]).json()["candidates"][0]["asset"] == taken["id"]


def test_wish_of_which_nothing_came_says_so(program, workspace):
    made = make_generation(workspace=workspace)
    made.candidates.update(state="failed", problem="It could not be drawn.")
    row = program.get("api_image", pk=made.pk).json()
    assert (row["state"], row["candidates"][0]["problem"]) == ("failed", "It could not be drawn.")


def test_sent_twice_is_one_wish(program):
    key = {"Idempotency-Key": "order-7"}
    answers = [program.post("api_images", OFFER, key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert {answer.json()["id"] for answer in answers} == {str(Generation.objects.get().pk)}
    assert answers[0]["Location"] == answers[1]["Location"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "headline"),
        ({"headline": "x" * 221}, "headline"),
        ({"headline": "Rolls", "placement": "poster"}, "placement"),
        ({"headline": "Rolls", "network": "bluesky", "placement": "story"}, "placement"),
        ({"headline": "Rolls", "network": "myspace"}, "network"),
        ({"headline": "Rolls", "look": "ugly"}, "look"),
        ({"headline": "Rolls", "quality": "best"}, "quality"),
        ({"headline": "Rolls", "model": "dall-e-3"}, "model"),
        ({"headline": "Rolls", "n": 5}, "n"),
        ({"headline": "A miracle"}, "headline"),
        ({"brief": "A miracle"}, "brief"),
        ({"headline": "Fresh rolls", "kicker": "Today " * 10}, "kicker"),
    ],
)
def test_what_cannot_be_drawn_is_refused_at_its_field(program, workspace, body, field):
    rules = [{"term": "miracle", "mode": "block"}, {"term": "today", "mode": "replace", "instead": "this very day"}]
    make_brand(workspace=workspace, avoid=rules)
    answer = program.post("api_images", body)
    assert (answer.status_code, [*answer.json()["fields"]], Generation.objects.exists()) == (422, [field], False)


def test_quality_above_the_plan_is_403_and_none_said_is_the_best_there_is(workspace, program):
    make_standing(workspace.organization, plan="starter")
    refused = program.post("api_images", OFFER | {"quality": "premium"})
    assert (refused.status_code, refused.json()["code"]) == (403, "feature_not_in_plan")
    program.post("api_images", OFFER)
    assert Generation.objects.get().wish.quality == "standard"


def test_drafts_of_the_day_are_402(workspace, program):
    program.post("api_images", OFFER)
    Usage.objects.filter(limit=Limit.GENERATIONS_DAY).update(used=100_000)
    answer = program.post("api_images", OFFER)
    assert (answer.status_code, answer.json()["limit"], Generation.objects.count()) == (402, "generations_day", 1)


def test_what_is_not_drawn_cannot_be_taken(workspace, program):
    answer = program.post("api_candidate_take", pk=make_candidate(workspace=workspace, drawn=False).pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_key_that_may_only_look_asks_for_nothing(workspace):
    answer = Program(workspace, scopes=[Permission.WORKSPACE_VIEW]).post("api_images", OFFER)
    assert (answer.status_code, Generation.objects.exists()) == (403, False)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_a_wish_costs_the_same_however_many_were_drawn(program, workspace, count, django_assert_num_queries):
    made = make_generation(workspace=workspace, candidates=0)
    for index in range(count):
        make_candidate(generation=made, index=index)
    program.get("api_image", pk=made.pk)
    with django_assert_num_queries(5):
        assert len(program.get("api_image", pk=made.pk).json()["candidates"]) == count


def test_signed_address_opens_one_candidate_for_hours(workspace, client):
    candidate, other = make_candidate(workspace=workspace), make_candidate(workspace=workspace)
    path = candidate.get_signed_url()
    parts = resolve(path).kwargs
    assert size_of(client.get(path)) == (512, 512)
    for bent in ({"pk": other.pk}, {"expires": parts["expires"] + 1}, {"signature": "0" * 32}):
        assert client.get(reverse("candidate_file", kwargs={**parts, **bent})).status_code == 404
    assert client.post(path).status_code == 404
    with time_machine.travel(clock.now() + timedelta(hours=25)):
        assert client.get(path).status_code == 404
    Candidate.objects.filter(pk=candidate.pk).delete()
    assert client.get(path).status_code == 404


def test_signed_address_of_a_candidate_opens_no_picture_of_the_library(workspace, client):
    parts = resolve(make_candidate(workspace=workspace).get_signed_url()).kwargs
    address = reverse("asset_file", kwargs={"variant": "candidate", "asset": parts.pop("pk"), **parts})
    assert client.get(address).status_code == 404


def test_picture_of_a_model_that_costs_is_counted_when_taken_and_only_then(workspace, program, monkeypatch):
    monkeypatch.setitem(
        MODELS, "canvas", replace(MODELS["canvas"], cents={"standard": 4})
    )  # no such model is built yet
    make_standing(workspace.organization, plan="starter")
    one, other = (make_candidate(workspace=workspace) for _ in range(2))
    month = Usage.objects.filter(limit=Limit.IMAGES_MONTH)
    assert [program.post("api_candidate_take", pk=one.pk).status_code for _ in range(2)] == [200, 200]
    assert month.get().used == 1
    month.update(used=10)
    refused = program.post("api_candidate_take", pk=other.pk)
    assert (refused.status_code, refused.json()["limit"], refused.json()["plan"]) == (402, "images_month", "pro")
