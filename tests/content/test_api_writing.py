"""What a program does with posts over the API: the services of the pages, with versions and statuses that say why."""

from datetime import timedelta

import pytest

from apps.accounts.catalog import Permission, Role
from apps.content.models import Post
from apps.core import clock
from apps.core.models import AuditEntry
from tests.accounts.programs import Program
from tests.factories import (
    make_asset,
    make_channel,
    make_due,
    make_membership,
    make_post,
    make_scheduled,
    make_standing,
    make_workspace,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace)


@pytest.fixture
def program(workspace):
    return Program(workspace)


def later(**ahead):
    return (clock.now() + timedelta(**ahead)).replace(microsecond=0)


@pytest.mark.parametrize(
    "body",
    [
        {"text": "a" * 10_001},
        {"variants": {"sandbox": "a" * 10_001}},
        {"pictures": [{"asset": "01a214bb-0000-7000-8000-000000000000", "alt_text": "a" * 2001}]},
    ],
    ids=lambda body: next(iter(body)),
)
def test_more_words_than_any_network_takes_are_refused(program, body):
    answer = program.post("api_posts", body)
    assert (answer.status_code, "no more than" in answer.content.decode()) == (422, True)
    assert not Post.objects.exists()


def test_draft_is_written_whole(program, workspace, channel):
    asset = make_asset(workspace=workspace, alt_text="A loaf")
    at = later(days=2)
    answer = program.post(
        "api_posts",
        {
            "text": "Fresh bread",
            "variants": {"sandbox": "Bread"},
            "channels": [str(channel.pk)],
            "pictures": [{"asset": str(asset.pk)}],
            "due_at": at.isoformat(),
        },
    )
    post = Post.objects.get()
    assert (answer.status_code, answer["ETag"]) == (201, '"1"')
    assert answer["Location"] == f"http://testserver{program.address('api_post', pk=post.pk)}"
    assert (post.author, post.due_at, post.pictures.get().alt_text) == (program.key.membership.user, at, "A loaf")
    assert (answer.json()["status"], answer.json()["variants"]) == ("draft", {"sandbox": "Bread"})


def test_new_post_goes_to_every_profile_that_is_ready_unless_said(program, workspace, channel):
    make_channel(workspace=workspace, is_paused=True)
    everywhere = program.post("api_posts", {"text": "Fresh bread"}).json()
    nowhere = program.post("api_posts", {"text": "Fresh bread", "channels": []}).json()
    assert [row["channel"] for row in everywhere["publications"]] == [str(channel.pk)]
    assert nowhere["publications"] == []


@pytest.mark.parametrize("field", ["channels", "pictures"])
def test_what_belongs_to_somebody_else_is_not_there(program, field):
    foreign = {"channels": lambda: [str(make_channel().pk)], "pictures": lambda: [{"asset": str(make_asset().pk)}]}
    answer = program.post("api_posts", {"text": "x", field: foreign[field]()})
    assert (answer.status_code, [*answer.json()["fields"]], Post.objects.exists()) == (422, [field], False)


@pytest.mark.parametrize(
    "body", [{"variants": {"myspace": "x"}}, {"channels": ["x"]}, {"due_at": "soon"}, {"text": []}]
)
def test_wrong_field_is_named(program, body):
    answer = program.post("api_posts", body)
    assert (answer.status_code, [*answer.json()["fields"]]) == (422, [*body])


def test_body_that_is_no_json_is_unparsable(program):
    answer = program.client.post(program.address("api_posts"), b"{", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "unparsable")


def test_edit_changes_what_is_given_and_nothing_else(program, channel):
    post = make_post(channels=[channel], variants={"sandbox": "Bread"})
    answer = program.send("PATCH", "api_post", {"text": "Rolls"}, pk=post.pk)
    assert (answer.status_code, answer["ETag"]) == (200, '"2"')
    row = answer.json()
    assert (row["text"], row["variants"], len(row["publications"])) == ("Rolls", {"sandbox": "Bread"}, 1)


