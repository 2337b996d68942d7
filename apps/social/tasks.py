"""The beat's work on connected profiles. Every task is safe to run twice: the rows say what is left to do."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from celery import shared_task

from apps.core import clock
from apps.social import refreshing, telling
from apps.social.models import Channel, ConnectState

CHECK_EVERY = timedelta(hours=6)
SWEEP_MAX = 200


@shared_task
def sweep_health() -> None:
    """Have every profile looked at that nobody has looked at for six hours; this also keeps its tokens alive."""
    for pk in Channel.objects.unchecked_since(clock.now() - CHECK_EVERY).values_list("pk", flat=True)[:SWEEP_MAX]:
        check_health.delay(str(pk))


@shared_task
def check_health(channel_pk: str) -> None:
    refreshing.check_health(UUID(channel_pk))


@shared_task
def tell_people() -> None:
    """Every minute: profiles that wait for a person, told to those who can mend them."""
    for pk in Channel.objects.untold().values_list("pk", flat=True)[:SWEEP_MAX]:
        tell_of_lost.delay(str(pk))


@shared_task
def tell_of_lost(channel_pk: str) -> None:
    telling.tell_of_lost(UUID(channel_pk))


@shared_task
def drop_lapsed_states() -> None:
    """Forget connections that nobody finished, and what they remembered."""
    ConnectState.objects.lapsed().delete()
