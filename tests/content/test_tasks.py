from datetime import timedelta

import pytest

from apps.content import publishing, tasks
from apps.content.catalog import Hold, Status
from apps.content.models import Publication
from apps.core import clock, valkey
from apps.social.models import SandboxPost
from tests.factories import make_due, make_scheduled

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def empty_queue():
    valkey.connection().flushdb()
    yield
    valkey.connection().flushdb()
    clock.reset()


def queued() -> int:
    return valkey.connection().llen("publish")


def test_publish_due_puts_what_is_due_into_the_queue_once():
    make_due(), make_due(), make_scheduled()
    tasks.publish_due()
    tasks.publish_due()
    assert queued() == 2


def test_after_a_flush_everything_due_is_put_in_again():
    make_due()
    tasks.publish_due()
    valkey.connection().flushdb()
    tasks.publish_due()
    assert queued() == 1


def test_publish_one_twice_publishes_once():
    publication = make_due()
    tasks.publish_one(str(publication.pk))
    tasks.publish_one(str(publication.pk))
    assert SandboxPost.objects.count() == 1


def test_sweep_leases_enqueues_a_look_for_what_died_in_the_call():
    publication = make_due()
    claimed = Publication.objects.claim(publication.pk, lease=publishing.LEASE)
    publishing._record(claimed)
    clock.move(timedelta(seconds=61))
    tasks.sweep_leases()
    assert queued() == 1
    tasks.settle_one(str(publication.pk))
    assert Publication.objects.get().status == Status.QUEUED  # not there: sent again with its key


def test_review_holds_heals_what_no_signal_told():
    publication = make_scheduled().publications.get()
    Publication.objects.update(held=True, hold_reason=Hold.CHANNEL_PAUSED)
    tasks.review_holds()
    publication.refresh_from_db()
    assert (publication.held, publication.hold_reason) == (False, "")
