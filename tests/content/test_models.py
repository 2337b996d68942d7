from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from apps.content.catalog import TRANSITIONS, PostStatus, Status, derive_post_status
from apps.content.models import Post, Publication
from apps.core import clock
from apps.core.errors import WrongState
from tests.factories import make_post, make_scheduled, make_workspace

pytestmark = pytest.mark.django_db


def test_every_state_has_its_way_on_stated():
    assert set(TRANSITIONS) == set(Status)
    assert {after for ways in TRANSITIONS.values() for after in ways} == set(Status)
    assert TRANSITIONS[Status.PUBLISHED] == frozenset()


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.SENDING, Status.UNKNOWN])
def test_what_is_or_may_be_live_is_not_queued_cancelled_or_drafted_by_its_verbs(status):
    publication = make_scheduled().publications.get()
    publication.status = status
    for verb in (publication.plan_draft, publication.cancel) if status == Status.UNKNOWN else ():
        if Status.CANCELLED in TRANSITIONS[status] and verb == publication.cancel:
            continue
        with pytest.raises(WrongState):
            verb()
    if status == Status.PUBLISHED:
        with pytest.raises(WrongState):
            publication.queue(clock.now())


@pytest.mark.parametrize(
    ("publications", "expected"),
    [
        ([], PostStatus.DRAFT),
        ([(Status.DRAFT, False)], PostStatus.DRAFT),
        ([(Status.PUBLISHED, False), (Status.QUEUED, False)], PostStatus.SCHEDULED),
        ([(Status.PUBLISHED, False), (Status.UNKNOWN, False)], PostStatus.SCHEDULED),
        ([(Status.PUBLISHED, False), (Status.REJECTED, True)], PostStatus.ATTENTION),
        ([(Status.PUBLISHED, False), (Status.CANCELLED, False)], PostStatus.PUBLISHED),
        ([(Status.MISSED, False), (Status.CANCELLED, False)], PostStatus.MISSED),
        ([(Status.CANCELLED, False)], PostStatus.CANCELLED),
    ],
)
def test_a_posts_state_follows_from_its_publications(publications, expected):
    assert derive_post_status(publications) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "lost"},
        {"status": Status.SENDING, "fence": None},
        {"status": Status.PUBLISHED, "published_at": None},
        {"status": Status.QUEUED, "next_try_at": None},
        {"held": True, "hold_reason": ""},
        {"held": False, "hold_reason": "locked"},
    ],
)
def test_the_database_refuses_a_publication_that_contradicts_itself(wrong):
    publication = make_scheduled().publications.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Publication.objects.filter(pk=publication.pk).update(**wrong)


def test_a_draft_key_is_the_workspaces_own():
    key, one, other = uuid4(), make_workspace(), make_workspace()
    Post.objects.create(workspace=one, draft_key=key)
    Post.objects.create(workspace=other, draft_key=key)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(workspace=one, draft_key=key)


def test_newest_first_goes_on_before_a_key():
    workspace = make_workspace()
    posts = [make_post(workspace=workspace) for _ in range(3)]
    assert list(Post.objects.newest_first().before(posts[2].pk)) == [posts[1], posts[0]]
