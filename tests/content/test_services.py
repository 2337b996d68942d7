from datetime import timedelta
from uuid import uuid4

import pytest

from apps.brand.vault import StyleVault
from apps.content import services
from apps.content.catalog import PostStatus, Status
from apps.content.models import Post
from apps.core import clock
from apps.core.errors import Invalid, LimitReached, WrongState
from apps.plans import entitlements
from apps.plans.catalog import Limit
from tests.factories import (
    make_brand,
    make_channel,
    make_organization,
    make_post,
    make_scheduled,
    make_user,
    make_workspace,
)

pytestmark = pytest.mark.django_db


def used_today(organization) -> int:
    return next(line.used for line in entitlements.usage(organization) if line.limit == Limit.PUBLICATIONS_DAY)


def statuses(post) -> list[str]:
    return [publication.status for publication in post.publications.order_by("pk")]


def test_create_post_with_one_draft_key_twice_makes_one_post():
    channel, key = make_channel(), uuid4()
    first = services.create_post(
        workspace=channel.workspace, author=make_user(), draft_key=key, text="Hello", channels=[channel]
    )
    second = services.create_post(
        workspace=channel.workspace, author=make_user(), draft_key=key, text="Hello again", channels=[channel]
    )
    assert second == first
    assert Post.objects.get().text == "Hello"
    assert statuses(first) == [Status.DRAFT]


def test_save_draft_of_a_stale_tab_is_told_and_changes_nothing():
    post = make_post(text="One")
    services.save_draft(post=post, version=1, text="Two")
    with pytest.raises(WrongState):
        services.save_draft(post=post, version=1, text="Three")
    post.refresh_from_db()
    assert (post.text, post.version) == ("Two", 2)


def test_save_draft_sets_variants_channels_and_leaves_what_is_none():
    post = make_post(text="One")
    other = make_channel(workspace=post.workspace)
    post = services.save_draft(post=post, version=1, variants={"x": "Short"}, channels=[other])
    assert post.text == "One"
    assert post.text_for("x") == "Short"
    assert post.text_for("bluesky") == "One"
    assert [publication.channel for publication in post.publications.all()] == [other]


def test_schedule_post_reserves_on_the_due_day_and_queues_every_channel():
    workspace = make_workspace()
    channels = [make_channel(workspace=workspace), make_channel(workspace=workspace)]
    at = clock.now()
    post = services.schedule_post(post=make_post(channels=channels), at=at)
    assert statuses(post) == [Status.QUEUED, Status.QUEUED]
    assert (post.status, post.due_at) == (PostStatus.SCHEDULED, at)
    assert used_today(workspace.organization) == 2


def test_schedule_post_past_the_plan_changes_nothing():
    workspace = make_workspace(organization=make_organization(plan="free"))
    channel = make_channel(workspace=workspace)
    for _ in range(3):
        services.schedule_post(post=make_post(channels=[channel]), at=clock.now())
    last = make_post(channels=[channel])
    with pytest.raises(LimitReached):
        services.schedule_post(post=last, at=clock.now())
    last.refresh_from_db()
    assert last.status == PostStatus.DRAFT
    assert statuses(last) == [Status.DRAFT]
    assert used_today(workspace.organization) == 3


@pytest.mark.parametrize(
    ("late", "field"),
    [(timedelta(minutes=5), "due_at"), (timedelta(days=-91), "due_at")],
    ids=["past", "beyond the horizon"],
)
def test_schedule_post_at_a_wrong_time_says_so_at_the_field(late, field):
    with pytest.raises(Invalid) as refusal:
        services.schedule_post(post=make_post(), at=clock.now() - late)
    assert list(refusal.value.fields) == [field]


def test_schedule_post_without_words_or_profile_says_both():
    post = make_post(text=" ")
    services.save_draft(post=post, version=1, channels=[])
    with pytest.raises(Invalid) as refusal:
        services.schedule_post(post=post, at=clock.now())
    assert refusal.value.fields == {"channels": ["Choose at least one profile."]}


