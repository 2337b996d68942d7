"""Fifty threads at once, each on a connection of its own, against PostgreSQL as it is."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event, Thread
from uuid import uuid4

import pytest
from django.db import connection, transaction

from apps.content import publishing, services
from apps.content.catalog import Status
from apps.content.models import Attempt, Post, Publication
from apps.core import clock
from apps.core.errors import DomainError, LimitReached
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social.models import Channel, SandboxPost
from tests.accounts.programs import Program
from tests.factories import (
    make_brand,
    make_channel,
    make_due,
    make_organization,
    make_post,
    make_scheduled,
    make_workspace,
)

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 50


def at_once(call: Callable[[int], object]) -> list[object]:
    """What fifty simultaneous calls answered, domain errors included."""
    start = Barrier(THREADS)

    def one(number: int) -> object:
        try:
            start.wait(30)
            return call(number)
        except DomainError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_of_fifty_claims_one_wins():
    publication = make_due()
    won = at_once(lambda _n: Publication.objects.claim(publication.pk, lease=publishing.LEASE))
    assert len([claim for claim in won if claim]) == 1


def test_fifty_claims_of_whatever_is_due_take_each_once():
    due = {make_due().pk for _ in range(20)}
    won = at_once(lambda _n: Publication.objects.claim_next(lease=publishing.LEASE))
    assert sorted(claim.pk for claim in won if claim) == sorted(due)
    assert len({claim.fence for claim in won if claim}) == 20


@pytest.mark.parametrize("call", ["PATCH", "DELETE", "schedule", "move", "publish", "cancel"])
def test_if_match_holds_until_the_change_is_made(call):
    """While somebody holds the post and saves it, a program that knows the version before waits and is refused."""
    post = make_scheduled()
    program, due = Program(post.workspace), post.due_at
    method, name = (call, "api_post") if call.isupper() else ("POST", f"api_post_{call}")
    body = {"text": "Theirs", "at": (clock.now() + timedelta(hours=3)).isoformat()}

    def ask() -> int:
        try:
            return program.send(method, name, body, {"If-Match": '"1"'}, pk=post.pk).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.save_draft(post=post, version=1, text="Ours")
            asked = pool.submit(ask)
            while not waiters() and not asked.done():
                time.sleep(0.01)
        assert asked.result(timeout=10) == 412
    post.refresh_from_db()
    assert (post.text, post.version, post.status, post.due_at) == ("Ours", 2, "scheduled", due)


def test_a_claim_passes_by_what_somebody_holds():
    held, free = make_due(), make_due()
    with transaction.atomic():
        Publication.objects.select_for_update().get(pk=held.pk)
        with ThreadPoolExecutor(1) as pool:
            claimed = pool.submit(claim_and_close).result(timeout=10)
    assert claimed.pk == free.pk


def claim_and_close() -> Publication | None:
    try:
        return Publication.objects.claim_next(lease=publishing.LEASE)
    finally:
        connection.close()


def test_fifty_workers_make_one_post_and_one_attempt():
    publication = make_due()
    at_once(lambda _n: publishing.publish(publication.pk))
    assert SandboxPost.objects.count() == 1
    assert Attempt.objects.count() == 1


def test_fifty_schedulings_never_pass_the_day_of_the_plan():
    workspace = make_workspace(organization=make_organization(plan="starter"))
    channel = make_channel(workspace=workspace)
    posts = [make_post(channels=[channel]) for _ in range(THREADS)]
    at = clock.now() + timedelta(hours=1)
    answers = at_once(lambda n: services.schedule_post(post=posts[n], at=at))
    assert len([answer for answer in answers if isinstance(answer, LimitReached)]) == THREADS - 5
    assert Publication.objects.filter(status=Status.QUEUED).count() == 5
    used = {line.limit: line.used for line in entitlements.usage(workspace.organization)}
    assert used[Limit.PUBLICATIONS_DAY] in (0, 5)  # an hour ahead may be tomorrow


def test_fifty_double_submits_make_one_post():
    channel, key = make_channel(), uuid4()
    at_once(
        lambda _n: services.create_post(
            workspace=channel.workspace, author=None, draft_key=key, text="Bread", channels=[channel]
        )
    )
    assert Post.objects.count() == 1
    assert Publication.objects.count() == 1


def test_cancelling_and_sending_at_once_end_in_one_of_the_two():
    posts = [make_scheduled(at=clock.now()) for _ in range(5)]
    keys = [post.publications.get().pk for post in posts]

    def cancel_or_send(number: int) -> object:
        if number % 2:
            return services.cancel_post(post=posts[number % 5])
        return publishing.publish(keys[number % 5])

    at_once(cancel_or_send)
    published = Publication.objects.filter(status=Status.PUBLISHED).count()
    assert SandboxPost.objects.count() == published
    assert Publication.objects.filter(status=Status.CANCELLED).count() == 5 - published


def test_the_publications_of_one_post_finish_at_once_and_leave_its_state_right():
    workspace = make_workspace(organization=make_organization(plan="enterprise"))
    post = make_scheduled(
        channels=[make_channel(workspace=workspace) for _ in range(25)], at=clock.now(), workspace=workspace
    )
    keys = list(post.publications.values_list("pk", flat=True))
    at_once(lambda n: publishing.publish(keys[n % 25]))
    post.refresh_from_db()
    assert (post.status, SandboxPost.objects.count()) == ("published", 25)


def test_a_token_being_refreshed_holds_up_no_one_who_writes_a_post():
    """Refreshing keeps the channel's row locked while the network answers; rows that point at it can still be made."""
    channel = make_channel()
    post = make_post(channels=[], workspace=channel.workspace)
    locked, done = Event(), Event()

    def refresh() -> None:
        with transaction.atomic():
            Channel.objects.locked().get(pk=channel.pk)
            locked.set()
            done.wait(20)
        connection.close()

    thread = Thread(target=refresh)
    thread.start()
    try:
        assert locked.wait(20)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            services.save_draft(post=post, version=1, channels=[channel])
    finally:
        done.set()
        thread.join()
    assert post.publications.count() == 1


def waiters() -> int:
    """How many connections to this database wait for a lock, as it is now and not as this transaction first saw it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def block_and_close(workspace) -> None:
    try:
        make_brand(workspace=workspace, avoid=[{"term": "miracle", "mode": "block"}])
    finally:
        connection.close()


def test_a_new_rule_leaves_words_alone_that_are_being_rewritten():
    post = make_scheduled(text="A miracle bread")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            services.save_draft(post=post, version=1, text="A good bread")
            ruling = pool.submit(block_and_close, post.workspace)
            while not waiters() and not ruling.done():
                time.sleep(0.01)
        ruling.result(timeout=10)
    row = post.publications.get()
    assert (row.status, row.sent_text) == (Status.QUEUED, "A good bread")
