from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine

from apps.content import pacing, publishing
from apps.content.catalog import AttemptKind, Status
from apps.content.models import Attempt, Bucket, Circuit, Publication
from apps.core import clock
from apps.social.providers.sandbox import Fault
from tests.factories import make_channel, make_due, make_fault

pytestmark = pytest.mark.django_db


@pytest.fixture
def moving_clock():
    """The clock stands still, and moves only as far as a test says."""
    with time_machine.travel("2026-11-22T09:00:00Z", tick=False):
        yield clock.move
        clock.reset()


def check_the_bucket(move) -> None:
    organization = uuid4()
    assert [pacing.take_token(organization, "x") for _ in range(60)] == [timedelta()] * 60
    wait = pacing.take_token(organization, "x")
    assert timedelta() < wait <= timedelta(seconds=1)
    assert pacing.take_token(organization, "bluesky") == timedelta()
    assert pacing.take_token(uuid4(), "x") == timedelta()
    move(timedelta(seconds=2.5))
    waits = [pacing.take_token(organization, "x") for _ in range(3)]
    assert waits[:2] == [timedelta()] * 2
    assert waits[2] > timedelta()


def test_sixty_go_at_once_and_then_one_a_second(moving_clock):
    check_the_bucket(moving_clock)
    assert not Bucket.objects.exists()


def test_without_valkey_the_database_keeps_the_same_pace(moving_clock, dead_valkey):
    check_the_bucket(moving_clock)
    assert Bucket.objects.count() == 3


def test_without_valkey_publishing_goes_on(dead_valkey):
    publication = make_due()
    publishing.publish(publication.pk)
    assert Publication.objects.get().status == Status.PUBLISHED


def test_what_waits_for_a_token_is_put_back_and_is_no_try(settings):
    settings.PUBLISH_PACE_CALLS = 1
    channel = make_channel()
    first, second = make_due(channels=[channel]), make_due(channels=[channel])
    publishing.publish(first.pk)
    publishing.publish(second.pk)
    second.refresh_from_db()
    assert (second.status, second.tries, second.attempts.count()) == (Status.QUEUED, 0, 0)
    assert timedelta(seconds=50) < second.next_try_at - clock.now() <= timedelta(seconds=60)


def test_a_networks_quota_is_kept_per_channel(monkeypatch, moving_clock):
    monkeypatch.setitem(pacing.QUOTAS, "sandbox", ((3, timedelta(minutes=15)),))
    channel = make_channel()
    publication = make_due(channels=[channel])
    for _ in range(2):
        Attempt.objects.create(publication=publication, channel=channel)
    Attempt.objects.create(publication=publication, channel=channel, kind=AttemptKind.LOOK)
    assert pacing.wait_for_quota(channel) == timedelta()
    moving_clock(timedelta(minutes=5))
    Attempt.objects.create(publication=publication, channel=channel)
    wait = pacing.wait_for_quota(channel)
    assert timedelta(minutes=9, seconds=55) < wait <= timedelta(minutes=10)
    assert pacing.wait_for_quota(make_channel(workspace=channel.workspace)) == timedelta()


def test_five_failures_open_the_circuit_and_one_probe_closes_it(moving_clock):
    channel = make_channel()
    for _ in range(pacing.CIRCUIT_FAILURES):
        assert pacing.wait_for_circuit(channel) == timedelta()
        pacing.note_failure(channel)
    assert timedelta(seconds=118) < pacing.wait_for_circuit(channel) <= timedelta(seconds=120)
    moving_clock(timedelta(seconds=121))
    assert pacing.wait_for_circuit(channel) == timedelta()  # the probe
    assert pacing.wait_for_circuit(channel) > timedelta(seconds=55)  # everyone else
    pacing.note_failure(channel)
    assert pacing.wait_for_circuit(channel) > timedelta(seconds=118)
    moving_clock(timedelta(seconds=121))
    pacing.wait_for_circuit(channel)
    pacing.note_answer(channel)
    assert (pacing.wait_for_circuit(channel), Circuit.objects.get().failures) == (timedelta(), 0)


def test_a_server_that_hangs_opens_its_own_circuit_and_nobody_elses():
    channel, other = make_channel(server="https://one.test"), make_channel(server="https://two.test")
    make_fault(channel, Fault.HANG, seconds=0, times=99)
    for _ in range(pacing.CIRCUIT_FAILURES):
        publishing.publish(make_due(channels=[channel]).pk)
    publication = make_due(channels=[channel])
    publishing.publish(publication.pk)
    publication.refresh_from_db()
    assert (publication.status, publication.attempts.count()) == (Status.QUEUED, 0)
    fine = make_due(channels=[other])
    publishing.publish(fine.pk)
    fine.refresh_from_db()
    assert fine.status == Status.PUBLISHED