def test_move_post_moves_what_is_reserved():
    post = make_scheduled(at=clock.now())
    organization = post.workspace.organization
    post = services.move_post(post=post, at=clock.now() + timedelta(days=8))
    assert used_today(organization) == 0
    assert post.publications.get().next_try_at == post.due_at
    services.move_post(post=post, at=clock.now())
    assert used_today(organization) == 1


def test_cancel_post_gives_back_and_can_be_undone():
    post = make_scheduled(at=clock.now() + timedelta(minutes=1))
    organization = post.workspace.organization
    services.cancel_post(post=post)
    post.refresh_from_db()
    assert (post.status, statuses(post), used_today(organization)) == (PostStatus.CANCELLED, [Status.CANCELLED], 0)
    services.uncancel_post(post=post)
    post.refresh_from_db()
    assert (post.status, statuses(post)) == (PostStatus.SCHEDULED, [Status.QUEUED])


def test_uncancel_post_long_after_its_time_is_refused():
    post = make_scheduled(at=clock.now() + timedelta(minutes=1))
    services.cancel_post(post=post)
    Post.objects.update(due_at=clock.now() - timedelta(minutes=11))
    with pytest.raises(WrongState):
        services.uncancel_post(post=post)


def test_unschedule_post_makes_a_draft_that_keeps_its_time():
    post = make_scheduled()
    due_at = post.due_at
    services.unschedule_post(post=post)
    post.refresh_from_db()
    assert (post.status, post.due_at, statuses(post)) == (PostStatus.DRAFT, due_at, [Status.DRAFT])


def test_save_draft_of_a_scheduled_post_must_stay_fit_to_go_out():
    post = make_scheduled()
    with pytest.raises(Invalid):
        services.save_draft(post=post, version=1, text="")
    post = services.save_draft(post=post, version=1, text="Better")
    assert (post.text, statuses(post)) == ("Better", [Status.QUEUED])


def test_a_profile_added_to_a_scheduled_post_is_queued_and_counted_and_one_taken_off_given_back():
    post = make_scheduled(at=clock.now())
    first, second = post.publications.get().channel, make_channel(workspace=post.workspace)
    services.save_draft(post=post, version=1, channels=[first, second])
    assert statuses(post) == [Status.QUEUED, Status.QUEUED]
    assert used_today(post.workspace.organization) == 2
    services.save_draft(post=post, version=2, channels=[second])
    assert [row.channel for row in post.publications.all()] == [second]
    assert used_today(post.workspace.organization) == 1


@pytest.mark.parametrize("status", [Status.SENDING, Status.UNKNOWN])
def test_a_post_under_way_is_neither_edited_cancelled_moved_nor_deleted(status):
    post = make_scheduled()
    post.publications.update(status=status, fence=uuid4(), lease_until=clock.now())
    for service, more in (
        (services.save_draft, {"version": 1, "text": "x"}),
        (services.cancel_post, {}),
        (services.move_post, {"at": clock.now()}),
        (services.delete_post, {}),
        (services.retry_publication, None),
    ):
        with pytest.raises(WrongState):
            if more is None:
                service(publication=post.publications.get())
            else:
                service(post=post, **more)


def test_duplicate_post_is_a_draft_with_the_same_words_and_profiles():
    post = make_scheduled(variants={"x": "Short"})
    copy = services.duplicate_post(post=post, author=None)
    assert (copy.text, copy.text_for("x"), copy.status, copy.due_at) == (post.text, "Short", PostStatus.DRAFT, None)
    assert [row.channel for row in copy.publications.all()] == [row.channel for row in post.publications.all()]


def test_delete_post_gives_back_what_it_reserved():
    post = make_scheduled(at=clock.now())
    organization = post.workspace.organization
    services.delete_post(post=post)
    assert not Post.objects.exists()
    assert used_today(organization) == 0


