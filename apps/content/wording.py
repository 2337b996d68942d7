"""A first version of a post's words: by the best writer that can, held to the brand's rules, saying who wrote it."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.models import Workspace
from apps.brand.moderation import moderate_words
from apps.brand.services import find_kit
from apps.content import writers
from apps.content.models import WRITING_TRIES, Suggestion
from apps.content.writers.base import Brief, Writer
from apps.core import clock, events, languages
from apps.core.errors import VendorError
from apps.core.networks import NETWORKS

State = Suggestion.State
INTRODUCED = 3  # topics a first post names
log = logging.getLogger("lily.words")


@dataclass(frozen=True)
class Words:
    """A text, who wrote it, and what a person should look at before it goes out."""

    text: str
    writer: Writer
    notes: tuple[str, ...] = ()


def write_words(*, workspace: Workspace, topic: str, network: str) -> Words:
    """Words about a topic for one network. A writer that fails is replaced by the next, and the notes say so."""
    vault = find_kit(workspace).vault
    today = clock.now().astimezone(workspace.zone).date()
    brief = Brief(topic=topic, network=network, brand=workspace.name, vault=vault, facts=vault.facts_on(today))
    notes: list[str] = []
    for writer in writers.offered():
        try:
            moderated = moderate_words(writer.write(brief), vault)
        except VendorError as error:
            log.warning("a writer failed", extra={"writer": writer.key, "code": error.code})
            instead = _("Lily put these words together instead; have them written again later.")
            notes.append(f"{error} {instead}")
            continue
        notes += [hit.sentence for hit in (*moderated.blocked, *moderated.warnings)]
        notes += [
            _("“%(figure)s” is in none of your facts. Check it.") % {"figure": figure}
            for figure in brief.unfounded(moderated.text)
        ]
        if not brief.fits(moderated.text):
            notes.append(_("This is longer than the network takes. Shorten it."))
        return Words(moderated.text, writer, tuple(notes))
    raise VendorError(_("Nobody can write at the moment."))


def introduce(workspace: Workspace) -> str:
    """The words a brand begins with: who it is and what it will tell of. Lily's own writer, so that nobody waits."""
    vault = find_kit(workspace).vault
    topics = [pillar.topic for pillar in vault.pillars][:INTRODUCED]
    topic = _("Hello, this is %(name)s.") % {"name": workspace.name}
    if topics:
        topic += " " + _("What you will find here: %(topics)s.") % {"topics": ", ".join(topics)}
    networks = {channel.network for channel in workspace.channels.counted()} or {"bluesky"}
    shortest = min(networks, key=lambda key: NETWORKS[key].max_characters)
    words = writers.local.LocalWriter().write(Brief(topic, shortest, workspace.name, vault))
    return moderate_words(words, vault).text


def write_suggestion(pk: UUID) -> bool:
    """Write what a suggestion asks for; False when another call does or did it. Safe to run twice."""
    suggestion = Suggestion.objects.claim(pk)
    if suggestion is None:
        return False
    with languages.speaking(suggestion.language):
        return _write(suggestion)


def _write(suggestion: Suggestion) -> bool:
    mine = Suggestion.objects.fenced(suggestion)
    try:
        words = write_words(workspace=suggestion.workspace, topic=suggestion.topic, network=suggestion.network)
    except VendorError as error:
        return _end(mine, suggestion.pk, state=State.FAILED, problem=str(error)[:300])
    written = {"text": words.text, "writer": str(words.writer), "notes": list(words.notes)}
    return _end(mine, suggestion.pk, state=State.WRITTEN, **written)


def _end(rows: QuerySet[Suggestion], pk: UUID, **values: Any) -> bool:
    """Write what became of a suggestion, if it is still there to be ended, and tell its page."""
    is_mine = bool(rows.filter(pk=pk).update(lease_until=None, **values))
    if is_mine:
        events.announce("suggestion", pk)
    return is_mine


def forgotten() -> list[UUID]:
    """Suggestions to be asked for again; those that ended their worker every time are given up."""
    lost = Suggestion.objects.forgotten()
    for suggestion in lost.filter(tries__gte=WRITING_TRIES).select_related("requested_by"):
        with languages.speaking(suggestion.language):
            problem = _("This could not be written. Ask for it again, or write it yourself.")
        _end(lost, suggestion.pk, state=State.FAILED, problem=problem)
    return list(lost.values_list("pk", flat=True))
