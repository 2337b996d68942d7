"""A column of pieces (kicker, headline, price, small print, button …) fitted together into a box.

Sizes are units: hundredths of the picture's shorter side. The loud pieces share one scale that is searched from
large to small until everything fits; the quiet ones barely change, so that they stay readable on a phone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise

from apps.imaging.contract import CardKind, PictureText
from apps.imaging.providers.canvas.colour import Colour, contrast, readable
from apps.imaging.providers.canvas.schemes import TEXT
from apps.imaging.providers.canvas.styles import Style
from apps.imaging.providers.canvas.surface import Page
from apps.imaging.providers.canvas.typesetting import Block, Voice, longest_word, set_text

SCALES = tuple(1.5 * 0.955**i for i in range(34))  # 1.5 … 0.33
ELLIPSIS = "…"
HANGS = frozenset("gjpqyQ,;()@")  # letters that reach under the baseline: only they need room there
LONG_WORD = 17  # letters: longer ones are broken rather than made tiny
DESCENT = 0.24  # ems under the baseline, near enough for every face here


@dataclass(frozen=True)
class Inks:
    """Colours of a stack on the ground it stands on."""

    ground: Colour
    ink: Colour
    soft: Colour
    accent: Colour


@dataclass(frozen=True)
class Piece:
    """One measured piece: its height, the room above it, and how it is drawn at (x, y) in a width."""

    height: float
    above: float
    draw: Callable[[float, float, float], None]
    drop: float = 0.0  # how far letters hang under its last baseline: the next piece keeps clear of them


Maker = Callable[[float, float], "Piece | None"]  # (width, scale) → piece; None: does not fit this wide


@dataclass(frozen=True)
class Setting:
    """What the makers of pieces share."""

    page: Page
    style: Style
    inks: Inks
    align: str

    def words(
        self,
        text: str,
        voice: Voice,
        size: float,
        ink: Colour,
        above: float,
        *,
        most: int = 9,
        is_loud: bool = False,
        smallest: float = 2.5,
    ) -> Maker:
        """A maker of set text. `size` and `above` in units."""
        unit = self.page.unit

        def make(width: float, scale: float) -> Piece | None:
            grown = size * (scale if is_loud else min(1.12, max(0.86, scale)))
            may_split = not is_loud or scale < 0.4 or (scale < 0.9 and longest_word(text) > LONG_WORD)
            block = set_text(text, voice, max(smallest, grown) * unit, width, split=may_split)
            if block is None or (len(block.lines) > most and scale > 0.4):
                return None
            room = above * unit * (min(1.15, max(0.7, scale)))

            def draw(x: float, y: float, w: float) -> None:
                self.page.write(block, x, y, w, ink, self.align)

            hangs = HANGS.intersection(block.text[-1])
            return Piece(block.height, room, draw, block.size * (DESCENT if hangs else 0.14))

        return make

    def left_of(self, x: float, width: float, own: float) -> float:
        """Where something of a width starts, by the alignment."""
        return {"left": x, "center": x + (width - own) / 2, "right": x + width - own}[self.align]


def kicker(setting: Setting, text: str) -> Maker:
    """The small line above a headline: plain, in a pill, or after a rule."""
    page, style, inks = setting.page, setting.style, setting.inks
    size = 2.9 if not style.label.capitals else 2.45
    if style.kicker == "plain" or len(text) > 34:
        return setting.words(text, style.label, size, inks.accent, 0)

    def make(width: float, scale: float) -> Piece | None:
        unit = page.unit
        block = set_text(text, style.label, size * unit * min(1.1, max(0.9, scale)), width - 6 * unit, split=True)
        if block is None:
            return None
        if style.kicker == "pill":
            return _pill(setting, block, inks.accent, 2.0, 1.35, style.radius * 0.8)
        return _ruled(setting, block)

    return make


def _ruled(setting: Setting, block: Block) -> Piece:
    """A label with a short rule: before it, or on both sides when centred."""
    page, inks, unit = setting.page, setting.inks, setting.page.unit
    dash, gap, stroke = 5.0 * unit, 1.8 * unit, max(1.0, setting.style.rule * unit)

    def draw(x: float, y: float, width: float) -> None:
        middle = y + block.height / 2 - stroke / 2
        if setting.align == "center":
            own = block.width + 2 * (dash + gap)
            start = x + (width - own) / 2
            page.rectangle(start, middle, dash, stroke, inks.accent)
            page.rectangle(start + own - dash, middle, dash, stroke, inks.accent)
            page.write(block, x, y, width, inks.accent, "center")
        else:
            page.rectangle(x, middle, dash, stroke, inks.accent)
            page.write(block, x + dash + gap, y, width - dash - gap, inks.accent, "left")

    return Piece(block.height, 0, draw)


def _pill(setting: Setting, block: Block, fill: Colour, across: float, down: float, radius: float) -> Piece:
    page, unit = setting.page, setting.page.unit
    ink = _on(fill, setting.inks)
    height = block.height + 2 * down * unit
    own = block.width + 2 * across * unit

    def draw(x: float, y: float, width: float) -> None:
        start = setting.left_of(x, width, own)
        page.rectangle(start, y, own, height, fill, min(height / 2, radius * unit))
        page.write(block, start + across * unit, y + down * unit, block.width, ink, "center")

    return Piece(height, 0, draw)


def _on(fill: Colour, inks: Inks) -> Colour:
    """The better of the ground and the ink on a filled shape, made readable."""
    best = max((inks.ground, inks.ink), key=lambda colour: contrast(colour, fill))
    return readable(best, fill, ratio=TEXT)


def button(setting: Setting, text: str, above: float = 5.0) -> Maker:
    """What the reader may do next: filled, outlined, or a word with an arrow."""
    page, style, inks = setting.page, setting.style, setting.inks

    def make(width: float, scale: float) -> Piece | None:
        unit = page.unit
        voice = replace(style.label, leading=1.15)
        size = (2.5 if voice.capitals else 3.1) * unit * min(1.08, max(0.9, scale))
        words = f"{text}  →" if style.button == "link" else text
        block = set_text(words, voice, size, width - 9 * unit, split=True)
        if block is None:
            return None
        if style.button == "solid":
            piece = _pill(setting, block, inks.accent, 3.6, 2.5, max(style.radius, 0))
        elif style.button == "outline":
            piece = _outlined(setting, block)
        else:
            piece = _underlined(setting, block)
        return replace(piece, above=above * unit * min(1.1, max(0.75, scale)))

    return make


def _outlined(setting: Setting, block: Block) -> Piece:
    page, inks, unit, style = setting.page, setting.inks, setting.page.unit, setting.style
    across, down = 3.6 * unit, 2.5 * unit
    height, own = block.height + 2 * down, block.width + 2 * across

    def draw(x: float, y: float, width: float) -> None:
        start = setting.left_of(x, width, own)
        page.outline(start, y, own, height, max(1.2, style.rule * unit), inks.accent, style.radius * unit)
        page.write(block, start + across, y + down, block.width, inks.ink, "center")

    return Piece(height, 0, draw)


def _underlined(setting: Setting, block: Block) -> Piece:
    page, inks, unit = setting.page, setting.inks, setting.page.unit
    under = 1.5 * unit

    def draw(x: float, y: float, width: float) -> None:
        start = setting.left_of(x, width, block.width)
        page.rectangle(start, y + block.height + under, block.width, max(1.2, setting.style.rule * unit), inks.accent)
        page.write(block, start, y, block.width, inks.ink, "left")

    return Piece(block.height + under, 0, draw)


def rule(setting: Setting, length: float = 9.0, above: float = 4.2) -> Maker:
    """A short line between two thoughts."""
    unit = setting.page.unit
    stroke = max(1.2, setting.style.rule * unit * 1.3)

    def make(width: float, scale: float) -> Piece:
        def draw(x: float, y: float, w: float) -> None:
            start = setting.left_of(x, w, length * unit)
            setting.page.rectangle(start, y, length * unit, stroke, setting.inks.accent)

        return Piece(stroke, above * unit * min(1.1, max(0.7, scale)), draw)

    return make


def quote_mark(setting: Setting) -> Maker:
    """An opening quotation mark as large as a word, cropped to its ink."""
    page, unit = setting.page, setting.page.unit

    def make(width: float, scale: float) -> Piece | None:
        voice = replace(setting.style.figure, capitals=False)
        block = set_text("“", voice, 22 * unit * min(1.2, max(0.75, scale)), width)
        if block is None:
            return None
        ink_height = block.size * 0.30

        def draw(x: float, y: float, w: float) -> None:
            page.write(block, x, y, w, setting.inks.accent, setting.align)

        return Piece(ink_height, 0, draw)

    return make


def tips(setting: Setting, lines: list[str]) -> list[Maker]:
    """Numbered lines: the number in the headline's face, the tip beside it."""
    page, style, inks = setting.page, setting.style, setting.inks

    def one(number: int, text: str) -> Maker:
        def make(width: float, scale: float) -> Piece | None:
            unit = page.unit
            size = 3.7 * min(1.15, max(0.7, scale)) * unit
            indent = 8.6 * unit * min(1.1, max(0.75, scale))
            block = set_text(text, style.text, size, width - indent, split=True)
            figure = set_text(str(number), style.figure, size * 1.75, indent, split=True)
            if block is None or figure is None:
                return None

            def draw(x: float, y: float, w: float) -> None:
                lift = (figure.height - block.rise) / 2
                edge = x + w - indent if block.is_rtl else x
                page.write(figure, edge, y, indent, inks.accent, "left")
                page.write(block, x if block.is_rtl else x + indent, y + lift, w - indent, inks.ink, "left")

            height = max(figure.height, block.height + (figure.height - block.rise) / 2)
            return Piece(height, 3.6 * unit * min(1.2, max(0.6, scale)), draw)

        return make

    return [one(i, text) for i, text in enumerate(lines, start=1)]


