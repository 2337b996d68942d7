"""A request that is sent twice has its effect once: over the API as programs use it, and under fifty at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from apps.accounts import deleting
from apps.content.models import Post
from apps.core import clock
from apps.core.models import ANSWER_PATIENCE, ANSWERS_KEPT, StoredAnswer
from apps.media.models import Asset
from tests.accounts.programs import Program
from tests.factories import make_channel, make_workspace, picture_bytes

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "order-4711"}
WORDS = {"text": "Fresh bread", "channels": []}


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def program(workspace):
    return Program(workspace)


def test_same_request_again_is_answered_the_same(program):
    first = program.post("api_posts", WORDS, KEY)
    again = program.post("api_posts", dict(reversed(WORDS.items())), KEY)
    assert (first.status_code, again.status_code, Post.objects.count()) == (201, 201, 1)
    assert (first.json(), first["ETag"], first["Location"]) == (again.json(), again["ETag"], again["Location"])


def test_without_a_key_twice_is_twice(program):
    program.post("api_posts", WORDS)
    program.post("api_posts", WORDS)
    assert Post.objects.count() == 2


def test_same_key_with_another_body_is_refused(program):
    program.post("api_posts", WORDS, KEY)
    answer = program.post("api_posts", {"text": "Stale bread"}, KEY)
    assert (answer.status_code, answer.json()["code"], Post.objects.count()) == (422, "idempotency_key_reused", 1)


def test_key_counts_for_one_caller_and_one_address(workspace, program):
    first = program.post("api_posts", WORDS, KEY).json()["id"]
    other = Program(workspace).post("api_posts", WORDS, KEY).json()["id"]
    cancelled = program.post("api_post_cancel", None, KEY, pk=first)
    assert (first != other, cancelled.status_code) == (True, 409)


def test_refusal_is_not_kept(program):
    refused = program.post("api_posts", {"language": "x" * 40}, KEY)
    answer = program.post("api_posts", WORDS, KEY)
    assert (refused.status_code, answer.status_code) == (422, 201)


def test_request_in_flight_is_not_begun_again(workspace, program):
    program.post("api_posts", WORDS, KEY)
    StoredAnswer.objects.update(status=None)
    answer = program.post("api_posts", WORDS, KEY)
    assert (answer.status_code, answer.json()["code"], Post.objects.count()) == (409, "request_in_flight", 1)


def test_request_whose_process_died_may_be_made_again(program):
    program.post("api_posts", WORDS, KEY)
    StoredAnswer.objects.update(status=None, created_at=clock.now() - ANSWER_PATIENCE)
    assert program.post("api_posts", WORDS, KEY).status_code == 201
    assert StoredAnswer.objects.get().status == 201


def test_answer_is_kept_for_a_day(program):
    program.post("api_posts", WORDS, KEY)
    StoredAnswer.objects.update(created_at=clock.now() - ANSWERS_KEPT + timedelta(minutes=1))
    deleting.clear_expired()
    assert StoredAnswer.objects.count() == 1
    StoredAnswer.objects.update(created_at=clock.now() - ANSWERS_KEPT)
    deleting.clear_expired()
    assert StoredAnswer.objects.count() == 0


@pytest.mark.parametrize("key", ["", "x" * 256])
def test_unusable_key_is_named(program, key):
    answer = program.post("api_posts", WORDS, {"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_unusable")


def test_upload_is_recognised_by_what_is_in_it(program):
    def send(data: bytes):
        file = SimpleUploadedFile("bread.jpg", data, "image/jpeg")
        return program.client.post(program.address("api_media"), {"file": file, "alt_text": "A loaf"}, headers=KEY)

    data, other = picture_bytes(size=(40, 30)), picture_bytes(size=(50, 30))
    assert [send(data).status_code, send(data).status_code, send(other).status_code] == [201, 201, 422]
    assert Asset.objects.get().alt_text == "A loaf"


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_one_is_done(workspace):
    make_channel(workspace=workspace)
    program, start = Program(workspace), Barrier(50)

    def one(_number: int) -> int:
        try:
            start.wait()
            return program.post("api_posts", WORDS, KEY).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        statuses = list(pool.map(one, range(50)))
    assert (Post.objects.count(), set(statuses) - {201, 409}) == (1, set())
