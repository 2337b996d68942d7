"""The prompt contract: the typed description of a wanted picture, before any vendor's prompt exists.

Three operations: `apply_brand` fills what the customer left open from the brand kit, `collect_negatives` gathers
what must not be seen, `render` writes the words one model understands. Everything a customer typed is data: it is
cleaned here once and never read as an instruction or a format.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal, Protocol
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from apps.core.networks import NETWORKS, Placement

MAX_SEED = 2**31 - 1


class Quality(StrEnum):
    DRAFT = "draft"
    STANDARD = "standard"
    PREMIUM = "premium"
    STORY = "story"
    BANNER = "banner"


PIXELS: dict[str, tuple[int, int]] = {  # where no network is named; networks state their own
    Placement.SQUARE: (1080, 1080),
    Placement.PORTRAIT: (1080, 1350),  # 4:5
    Placement.LANDSCAPE: (1200, 628),  # 1.91:1
    Placement.STORY: (1080, 1920),  # 9:16
    Placement.BANNER: (1500, 500),
}
# Shares of width and height that the network's own buttons may cover: left, top, right, bottom.
# Stories: Meta asks for about 14 % free at the top and 20 % at the bottom (Meta ads guide, Stories).
SAFE_ZONES: dict[str, tuple[float, float, float, float]] = {Placement.STORY: (0.0, 0.14, 0.0, 0.20)}
NO_ZONE = (0.0, 0.0, 0.0, 0.0)


class VisualStyle(StrEnum):
    MODERN = "modern"
    CLASSIC = "classic"
    MINIMALIST = "minimalist"
    BOLD = "bold"
    PLAYFUL = "playful"
    LUXURY = "luxury"


class CardKind(StrEnum):
    """What the words in the picture are. A photograph model may use it as a hint; the canvas sets type by it."""

    ANNOUNCEMENT = "announcement"
    QUOTE = "quote"
    OFFER = "offer"
    TIPS = "tips"
    EVENT = "event"


_UNSEEN = re.compile(r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_HEX = re.compile(r"#[0-9a-f]{6}")


def clean_line(text: str) -> str:
    """One line of a customer's words: NFC, no control or direction characters, single spaces."""
    return " ".join(_UNSEEN.sub("", unicodedata.normalize("NFC", text)).split())


