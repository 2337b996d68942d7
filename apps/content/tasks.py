"""Publishing and writing by Celery: ids only, safe to run twice.

The database is the calendar; the queue may be lost any time.
"""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import UUID

from celery import shared_task

from apps.content import drafting, holding, publishing, settling, telling, wording
from apps.content.models import Publication
from apps.imaging.tasks import make_rendition

BATCH = 500
SENDERS = 32  # woken by one sweep at most; one that finds nothing due costs a query
TURN = 10  # seconds a sender goes on; its process then serves whoever else waits
PREPARED_AHEAD = timedelta(hours=1)


@shared_task(ignore_result=True)
def publish_due() -> None:
    """Every second or two: wake as many senders as there are posts due."""
    for _pk in Publication.objects.due().values_list("pk", flat=True)[:SENDERS]:
        send_due.apply_async(expires=TURN)


@shared_task(ignore_result=True)
def send_due() -> None:
    """Send what is due, one after the other, until nothing is left or the turn is over."""
    until = time.monotonic() + TURN
    while publishing.publish_next() and time.monotonic() < until:
        pass


@shared_task(ignore_result=True)
def sweep_leases() -> None:
    """Every ten seconds: claims of workers that died, and what is to be looked for."""
    settling.sweep()
    for pk in Publication.objects.to_look_for().values_list("pk", flat=True)[:BATCH]:
        settle_one.delay(str(pk))


@shared_task(ignore_result=True)
def settle_one(pk: str) -> None:
    settling.settle(UUID(pk))


@shared_task(ignore_result=True)
def review_holds() -> None:
    """Every minute: a brake let go, a plan changed, a profile connected again, whose news did not reach us."""
    for channel in holding.channels_to_review():
        for publication in holding.review(channel):
            settling.catch_up(publication.pk)


@shared_task(ignore_result=True)
def prepare_pictures() -> None:
    """Every minute: pictures of posts due within the hour that are not ready for their network yet, asked for again."""
    for asset_id, network in drafting.missing_renditions(Publication.objects.due_within(PREPARED_AHEAD)):
        make_rendition.delay(str(asset_id), network)


@shared_task(ignore_result=True)
def tell_authors() -> None:
    """Every half minute: one notice to each author whose posts need them."""
    telling.tell_authors()


@shared_task(ignore_result=True, time_limit=50, soft_time_limit=45)
def write_words(pk: str) -> None:
    """Write a first version of words. Safe to run twice: its row is claimed."""
    wording.write_suggestion(UUID(pk))


@shared_task(ignore_result=True)
def write_forgotten() -> None:
    """Every half minute: what was asked for and never came, because the message or its worker got lost."""
    for pk in wording.forgotten():
        write_words.delay(str(pk))
