"""Lily's own writer: no vendor, no key. It puts together what the customer has said and invents nothing."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left

from django.utils.translation import gettext_lazy as _

from apps.brand.catalog import FactKind, Voice
from apps.content.writers.base import Brief, Writer

CLOSINGS = {
    Voice.PROFESSIONAL: _("We look forward to seeing you."),
    Voice.CASUAL: _("Come by and say hello."),
    Voice.HUMOROUS: _("Bring an appetite for good things. We bring the rest."),
    Voice.INSPIRING: _("Treat yourself to a good moment."),
    Voice.EDUCATIONAL: _("Questions? Just ask us."),
    Voice.OWN: "",
}
TAGS_MAX = 3
_WORD = re.compile(r"[^\W\d_]{4,}")


class LocalWriter(Writer):
    """The topic, the facts that belong to it, a closing in the brand's voice and its words as tags."""

    key, label = "local", _("Lily's own words, from your topic and your facts")

    def is_offered(self) -> bool:
        return True

    def write(self, brief: Brief) -> str:
        topic = _sentence(brief.topic)
        facts = [_sentence(text) for text in _fitting_facts(brief)]
        closing, tags = str(CLOSINGS[Voice(brief.vault.voice)]), " ".join(_tags(brief))
        versions = (
            [topic, *facts, closing, tags],
            [topic, *facts[:1], closing, tags],
            [topic, *facts[:1], closing],
            [topic, *facts[:1]],
            [topic],
        )
        for version in versions:
            text = "\n\n".join(part for part in version if part)
            if brief.fits(text):
                return text
        return _shortened(topic, brief)


def _fitting_facts(brief: Brief) -> list[str]:
    """Up to two facts: those that share a word with the topic, and what is on offer for a time."""
    words = _stems(brief.topic)
    said = brief.topic.casefold()
    ranked = []
    for fact in brief.facts:
        shared = len(words & _stems(fact.text))
        is_offer = fact.kind == FactKind.OFFER and fact.ends_on is not None
        if (shared or is_offer) and fact.text.casefold().rstrip(".") not in said:
            ranked.append((-shared, not is_offer, fact.text))
    return [text for *_rank, text in sorted(ranked, key=lambda row: row[:2])[:2]]


def _stems(text: str) -> set[str]:
    """Words of four letters and more by their first five, so that “cakes” meets “cake”."""
    return {word.casefold()[:5].rstrip("s") for word in _WORD.findall(text)}


def _tags(brief: Brief) -> list[str]:
    """Tags from the brand's own words, letters and digits only."""
    tags = (
        "".join(part[:1].upper() + part[1:] for part in re.findall(r"\w+", word)) for word in brief.vault.brand_words
    )
    return [f"#{tag}" for tag in tags if tag and not tag.isdigit()][:TAGS_MAX]


def _sentence(text: str) -> str:
    """With a capital in front and a mark at the end."""
    text = text.strip()
    ends = text[-1:] and (unicodedata.category(text[-1]) in ("Po", "So", "Sk") or text[-1] in "”\"')…")
    return text[:1].upper() + text[1:] + ("" if not text or ends else ".")


def _shortened(text: str, brief: Brief) -> str:
    """As many whole words as fit, at least one."""
    words = text.split(" ")
    fits = [" ".join(words[:count]) + " …" for count in range(1, len(words))]
    return fits[max(bisect_left(fits, True, key=lambda part: not brief.fits(part)) - 1, 0)] if fits else text
