"""Who writes a first version of the words: one file each, credentials from the settings, absent means not offered."""

from __future__ import annotations

from apps.content.writers import local, openai
from apps.content.writers.base import Writer

WRITERS: tuple[Writer, ...] = (openai.OpenAIWriter(), local.LocalWriter())  # the first that is offered writes


def offered() -> list[Writer]:
    """The writers that can write here, best first; the local one always can."""
    return [writer for writer in WRITERS if writer.is_offered()]
