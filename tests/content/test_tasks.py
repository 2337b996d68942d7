from datetime import timedelta

import pytest

from apps.content import publishing, tasks
from apps.content.catalog import Hold, Status
from apps.content.drafting import draft_of
from apps.content.models import Publication
from apps.content.validation import PictureChoice
from apps.core import clock, valkey
from apps.imaging.generation import make_rendition
from apps.social.models import SandboxPost
from tests.factories import make_asset, make_channel, make_due, make_scheduled, picture_bytes, picture_file

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_queue():
    valkey.connection().flushdb()
    yield
    valkey.connection().flushdb()
    clock.reset()


def queued() -> int:
    return valkey.connection().llen("publish")


def test_publish_due_wakes_a_sender_for_each_post_that_is_due():
    make_due(), make_due(), make_scheduled()
    tasks.publish_due()
    assert queued() == 2


def test_after_a_flush_senders_are_woken_again():
    make_due()
    tasks.publish_due()
    valkey.connection().flushdb()
    tasks.publish_due()
    assert queued() == 1


def test_a_sender_goes_on_until_nothing_is_due():
    due = [make_due() for _ in range(3)]
    tasks.send_due()
    assert SandboxPost.objects.count() == 3
    assert Publication.objects.filter(pk__in=[row.pk for row in due], status=Status.PUBLISHED).count() == 3


def test_a_sender_takes_what_has_waited_longest_first():
    later, first = make_due(text="Later"), make_due(text="First")
    Publication.objects.filter(pk=first.pk).update(next_try_at=later.next_try_at - timedelta(minutes=1))
    tasks.send_due()
    assert list(SandboxPost.objects.order_by("pk").values_list("text", flat=True)) == ["First", "Later"]


def test_a_sender_that_finds_nothing_sends_nothing():
    make_due()
    tasks.send_due()
    tasks.send_due()
    assert SandboxPost.objects.count() == 1


def test_a_sender_does_not_ask_twice_for_what_may_not_go_now():
    publication = make_due(channels=[make_channel(is_paused=True)])
    tasks.send_due()
    publication.refresh_from_db()
    assert (publication.status, publication.hold_reason, publication.attempts.count()) == (
        Status.QUEUED,
        Hold.CHANNEL_PAUSED,
        0,
    )


def test_sweep_leases_enqueues_a_look_for_what_died_in_the_call():
    publication = make_due()
    claimed = Publication.objects.claim(publication.pk, lease=publishing.LEASE)
    publishing._record(claimed)
    clock.move(timedelta(seconds=61))
    tasks.sweep_leases()
    assert queued() == 1
    tasks.settle_one(str(publication.pk))
    assert Publication.objects.get().status == Status.QUEUED  # not there: sent again with its key


def test_prepare_pictures_asks_again_for_what_is_not_ready_for_its_network():
    channel = make_channel(network="bluesky")
    heavy = make_asset(workspace=channel.workspace, file=picture_file(data=picture_bytes(size=(3000, 2000))))
    light = make_asset(workspace=channel.workspace)
    pictures = [PictureChoice(heavy, "Soup"), PictureChoice(light, "Bread")]
    publication = make_due(channels=[channel], pictures=pictures)
    valkey.connection().flushdb()  # the message of scheduling is lost
    tasks.prepare_pictures()
    assert valkey.connection().llen("imaging") == 1
    publishing.publish(publication.pk)
    publication.refresh_from_db()
    assert (publication.status, publication.attempts.count()) == (Status.QUEUED, 0)  # it waits for its picture
    make_rendition(heavy.pk, "bluesky")
    sent = draft_of(Publication.objects.for_sending().get(pk=publication.pk))
    assert [(picture.width <= 2000, len(picture.data) <= 1_000_000, picture.alt) for picture in sent.pictures] == [
        (True, True, "Soup"),
        (True, True, "Bread"),
    ]


def test_review_holds_heals_what_no_signal_told():
    publication = make_scheduled().publications.get()
    Publication.objects.update(held=True, hold_reason=Hold.CHANNEL_PAUSED)
    tasks.review_holds()
    publication.refresh_from_db()
    assert (publication.held, publication.hold_reason) == (False, "")