def clean_lines(text: str) -> str:
    """As `clean_line`, keeping the customer's own line ends; empty lines go."""
    lines = (clean_line(line) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return "\n".join(line for line in lines if line)


def hex_colour(value: str) -> str:
    """`#rrggbb` in small letters. Raises ValueError for anything else (Pydantic reports it on the field)."""
    value = value.strip().lower()
    if re.fullmatch(r"#[0-9a-f]{3}", value):
        value = "#" + "".join(letter * 2 for letter in value[1:])
    if not _HEX.fullmatch(value):
        raise ValueError(_("A colour is written like #1f6f54."))
    return value


Line = Annotated[str, AfterValidator(clean_line)]
Lines = Annotated[str, AfterValidator(clean_lines)]
Colour = Annotated[str, AfterValidator(hex_colour)]


class PictureText(BaseModel):
    """The words that appear in the picture. Only `headline` is ever needed; the rest depends on the kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: CardKind = CardKind.ANNOUNCEMENT
    kicker: Line = Field("", max_length=60)  # the small line above: "This week", "New"
    headline: Lines = Field("", max_length=220)
    figure: Line = Field("", max_length=14)  # what an offer is about: "20 %", "€4.50", "2 for 1"
    body: Lines = Field("", max_length=420)  # small print; tips: one tip a line
    attribution: Line = Field("", max_length=80)  # who said it
    when: Line = Field("", max_length=60)  # an event's day and hour, as people say it
    action: Line = Field("", max_length=40)  # "Book a table"

    def words(self) -> list[str]:
        """Every piece of text in reading order, without the empty ones."""
        pieces = (self.kicker, self.figure, self.headline, self.body, self.attribution, self.when, self.action)
        return [piece for piece in pieces if piece]


class PromptContract(BaseModel):
    """One wanted picture. Empty means "not said": `apply_brand` may fill it, a model may choose it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    prompt: Lines = Field("", max_length=2000)
    negative_prompt: Line = Field("", max_length=1000)
    model: str = Field("auto", max_length=40)
    quality: Quality = Quality.STANDARD
    network: str = Field("", max_length=20)
    placement: Placement = Placement.SQUARE
    tone: Line = Field("", max_length=80)
    industry: Line = Field("", max_length=80)
    content_context: Lines = Field("", max_length=2000)
    mood: Line = Field("", max_length=80)
    visual_style: VisualStyle | None = None
    colours: tuple[Colour, ...] = Field((), max_length=6)
    brand_words: tuple[Line, ...] = Field((), max_length=30)
    avoid: tuple[Line, ...] = Field((), max_length=60)
    references: tuple[UUID, ...] = Field((), max_length=4)
    seed: int = Field(0, ge=0, le=MAX_SEED)
    text: PictureText = PictureText()
    candidates: int = Field(4, ge=1, le=4)
    max_retries: int = Field(2, ge=0, le=2)
    max_latency_s: int = Field(120, ge=1, le=600)
    max_cost_cents: int = Field(100, ge=0, le=10_000)
    safety_filter: bool = True
    alt_text_wanted: bool = True
    # what a brand renderer sets beside the words
    brand_name: Line = Field("", max_length=80)
    signature: Line = Field("", max_length=80)  # a web address or handle under the picture
    heading_font: Line = Field("", max_length=60)
    body_font: Line = Field("", max_length=60)
    logo: UUID | None = None

    def changed(self, **fields: object) -> PromptContract:
        """The contract with some fields changed, checked like a new one (`model_copy` checks nothing)."""
        return PromptContract.model_validate(self.model_dump() | fields)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height: the network's own for the placement, else the common one."""
        placements = NETWORKS[self.network].placements if self.network in NETWORKS else {}
        return placements.get(self.placement) or PIXELS[self.placement]

    @property
    def safe_zone(self) -> tuple[float, float, float, float]:
        """Shares of left, top, right and bottom that must stay free of words."""
        return SAFE_ZONES.get(self.placement, NO_ZONE)


_NAMES = {"brief": "prompt", "look": "visual_style", "n": "candidates"}  # what customers call a field → the contract


def wish_from(said: dict[str, Any]) -> PromptContract:
    """A contract from what the API was told; the words of the picture stand among the other fields there."""
    words = {name: said[name] for name in PictureText.model_fields if name in said}
    rest = {_NAMES.get(name, name): value for name, value in said.items() if name not in words}
    return PromptContract.model_validate({"prompt": words.get("headline", ""), **rest, "text": words})


@dataclass(frozen=True)
class BrandView:
    """What a picture needs to know of a brand kit. `apps.imaging.services` fills it from `apps.brand`."""

    name: str = ""
    colours: tuple[str, ...] = ()  # primary, secondary, accent
    visual_style: str = ""
    mood: str = ""
    tone: str = ""
    industry: str = ""
    words: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    donts: tuple[str, ...] = ()
    signature: str = ""
    heading_font: str = ""
    body_font: str = ""
    logo: UUID | None = None
    default_model: str = ""


def apply_brand(contract: PromptContract, brand: BrandView) -> PromptContract:
    """The contract with the brand's values wherever the customer left something open; avoid lists are joined."""
    defaults: dict[str, object] = {
        "brand_name": brand.name,
        "colours": brand.colours,
        "visual_style": brand.visual_style or None,
        "mood": brand.mood,
        "tone": brand.tone,
        "industry": brand.industry,
        "brand_words": brand.words,
        "signature": brand.signature,
        "heading_font": brand.heading_font,
        "body_font": brand.body_font,
        "logo": brand.logo,
    }
    filled = {name: value for name, value in defaults.items() if value and not getattr(contract, name)}
    if contract.model == "auto" and brand.default_model:
        filled["model"] = brand.default_model
    avoid = dict.fromkeys((*contract.avoid, *brand.avoid, *brand.donts))
    return contract.changed(**filled, avoid=tuple(avoid)[:60])


def collect_negatives(contract: PromptContract) -> tuple[str, ...]:
    """What must not be seen, each thing once in the customer's spelling: the negative prompt, then the avoid list."""
    wanted = [piece.strip() for piece in contract.negative_prompt.split(",")] + list(contract.avoid)
    seen: dict[str, str] = {}
    for piece in wanted:
        if piece:
            seen.setdefault(piece.casefold(), piece)
    return tuple(seen.values())


class Understands(Protocol):
    """What `render` must know of a model; rows of `apps.imaging.catalog` have it."""

    takes_negative_prompt: bool
    sets_type: bool
    max_prompt: int


@dataclass(frozen=True)
class RenderedPrompt:
    """The words one model gets. `negative_prompt` is empty where the model has no place for it."""

    prompt: str
    negative_prompt: str = ""


def render(contract: PromptContract, model: Understands) -> RenderedPrompt:
    """The contract in the words of one model, at most `max_prompt` characters.

    A model that sets type itself (the canvas) gets the words of the picture, line by line, nothing else. One without
    a negative prompt gets the same wishes as a sentence, which is kept whole when the rest must be shortened.
    """
    if model.sets_type:
        return RenderedPrompt("\n".join(contract.text.words() or [contract.prompt])[: model.max_prompt])
    negatives = ", ".join(collect_negatives(contract))
    if model.takes_negative_prompt:
        return RenderedPrompt(_description(contract)[: model.max_prompt], negatives[: model.max_prompt])
    tail = f" Avoid: {negatives}." if negatives else ""
    return RenderedPrompt(_description(contract)[: model.max_prompt - len(tail)] + tail)


def _description(contract: PromptContract) -> str:
    """Subject first, then look, colours and words, as sentences: what language models of pictures follow best."""
    width, height = contract.pixels
    look = ", ".join(piece for piece in (contract.visual_style, contract.mood, contract.tone) if piece)
    parts = [
        contract.prompt,
        f"For: {contract.content_context}" if contract.content_context else "",
        f"Business: {contract.industry}" if contract.industry else "",
        f"Look: {look}" if look else "",
        f"Colours: {', '.join(contract.colours)}" if contract.colours else "",
        f"Brand words: {', '.join(contract.brand_words)}" if contract.brand_words else "",
        f"Text in the picture, exactly: “{' / '.join(contract.text.words())}”" if contract.text.words() else "",
        f"Composed for {width}:{height}",
    ]
    return " ".join(part.rstrip(". ") + "." for part in parts if part)


_KINDS_IN_WORDS = {
    CardKind.QUOTE: gettext_lazy("Quote card"),
    CardKind.OFFER: gettext_lazy("Offer card"),
    CardKind.TIPS: gettext_lazy("List of tips"),
    CardKind.EVENT: gettext_lazy("Invitation"),
    CardKind.ANNOUNCEMENT: gettext_lazy("Card"),
}


def describe(contract: PromptContract, limit: int = 1000) -> str:
    """Alt text: what the picture is and every word in it, at most `limit` characters, cut at a word.

    A screen reader should give what a glance gives: the kind, the words in reading order, whose it is. Decoration is
    not described; it says nothing.
    """
    text = contract.text
    if text.figure and text.headline:  # "20 %" and "off every cake" are one sentence
        text = text.model_copy(update={"headline": f"{text.figure} {text.headline}", "figure": ""})
    words = [" ".join(piece.split("\n")).rstrip(".") for piece in text.words()] or [contract.prompt]
    kind = _KINDS_IN_WORDS[contract.text.kind]
    whose = _("%(kind)s by %(brand)s") % {"kind": kind, "brand": contract.brand_name} if contract.brand_name else kind
    whole = f"{whose}: {'. '.join(words)}."
    if len(whole) <= limit:
        return whole
    return whole[: max(0, limit - 1)].rsplit(" ", 1)[0].rstrip(".,;: ") + "…" if limit > 1 else whole[:limit]


_FIGURE = re.compile(
    r"(?:(?<=\s)|^)(\d{1,3} ?%|[€$£] ?\d+(?:[.,]\d{1,2})?|\d+(?:[.,]\d{1,2})? ?[€$£]|\d for \d)(?=[\s.,!?;:]|$)", re.I
)
_QUOTED = re.compile(r"^[“\"„«](?P<said>.{8,200}?)[”\"“»]\s*(?:[-–—]\s*(?P<who>.{2,70}))?$", re.S)  # noqa: RUF001
_SENTENCE = re.compile(r"(?<=[.!?…])\s+")
_NO_CARD = re.compile(r"https?://\S+|(?<!\w)[#]\w+")


def words_from(text: str) -> PictureText:
    """A first card from the words of a post: a quote, an offer with its figure, or the first sentence as a headline.

    Links and hashtags have no place in a picture. The customer sees and changes all of it before anything is drawn.
    """
    text = clean_lines(_NO_CARD.sub("", text))
    if quoted := _QUOTED.match(text):
        return PictureText(kind=CardKind.QUOTE, headline=quoted["said"][:220], attribution=(quoted["who"] or "")[:80])
    sentences = [part for line in text.split("\n") for part in _SENTENCE.split(line)]
    headline = sentences[0].rstrip(".") if sentences else ""
    body = " ".join(sentences[1:3])
    figure = _FIGURE.search(headline)
    if figure and len(headline) < 120:
        rest = clean_line(headline.replace(figure[0], " ", 1)).strip(" ,:;-")
        offer = {"kind": CardKind.OFFER, "figure": figure[1][:14], "headline": rest[:220]}
        return PictureText.model_validate(offer | {"body": body if len(body) <= 160 else ""})
    if len(headline) > 110:
        headline = headline[:110].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
    return PictureText(headline=headline, body=body if len(body) <= 160 else "")
