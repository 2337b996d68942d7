"""What core does at its time."""

from celery import shared_task

from apps.core import retention


@shared_task(ignore_result=True, time_limit=1800, soft_time_limit=1740)
def apply_retention() -> None:
    """Every night: rows past their time."""
    retention.apply()
