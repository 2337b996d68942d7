"""What goes wrong around us: a network that stops or is down, a database that restarts, a queue that is lost."""

from __future__ import annotations

import contextlib
import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections

from apps.content import ledger, publishing, settling, tasks
from apps.content.catalog import Outcome, Status
from apps.content.models import Publication
from apps.content.signals import publication_step
from apps.core import clock, valkey
from apps.social.models import SandboxPost
from apps.social.providers import bluesky as bluesky_provider
from tests.content.networks import OnBluesky, OnSandbox
from tests.content.test_kill_table import Worker, wait_until
from tests.factories import make_channel, make_due, make_organization, make_workspace
from tests.peers.bluesky import Bluesky
from tests.peers.fixtures import require_node

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def tidy():
    yield
    clock.reset()
    valkey.connection().flushdb()


@pytest.fixture(scope="module")
def pds(tmp_path_factory):
    """A PDS of our own, which can be stopped, killed and started again."""
    require_node()
    server = Bluesky(tmp_path_factory.mktemp("pds"), lasting=True)
    yield server
    server.stop()


@pytest.fixture
def on_bluesky(pds, settings) -> OnBluesky:
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *pds.allow]
    settings.BLUESKY_PLC = pds.plc
    return OnBluesky(pds)


def fresh(publication: Publication) -> Publication:
    return Publication.objects.select_related("post", "channel").get(pk=publication.pk)


def test_a_pds_that_stops_in_the_call_leaves_a_doubt_that_looking_settles(on_bluesky, monkeypatch):
    monkeypatch.setattr(bluesky_provider, "SEND_BUDGET", 3.0)  # seconds; a test does not wait for forty
    monkeypatch.setattr(bluesky_provider, "LAST_CALL", 1.0)
    monkeypatch.setattr(bluesky_provider, "CALL", 1.0)
    publication = make_due(channels=[on_bluesky.make_channel()], text="Soup of the day")
    with on_bluesky.hanging():
        publishing.publish(publication.pk)
        assert fresh(publication).status == Status.UNKNOWN
        settling.settle(publication.pk)
        assert fresh(publication).status == Status.UNKNOWN
    clock.move(timedelta(minutes=2))
    settling.settle(publication.pk)
    if fresh(publication).status == Status.QUEUED:  # it had not arrived: sent again, with the same key
        publishing.publish(publication.pk)
    assert (fresh(publication).status, on_bluesky.live()) == (Status.PUBLISHED, ["Soup of the day"])


def test_a_pds_that_is_down_is_tried_again_when_it_is_up(on_bluesky):
    publication = make_due(channels=[on_bluesky.make_channel()], text="Soup of the day")
    on_bluesky.server.process.kill()
    publishing.publish(publication.pk)
    waiting = fresh(publication)
    assert (waiting.status, waiting.tries, waiting.problem_kind) == (Status.QUEUED, 1, Outcome.TRY_LATER)
    assert "We try again in" in ledger.explain(waiting).text
    on_bluesky.server.start()
    clock.move(timedelta(minutes=1))
    publishing.publish(publication.pk)
    assert (fresh(publication).status, on_bluesky.live()) == (Status.PUBLISHED, ["Soup of the day"])


def cut_every_connection() -> None:
    """What a restart of PostgreSQL does to everyone: the backends of this database end, this thread's included."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()")


@pytest.mark.parametrize("point", ["claimed", "recorded", "answered", "before_commit"])
def test_a_database_that_restarts_in_the_middle_leaves_one_post(point):
    publication = make_due()

    def restart(step: str, **_news: object) -> None:
        if step == point:
            publication_step.disconnect(restart)
            other = threading.Thread(target=cut_from_another_connection)
            other.start()
            other.join()

    publication_step.connect(restart)
    with contextlib.suppress(DatabaseError):
        publishing.publish(publication.pk)
    connections.close_all()
    clock.move(timedelta(seconds=61))
    settling.sweep()
    settling.settle(publication.pk)
    publishing.publish(publication.pk)
    assert (fresh(publication).status, SandboxPost.objects.count()) == (Status.PUBLISHED, 1)


def cut_from_another_connection() -> None:
    try:
        cut_every_connection()
    except DatabaseError:
        pass  # our own backend ended too
    finally:
        connection.close()


def test_a_queue_that_is_lost_is_filled_again_and_everything_goes_out_once(tmp_path):
    channels = [make_channel(workspace=make_workspace(organization=make_organization(plan="enterprise")))]
    due = [make_due(channels=channels, text=f"Soup {number}") for number in range(20)]
    tasks.publish_due()
    valkey.connection().flushdb()
    worker = Worker(tmp_path, OnSandbox())
    try:
        tasks.publish_due()
        wait_until(lambda: SandboxPost.objects.count() >= 5, "the worker sends")
        valkey.connection().flushdb()
        tasks.publish_due()
        wait_until(lambda: not Publication.objects.due().exists(), "everything is sent")
        wait_until(lambda: not Publication.objects.exclude(status=Status.PUBLISHED).exists(), "and concluded")
    finally:
        worker.process.stop()
    assert SandboxPost.objects.count() == len(due)