def tight(figure: str) -> str:
    """A figure with narrow spaces: "20 %" is one thing."""
    return figure.replace(" ", "\u202f") if any(sign in figure for sign in "%€$£") else figure


def headline_size(text: str, grow: float) -> float:
    """Units at scale 1: short headlines are loud, long ones are read."""
    length = len(text)
    for limit, size in ((3, 34.0), (6, 25.0), (10, 17.0), (18, 14.0), (30, 11.6), (48, 9.8), (80, 8.2), (130, 6.8)):
        if length <= limit:
            return size * grow
    return 5.8 * grow


def makers(setting: Setting, text: PictureText) -> list[Maker]:
    """The pieces of a card of a kind, top to bottom."""
    style, inks = setting.style, setting.inks
    head = setting.words(
        text.headline,
        style.display,
        headline_size(text.headline, style.grow),
        inks.ink,
        4.2,
        most=7,
        is_loud=True,
        smallest=3.4,
    )
    body = [setting.words(text.body, style.text, 3.5, inks.soft, 3.4, smallest=2.6)] if text.body else []
    first = [kicker(setting, text.kicker)] if text.kicker else []
    last = [button(setting, text.action)] if text.action else []
    match text.kind:
        case CardKind.QUOTE:
            said = headline_size(text.headline, min(1.0, style.grow)) * 0.9
            who = [
                rule(setting),
                setting.words(text.attribution, style.label, 2.9 if not style.label.capitals else 2.45, inks.soft, 2.6),
            ]
            spoken = setting.words(text.headline, style.quote, said, inks.ink, 3.8, most=9, is_loud=True, smallest=3.4)
            return [quote_mark(setting), spoken, *(who if text.attribution else []), *body]
        case CardKind.OFFER if text.figure:
            size = min(30.0, 92.0 / max(2.2, len(text.figure))) * min(1.15, style.grow)
            price = setting.words(tight(text.figure), style.figure, size, inks.accent, 4.4, most=1, is_loud=True)
            smaller = headline_size(text.headline, style.grow) * 0.66
            name = setting.words(text.headline, style.display, smaller, inks.ink, 4.0, most=4, is_loud=True)
            return [*first, price, *([name] if text.headline else []), *body, *last]
        case CardKind.TIPS if text.body:
            smaller = headline_size(text.headline, style.grow) * 0.74
            title = setting.words(text.headline, style.display, smaller, inks.ink, 4.0, most=3, is_loud=True)
            return [*first, title, *tips(setting, text.body.split("\n")[:7])]
        case CardKind.EVENT if text.when:
            when = setting.words(text.when, style.label, 3.5 if not style.label.capitals else 2.9, inks.accent, 4.6)
            return [*first, head, rule(setting), when, *body, *last]
    return [*first, head, *body, *last]


