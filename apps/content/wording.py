"""A first version of a post's words: by the best writer that can, held to the brand's rules, saying who wrote it."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from apps.accounts.models import Workspace
from apps.brand.moderation import moderate_words
from apps.brand.services import find_kit
from apps.content import writers
from apps.content.writers.base import Brief
from apps.core import clock
from apps.core.errors import VendorError

log = logging.getLogger("lily.words")


@dataclass(frozen=True)
class Words:
    """A text, who wrote it, and what a person should look at before it goes out."""

    text: str
    writer: str | Promise
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
            notes.append(str(error))
            continue
        notes += [hit.sentence for hit in (*moderated.blocked, *moderated.warnings)]
        notes += [
            _("“%(figure)s” is in none of your facts. Check it.") % {"figure": figure}
            for figure in brief.unfounded(moderated.text)
        ]
        if not brief.fits(moderated.text):
            notes.append(_("This is longer than the network takes. Shorten it."))
        return Words(moderated.text, writer.label, tuple(notes))
    raise VendorError(_("Nobody can write at the moment."))
