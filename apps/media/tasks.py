"""What the imaging worker does for pictures."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.media import checking, cleaning


@shared_task(time_limit=90, soft_time_limit=80)
def check_upload(asset_id: UUID | str) -> None:
    """Look at an uploaded picture and make what is shown and used of it. Safe to run twice."""
    checking.check(asset_id)


@shared_task
def check_pending() -> None:
    """Ask again for checks that never came back (a worker was ended), and give up on them after an hour."""
    for asset_id in checking.overdue():
        check_upload.delay(asset_id)


@shared_task
def clean() -> None:
    """Remove refused uploads and files without a row, each after its time."""
    cleaning.clean()