@dataclass(frozen=True)
class Fitted:
    """A stack that fits: its pieces, their height together, and the scale it took."""

    pieces: tuple[Piece, ...]
    height: float
    scale: float

    def draw(self, x: float, y: float, width: float) -> None:
        drop = 0.0
        for i, piece in enumerate(self.pieces):
            y += piece.above + drop if i else 0
            piece.draw(x, y, width)
            y += piece.height
            drop = piece.drop


def fit(setting: Setting, text: PictureText, width: float, height: float, most: float = 1.5) -> Fitted:
    """The stack at the largest scale up to `most` that fits. What cannot fit at any is shortened, and said so."""
    while True:
        for scale in (s for s in SCALES if s <= most):
            fitted = _at(makers(setting, text), width, scale)
            if fitted and fitted.height <= height:
                return fitted
        shorter = _shortened(text)
        if shorter == text:
            return fitted or Fitted((), 0, SCALES[-1])
        if "shortened" not in setting.page.notes:
            setting.page.notes.append("shortened")
        text = shorter


def _at(made: list[Maker], width: float, scale: float) -> Fitted | None:
    pieces = []
    for make in made:
        piece = make(width, scale)
        if piece is None:
            if scale > SCALES[-1]:
                return None
            continue  # a piece without a single drawable letter
        pieces.append(piece)
    gaps = sum(after.above + before.drop for before, after in pairwise(pieces))
    height = sum(piece.height for piece in pieces) + gaps
    return Fitted(tuple(pieces), height, scale)


def _shortened(text: PictureText) -> PictureText:
    """The text with a fifth less small print, then a fifth less headline, then whole pieces; itself at the end."""
    for name in ("body", "headline"):
        words = getattr(text, name).rstrip(ELLIPSIS).split(" ")
        if len(words) > 4:
            return text.model_copy(update={name: " ".join(words[: max(4, len(words) * 4 // 5)]) + ELLIPSIS})
    for name in ("body", "action", "kicker"):
        if getattr(text, name):
            return text.model_copy(update={name: ""})
    return text