@pytest.mark.parametrize(("match", "status"), [('"1"', 200), ("*", 200), ('"0", "1"', 200), ('"7"', 412), ("1", 412)])
def test_version_the_caller_knows_is_minded(program, channel, match, status):
    post = make_post(channels=[channel])
    answer = program.send("PATCH", "api_post", {"text": "Rolls"}, {"If-Match": match}, pk=post.pk)
    assert (answer.status_code, Post.objects.get().text == "Rolls") == (status, status == 200)


@pytest.mark.parametrize("call", ["api_post_schedule", "api_post_publish", "api_post_move", "api_post_cancel"])
def test_stale_version_does_nothing(program, channel, call):
    post = make_post(channels=[channel])
    answer = program.post(call, {"at": later(hours=1).isoformat()}, {"If-Match": '"7"'}, pk=post.pk)
    post.refresh_from_db()
    assert (answer.status_code, answer.json()["code"], post.status) == (412, "version_mismatch", "draft")


def test_post_is_scheduled_moved_and_cancelled(program, channel):
    post, at = make_post(channels=[channel]), later(hours=2)
    scheduled = program.post("api_post_schedule", {"at": at.isoformat()}, pk=post.pk).json()
    assert (scheduled["status"], scheduled["due_at"]) == ("scheduled", at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    moved = program.post("api_post_move", {"at": later(hours=3).isoformat()}, pk=post.pk).json()
    assert moved["due_at"] > scheduled["due_at"]
    assert program.post("api_post_cancel", pk=post.pk).json()["status"] == "cancelled"


def test_post_is_sent_at_once(program, channel):
    post = make_post(channels=[channel])
    row = program.post("api_post_publish", pk=post.pk).json()
    assert (row["status"], row["publications"][0]["status"]) == ("scheduled", "queued")


def test_missed_post_is_tried_again(program, channel):
    publication = make_due(channels=[channel])
    publication.miss("Too late.", asks=True)
    publication.save_state()
    row = program.post("api_publication_retry", pk=publication.pk).json()
    assert row["publications"][0]["status"] == "queued"


def test_deleting_leaves_a_record(program, channel):
    post = make_post(channels=[channel])
    answer = program.send("DELETE", "api_post", pk=post.pk)
    assert (answer.status_code, answer.content, Post.objects.exists()) == (204, b"", False)
    assert AuditEntry.objects.get(action="post.deleted").actor == program.key.membership.user


def test_state_that_forbids_it_is_409(program, channel):
    post = make_post(channels=[channel])
    answer = program.post("api_post_cancel", pk=post.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def test_field_the_service_refuses_is_422(program, channel):
    post = make_post(channels=[channel], text="")
    answer = program.post("api_post_schedule", {"at": later(hours=1).isoformat()}, pk=post.pk)
    assert (answer.status_code, answer.json()["code"], [*answer.json()["fields"]]) == (422, "invalid", ["text"])


def test_count_of_the_plan_is_402(program, workspace, channel):
    make_standing(workspace.organization, plan="starter")
    for _ in range(5):
        make_scheduled(channels=[channel], at=clock.now())
    answer = program.post("api_post_publish", pk=make_post(channels=[channel]).pk)
    assert (answer.status_code, answer.json()["limit"], answer.json()["plan"]) == (402, "publications_day", "pro")


def test_member_writes_and_does_not_publish(workspace, channel):
    member = make_membership(organization=workspace.organization, role=Role.MEMBER)
    program = Program(workspace, membership=member)
    post = program.post("api_posts", {"text": "Fresh bread"})
    assert post.status_code == 201
    assert program.post("api_post_publish", pk=post.json()["id"]).status_code == 403


def test_key_that_may_only_write_does_not_publish(workspace, channel):
    program = Program(workspace, scopes=[Permission.CONTENT_WRITE])
    post = make_post(channels=[channel])
    assert program.post("api_post_publish", pk=post.pk).status_code == 403
    assert program.send("DELETE", "api_post", pk=post.pk).status_code == 403
