"""Posts as the API lists and shows them."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from apps.content.models import Attempt, Outcome, Post
from apps.core import clock
from tests.accounts.programs import Program
from tests.factories import make_asset, make_channel, make_post, make_scheduled, make_workspace

pytestmark = pytest.mark.django_db

ON_THE_WAY = 3  # queries before the list's own: the key, the workspaces of its member, the plan


@pytest.fixture
def workspace():
    return make_workspace()


@pytest.fixture
def channel(workspace):
    return make_channel(workspace=workspace)


@pytest.fixture
def program(workspace):
    return Program(workspace)


@pytest.mark.parametrize("count", [0, 1, 3, 25])
def test_list_costs_one_query_however_long(program, channel, count, django_assert_num_queries):
    for _ in range(count):
        make_post(channels=[channel], variants={"sandbox": "Shorter"})
    program.get("api_posts")  # notes the key's use
    with django_assert_num_queries(ON_THE_WAY + 1):
        answer = program.get("api_posts")
    assert (answer.status_code, len(answer.json()["rows"])) == (200, count)


def test_post_reads_as_it_was_written(program, workspace, channel):
    asset = make_asset(workspace=workspace)
    at = datetime(2026, 12, 24, 9, 30, tzinfo=UTC)
    post = make_post(channels=[channel], text="Fresh bread", variants={"sandbox": "Bread"}, due_at=at)
    post.pictures.create(asset=asset, position=1, alt_text="A loaf")
    row = program.get("api_posts").json()["rows"][0]
    publication = row.pop("publications")[0]
    assert (row.pop("created_at")[-1], row.pop("updated_at")[-1]) == ("Z", "Z")
    assert row == {
        "id": str(post.pk),
        "text": "Fresh bread",
        "variants": {"sandbox": "Bread"},
        "language": "en",
        "status": "draft",
        "due_at": "2026-12-24T09:30:00Z",
        "pictures": [{"asset": str(asset.pk), "alt_text": "A loaf"}],
        "version": 1,
    }
    wanted = {"channel": str(channel.pk), "network": "sandbox", "handle": channel.handle, "status": "draft", "url": ""}
    assert {name: publication[name] for name in wanted} == wanted


def test_newest_posts_are_read_by_the_index_of_their_workspace(workspace):
    other = make_workspace()
    Post.objects.bulk_create(Post(workspace=workspace if n < 300 else other) for n in range(600))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE content_post")
        cursor.execute("SET LOCAL enable_sort = off")  # so few rows could as well be sorted
        statement, _ = Post.objects.newest_of(workspace.pk)[:26].query.sql_with_params()
        cursor.execute(f"PREPARE newest (uuid) AS {statement % ('$1', '$1')}")
        cursor.execute("EXPLAIN EXECUTE newest (%s)", [workspace.pk])
        plan = "".join(line for (line,) in cursor.fetchall())
        cursor.execute("DEALLOCATE newest")
    assert "Index Scan using post_list on" in plan, plan


def test_pages_follow_each_other_by_key(program, channel):
    posts = [make_post(channels=[channel]) for _ in range(5)]
    first = program.get("api_posts", {"limit": 2}).json()
    second = program.client.get(first["next"]).json()
    last = program.client.get(second["next"]).json()
    seen = [row["id"] for page in (first, second, last) for row in page["rows"]]
    assert (seen, last["next"]) == ([str(post.pk) for post in reversed(posts)], None)


def test_next_page_keeps_the_filter(program, channel):
    for _ in range(3):
        make_post(channels=[channel])
    make_scheduled(channels=[channel])
    page = program.get("api_posts", {"limit": 2, "status": "draft"}).json()
    rest = program.client.get(page["next"]).json()
    assert [row["status"] for row in page["rows"] + rest["rows"]] == ["draft"] * 3


def test_due_range_leaves_its_end_out(program, channel):
    start = clock.now().replace(microsecond=0) + timedelta(days=1)
    posts = [make_scheduled(channels=[channel], at=start + timedelta(hours=hours)) for hours in range(3)]
    rows = program.get("api_posts", {"due_from": posts[0].due_at.isoformat(), "due_to": posts[2].due_at.isoformat()})
    assert [row["id"] for row in rows.json()["rows"]] == [str(posts[1].pk), str(posts[0].pk)]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
        ({"cursor": "x"}, "cursor"),
        ({"status": "x"}, "status"),
        ({"due_from": "soon"}, "due_from"),
    ],
)
def test_what_cannot_be_asked_is_named(program, query, field):
    answer = program.get("api_posts", query)
    assert (answer.status_code, [*answer.json()["fields"]]) == (422, [field])


def test_one_post_shows_every_attempt_and_no_credential(program, channel):
    post = make_scheduled(channels=[channel])
    publication = post.publications.get()
    at = clock.now()
    Attempt.objects.create(
        publication=publication, channel=channel, started_at=at, ended_at=at, outcome=Outcome.TRY_LATER, message="Busy"
    )
    answer = program.get("api_post", pk=post.pk)
    attempt = answer.json()["publications"][0]["attempts"][0]
    assert (attempt["kind"], attempt["outcome"], attempt["message"]) == ("send", "try_later", "Busy")
    assert answer["ETag"] == f'"{post.version}"'
    assert {"credentials", "fence", "remote"} & set(answer.json()["publications"][0]) == set()


def test_post_of_a_neighbour_is_not_found(program):
    assert program.get("api_post", pk=make_post().pk).status_code == 404


@pytest.mark.parametrize("microsecond", [0, 120_000, 123_456])
def test_list_reads_as_a_post_alone_does(program, workspace, channel, microsecond):
    at = datetime(2026, 7, 24, 9, 30, 0, microsecond, tzinfo=UTC)
    asset, words = make_asset(workspace=workspace), '“Brot”\n\t\\u0041 </script> 🥐 "'
    channels = [channel, make_channel(workspace=workspace)]
    post = make_scheduled(channels=channels, text=words, variants={"sandbox": "Über"})
    post.pictures.create(asset=asset, position=1, alt_text="A loaf")
    post.pictures.create(asset=asset, position=2, alt_text="")
    post.publications.filter(channel=channel).update(
        status="published", published_at=at, url="https://live.example/?a=1&b=ü", next_try_at=None
    )
    alone = program.get("api_post", pk=post.pk).json()
    for publication in alone["publications"]:
        del publication["attempts"]
    assert program.get("api_posts").json()["rows"] == [alone]