def test_settle_unknown_by_a_person_commits_or_sends_again():
    for is_there, status in ((True, Status.PUBLISHED), (False, Status.QUEUED)):
        post = make_scheduled()
        post.publications.update(status=Status.UNKNOWN, asks_person=True, started_at=clock.now())
        publication = services.settle_unknown(
            publication=post.publications.get(), is_there=is_there, url="https://example.com/1", actor=make_user()
        )
        assert (publication.status, publication.asks_person) == (status, False)
        with pytest.raises(WrongState):
            services.settle_unknown(publication=publication, is_there=is_there)


def test_retry_of_a_draft_is_refused():
    publication = make_post().publications.get()
    with pytest.raises(WrongState):
        services.retry_publication(publication=publication)


# -- the brand's rules


def blocking(workspace, term: str = "miracle") -> None:
    make_brand(workspace=workspace, avoid=[{"term": term, "mode": "block"}])


@pytest.fixture
def blocked():
    """A draft with words its brand blocks."""
    post = make_post(text="A miracle bread")
    blocking(post.workspace)
    return post


@pytest.mark.parametrize(
    "act",
    [
        lambda post: services.schedule_post(post=post, at=clock.now()),
        lambda post: services.publish_now(post=post),
    ],
)
def test_what_the_brand_blocks_is_not_put_on_the_calendar(blocked, act):
    with pytest.raises(Invalid) as refusal:
        act(blocked)
    assert refusal.value.fields == {"text": ["Your brand avoids “miracle”."]}
    assert (statuses(blocked), used_today(blocked.workspace.organization)) == ([Status.DRAFT], 0)


def test_what_the_brand_blocks_is_not_written_into_a_scheduled_post():
    post = make_scheduled(text="Bread")
    blocking(post.workspace)
    with pytest.raises(Invalid):
        services.save_draft(post=post, version=1, text="A miracle bread")
    assert [row.sent_text for row in post.publications.all()] == ["Bread"]


@pytest.fixture
def scheduled_before_the_rule():
    """Two posts on the calendar; only the words of the first are blocked by a rule that came later."""
    channel = make_channel()
    posts = [make_scheduled(channels=[channel], text=text) for text in ("A miracle bread", "Rye bread")]
    blocking(channel.workspace)
    for post in posts:
        post.refresh_from_db()
    return posts


@pytest.mark.usefixtures("midday")
def test_a_new_rule_takes_what_it_blocks_off_the_calendar_and_asks(scheduled_before_the_rule):
    stopped, other = scheduled_before_the_rule
    row = stopped.publications.get()
    assert (row.status, row.asks_person, row.problem) == (Status.REJECTED, True, "Your brand avoids “miracle”.")
    assert (stopped.status, statuses(other), other.status) == (
        PostStatus.ATTENTION,
        [Status.QUEUED],
        PostStatus.SCHEDULED,
    )
    assert used_today(stopped.workspace.organization) == 1


def test_what_a_rule_took_off_goes_out_once_it_is_written_differently(scheduled_before_the_rule):
    stopped, _other = scheduled_before_the_rule
    with pytest.raises(Invalid):
        services.retry_publication(publication=stopped.publications.get())
    services.save_draft(post=stopped, version=1, text="A good bread")
    services.retry_publication(publication=stopped.publications.get())
    assert (statuses(stopped), stopped.publications.get().sent_text) == ([Status.QUEUED], "A good bread")


@pytest.mark.parametrize("others", [1, 3])
def test_a_new_rule_reads_the_calendar_in_the_same_queries(others, django_assert_num_queries):
    channel = make_channel()
    for _ in range(others):
        make_scheduled(channels=[channel], text="Rye bread")
    with django_assert_num_queries(4):
        services.review_words(workspace=channel.workspace, vault=StyleVault(avoid=[{"term": "miracle"}]))
