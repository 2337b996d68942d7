"""Work of plans that nobody waits for."""

from celery import shared_task

from apps.plans import entitlements


@shared_task
def lapse_reservations() -> int:
    """Give back what was reserved and never used in its time, so that the usage page is right between refusals."""
    return entitlements.lapse()
