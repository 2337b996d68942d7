"""The brand's avoid rules, applied alike to words that go out and to briefs of pictures.

Matching is by whole words, whatever their case, width or accents written apart; spaces match any spaces, invisible
characters inside a word do not hide it, and `*` at the end of a term stands for any ending. It is a list the customer
keeps, not a judgement of meaning: what is not on it is not found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

import regex
from django.utils.translation import gettext as _

from apps.brand.catalog import AvoidMode
from apps.brand.vault import AvoidRule, StyleVault
from apps.core.errors import Invalid

_HIDDEN = r"[\u00ad\u200b-\u200d\u2060\ufe0e\ufe0f]*"


@dataclass(frozen=True)
class Hit:
    """One rule that a text met, and the words it met it with."""

    rule: AvoidRule
    found: str

    @property
    def said(self) -> str:
        """What stands in the place of the words that were found, where the rule replaces them."""
        return _as_written(self.rule.instead, self.found)

    @property
    def sentence(self) -> str:
        """For people: what was found, and what becomes of it or is to be done about it."""
        facts = {"found": self.found, "instead": self.rule.instead, "said": self.said}
        if self.rule.mode == AvoidMode.REPLACE:
            return _("“%(found)s” will go out as “%(said)s”.") % facts
        if self.rule.instead:
            return _("Your brand avoids “%(found)s”. Instead: %(instead)s.") % facts
        return _("Your brand avoids “%(found)s”.") % facts


@dataclass(frozen=True)
class Moderated:
    """A text after the rules. Replacements are made in `text`; `blocked` must stop it, `warnings` need not."""

    text: str
    blocked: tuple[Hit, ...] = ()
    replaced: tuple[Hit, ...] = ()
    warnings: tuple[Hit, ...] = ()
    negatives: tuple[str, ...] = ()  # for pictures: what must not be seen
    guidance: tuple[str, ...] = ()  # what to do instead, for whoever writes or draws

    def require_allowed(self, field: str = "text") -> None:
        """Raises Invalid with one sentence per blocked word."""
        if self.blocked:
            raise Invalid(fields={field: [hit.sentence for hit in self.blocked]})


def moderate_words(text: str, vault: StyleVault) -> Moderated:
    """Words that go out: blocked ones stop them, replacements are made, everything else found is a warning."""
    rules = _by_mode(vault.avoid)
    text, replaced = _replace(text, rules[AvoidMode.REPLACE])
    return Moderated(
        text=text,
        blocked=_hits(text, rules[AvoidMode.BLOCK]),
        replaced=replaced,
        warnings=_hits(text, [*rules[AvoidMode.NEGATIVE], *rules[AvoidMode.GUIDE]]),
        guidance=guidance(vault),
    )


def moderate_brief(text: str, vault: StyleVault) -> Moderated:
    """The brief of a picture: as words, but what is to be kept out of pictures is taken out and told to the model."""
    rules = _by_mode(vault.avoid)
    text, replaced = _replace(text, rules[AvoidMode.REPLACE])
    blocked = _hits(text, rules[AvoidMode.BLOCK])
    taken_out = _hits(text, [*rules[AvoidMode.NEGATIVE], *rules[AvoidMode.GUIDE]])
    for hit in taken_out:
        text = _pattern(hit.rule.term).sub("", text)
    return Moderated(
        text=_tidy(text) if taken_out else text,
        blocked=blocked,
        replaced=replaced,
        warnings=taken_out,
        negatives=negatives(vault),
        guidance=guidance(vault),
    )


def negatives(vault: StyleVault) -> tuple[str, ...]:
    """What must not be seen in any picture of this brand: blocked things too, whether a brief names them or not."""
    kinds = (AvoidMode.NEGATIVE, AvoidMode.BLOCK)
    return tuple(rule.term.rstrip("*") for rule in vault.avoid if rule.mode in kinds)


def guidance(vault: StyleVault) -> tuple[str, ...]:
    """What to do instead of what is avoided, with the brand's do's."""
    instead = (rule.instead for rule in vault.avoid if rule.mode == AvoidMode.GUIDE)
    return (*instead, *vault.dos)


def _by_mode(rules: Iterable[AvoidRule]) -> dict[str, list[AvoidRule]]:
    sorted_rules: dict[str, list[AvoidRule]] = {mode: [] for mode in AvoidMode}
    for rule in rules:
        sorted_rules[rule.mode].append(rule)
    return sorted_rules


def _hits(text: str, rules: Iterable[AvoidRule]) -> tuple[Hit, ...]:
    """At most one hit per rule: the first."""
    text = unicodedata.normalize("NFKC", text)
    found = ((rule, _pattern(rule.term).search(text)) for rule in rules)
    return tuple(Hit(rule, match.group()) for rule, match in found if match)


def _replace(text: str, rules: Iterable[AvoidRule]) -> tuple[str, tuple[Hit, ...]]:
    """Every occurrence said differently, with a capital where there was one; the rest stays as it was written."""
    hits = []
    for rule in rules:
        pieces: list[str] = []
        end = 0
        for start, stop, found in _places(text, _pattern(rule.term)):
            if not pieces:
                hits.append(Hit(rule, found))
            pieces += [text[end:start], _as_written(rule.instead, found)]
            end = stop
        text = "".join([*pieces, text[end:]])
    return text, tuple(hits)


def _places(text: str, pattern: regex.Pattern) -> list[tuple[int, int, str]]:
    """Where a term stands in a text, as (start, stop, the letters it is found by)."""
    if not pattern.search(unicodedata.normalize("NFKC", text)):
        return []
    letters = regex.findall(r"\X", text)
    plain = [unicodedata.normalize("NFKC", letter) for letter in letters]
    starts = [0, *accumulate(len(letter) for letter in letters)]
    place = [index for index, letter in enumerate(plain) for _part in letter]
    return [
        (starts[place[match.start()]], starts[place[match.end() - 1] + 1], match.group())
        for match in pattern.finditer("".join(plain))
    ]


def _as_written(instead: str, found: str) -> str:
    letters = [letter for letter in found if letter.isalpha()]
    if len(letters) > 1 and all(letter.isupper() for letter in letters):
        return instead.upper()
    return instead[:1].upper() + instead[1:] if found[:1].isupper() else instead


@lru_cache(maxsize=2048)
def _pattern(term: str) -> regex.Pattern:
    """The expression that finds a term. Built from escaped letters only: a customer cannot write expressions."""
    is_open = term.endswith("*")
    words = unicodedata.normalize("NFKC", term.rstrip("* ")).split()
    letters = (_HIDDEN.join(regex.escape(letter, literal_spaces=True) for letter in word) for word in words)
    body = r"[\s\u00a0]+".join(letters)
    ending = r"\w*" if is_open else r"(?!\w)"
    return regex.compile(rf"(?<!\w){body}{ending}", regex.IGNORECASE | regex.FULLCASE | regex.VERSION1)


def _tidy(text: str) -> str:
    """No double spaces, empty commas or spaces before marks where words were taken out."""
    text = regex.sub(r"\s*,(\s*,)+", ",", regex.sub(r"[ \t]{2,}", " ", text))
    return regex.sub(r"\s+([,.;:!?])", r"\1", text).strip(" ,;")
