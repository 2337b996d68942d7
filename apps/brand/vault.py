"""The style vault: everything a brand has said about itself, typed and versioned, as JSON knows it.

Everything is optional: a new workspace has an empty vault and Lily works with it. `schema_version` says in which shape
it was written; `read` brings older shapes up to this one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from apps.brand.catalog import VOICE_WORDS, AvoidMode, FactKind, VisualStyle, Voice

SCHEMA_VERSION: Final = 1
_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")


def _clean(text: str) -> str:
    """NFC, no control or direction characters, no space at the ends of lines."""
    lines = _UNSEEN.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n"))).split("\n")
    return "\n".join(" ".join(line.split()) for line in lines).strip()


def _one_line(text: str) -> str:
    return " ".join(_clean(text).split())


def colour(value: str) -> str:
    """#rrggbb in small letters, or empty. Raises ValueError."""
    value = value.strip().lower()
    if value and not re.fullmatch(r"#[0-9a-f]{6}", value):
        raise ValueError(_("a colour is written as #rrggbb"))
    return value


Line = Annotated[str, AfterValidator(_one_line)]
Text = Annotated[str, AfterValidator(_clean)]
Colour = Annotated[str, AfterValidator(colour)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_enum_values=True)


class Pillar(_Part):
    """A topic and its weight among the others; `StyleVault.shares` turns weights into shares."""

    topic: Line = Field(min_length=1, max_length=60)
    weight: int = Field(1, ge=1, le=100)


class Fact(_Part):
    """What a caption may claim, from and until when (both days included, in the workspace's zone)."""

    kind: FactKind = FactKind.OTHER
    text: Line = Field(min_length=1, max_length=240)
    starts_on: date | None = None
    ends_on: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Fact:
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            raise ValueError(_("the last day is before the first"))
        return self

    def holds_on(self, day: date) -> bool:
        return (not self.starts_on or self.starts_on <= day) and (not self.ends_on or day <= self.ends_on)


class AvoidRule(_Part):
    """A word, phrase or thing to avoid; a `*` at its end stands for any ending. `instead` is what is said or done."""

    term: Line = Field(min_length=2, max_length=80)
    mode: AvoidMode = AvoidMode.BLOCK
    instead: Line = Field("", max_length=200)

    @model_validator(mode="after")
    def _says_what_instead(self) -> AvoidRule:
        if self.mode in (AvoidMode.REPLACE, AvoidMode.GUIDE) and not self.instead:
            raise ValueError(_("say what to use instead"))
        if not self.term.strip("* "):
            raise ValueError(_("a star alone would avoid everything"))
        return self


class PromptTemplate(_Part):
    """A named brief for pictures, to start from."""

    name: Line = Field(min_length=1, max_length=60)
    text: Text = Field(min_length=1, max_length=1000)


class StyleVault(_Part):
    """A brand. Colours are #rrggbb or empty; logos and references are keys of media assets of the workspace."""

    schema_version: Literal[1] = SCHEMA_VERSION
    # voice
    voice: Voice = Voice.CASUAL
    voice_words: Text = Field("", max_length=500)
    industry: Line = Field("", max_length=80)
    audience: Text = Field("", max_length=500)
    pillars: tuple[Pillar, ...] = Field((), max_length=10)
    brand_words: tuple[Line, ...] = Field((), max_length=30)
    dos: tuple[Line, ...] = Field((), max_length=20)
    donts: tuple[Line, ...] = Field((), max_length=20)
    # facts
    facts: tuple[Fact, ...] = Field((), max_length=60)
    # look
    primary: Colour = ""
    secondary: Colour = ""
    accent: Colour = ""
    heading_font: Line = Field("", max_length=60)
    body_font: Line = Field("", max_length=60)
    logos: tuple[UUID, ...] = Field((), max_length=4)
    references: tuple[UUID, ...] = Field((), max_length=4)
    visual_style: VisualStyle | Literal[""] = ""
    mood: Line = Field("", max_length=80)
    website: Line = Field("", max_length=120)
    # rules
    avoid: tuple[AvoidRule, ...] = Field((), max_length=60)
    # pictures
    templates: tuple[PromptTemplate, ...] = Field((), max_length=20)
    default_image_model: Line = Field("auto", max_length=40)
    quality_threshold: int = Field(55, ge=0, le=100)

    @model_validator(mode="after")
    def _names_once(self) -> StyleVault:
        for sentence, names in (
            (_("the topic “%(twice)s” is there twice"), [pillar.topic for pillar in self.pillars]),
            (_("the template “%(twice)s” is there twice"), [template.name for template in self.templates]),
            (_("the word to avoid “%(twice)s” is there twice"), [rule.term for rule in self.avoid]),
        ):
            folded = [name.casefold() for name in names]
            if twice := next((name for name, fold in zip(names, folded, strict=True) if folded.count(fold) > 1), None):
                raise ValueError(sentence % {"twice": twice})
        return self

    @property
    def tone(self) -> str:
        """The voice as a writer is told it."""
        return self.voice_words or VOICE_WORDS.get(self.voice, "")

    @property
    def colours(self) -> tuple[str, ...]:
        """Primary, secondary and accent, those that are chosen."""
        return tuple(colour for colour in (self.primary, self.secondary, self.accent) if colour)

    @property
    def shares(self) -> dict[str, int]:
        """Topic → per cent of the posts, adding up to 100."""
        total = sum(pillar.weight for pillar in self.pillars)
        shares = {pillar.topic: pillar.weight * 100 // total for pillar in self.pillars}
        for topic in list(shares)[: 100 - sum(shares.values())]:
            shares[topic] += 1
        return shares

    def facts_on(self, day: date) -> tuple[Fact, ...]:
        """What may be claimed on a day."""
        return tuple(fact for fact in self.facts if fact.holds_on(day))

    def changed(self, **values: Any) -> StyleVault:
        """This vault with some fields changed, checked as a whole. Raises pydantic.ValidationError."""
        return StyleVault.model_validate({**self.model_dump(), **values})


PROBLEMS = {  # pydantic's kinds of error (docs.pydantic.dev, "Validation Errors") that a person can make
    "enum": gettext_lazy("this has to be %(expected)s"),
    "extra_forbidden": gettext_lazy("a brand kit has nothing of this name"),
    "greater_than_equal": gettext_lazy("this has to be at least %(ge)s"),
    "less_than_equal": gettext_lazy("this may be at most %(le)s"),
    "literal_error": gettext_lazy("this has to be %(expected)s"),
    "missing": gettext_lazy("this is missing"),
    "string_too_long": gettext_lazy("this may have up to %(max_length)s characters"),
    "string_too_short": gettext_lazy("this is too short: %(min_length)s at least"),
    "too_long": gettext_lazy("there may be up to %(max_length)s of these"),
}


def in_words(problem: Mapping[str, Any]) -> str:
    """One of a ValidationError's errors for people; in pydantic's own English where only a program can make it."""
    facts = problem.get("ctx", {})
    if problem["type"] in PROBLEMS:
        return PROBLEMS[problem["type"]] % facts
    return str(facts.get("error", problem["msg"]))


def read(stored: Mapping[str, Any]) -> StyleVault:
    """A vault from JSON. Raises pydantic.ValidationError for what no version of ours has written."""
    return StyleVault.model_validate(stored)


def dump(vault: StyleVault) -> dict[str, Any]:
    """A vault as JSON knows it."""
    return vault.model_dump(mode="json")
