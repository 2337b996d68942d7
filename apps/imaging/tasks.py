"""What the imaging worker is asked to do. The work is imported when it runs: web processes only enqueue."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task


@shared_task(time_limit=90, soft_time_limit=80)
def draw_candidate(candidate_id: UUID | str) -> None:
    """Draw and measure one candidate. Safe to run twice: its row is claimed."""
    from apps.imaging import generation

    generation.draw_candidate(candidate_id)


@shared_task
def draw_forgotten() -> None:
    """Draw what was asked for and never came: the message or its worker got lost."""
    from apps.imaging import generation

    for candidate_id in generation.forgotten():
        draw_candidate.delay(str(candidate_id))


@shared_task(time_limit=90, soft_time_limit=80)
def make_rendition(asset_id: UUID | str, network: str, placement: str = "") -> None:
    """Make a stored picture ready for a network. Safe to run twice."""
    from apps.imaging import generation

    generation.make_rendition(asset_id, network, placement)


@shared_task(time_limit=30, soft_time_limit=25, expires=20)
def draw_sample(key: str, wish: dict, seconds: int) -> None:
    """Draw the sample card of a brand kit's page."""
    from apps.imaging import generation

    generation.draw_sample(key, wish, seconds)


@shared_task
def clean() -> None:
    """Remove what was drawn and never taken, after its time."""
    from apps.imaging import generation

    generation.clean()
