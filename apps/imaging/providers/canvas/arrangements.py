"""Where things stand: each arrangement divides a page between decoration, words and the brand's mark.

All of them keep to the safe box of the placement, and turn sideways on wide pages.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from PIL import Image, ImageDraw

from apps.imaging.contract import CardKind, PromptContract
from apps.imaging.providers.canvas import footer, ornaments, stack
from apps.imaging.providers.canvas.colour import Colour, contrast, readable
from apps.imaging.providers.canvas.ornaments import Ornament
from apps.imaging.providers.canvas.schemes import TEXT
from apps.imaging.providers.canvas.stack import Fitted, Inks, Setting
from apps.imaging.providers.canvas.styles import Style
from apps.imaging.providers.canvas.surface import OVERSAMPLE, Page, Pen, arch_mask, disc_mask, mix, rounded_mask
from apps.imaging.providers.canvas.typesetting import set_text


@dataclass(frozen=True)
class Area:
    """A box in finished pixels."""

    x: float
    y: float
    w: float
    h: float

    def inset(self, left: float, top: float, right: float, low: float) -> Area:
        return Area(self.x + left, self.y + top, self.w - left - right, self.h - top - low)


@dataclass(frozen=True)
class Brief:
    """What every arrangement is given."""

    page: Page
    contract: PromptContract
    style: Style
    ornament: Ornament
    rng: Random
    logo: Image.Image | None = None

    @property
    def inks(self) -> Inks:
        scheme = self.page.scheme
        return Inks(scheme.ground, scheme.ink, scheme.soft, scheme.accent)

    @property
    def is_wide(self) -> bool:
        return self.page.width / self.page.height > 1.2

    @property
    def safe(self) -> Area:
        """The page less what the network may cover, less the margin."""
        left, top, right, low = self.contract.safe_zone
        page, margin = self.page, (8.5 if not self.is_wide else 9.0) * self.page.unit
        free = Area(
            page.width * left, page.height * top, page.width * (1 - left - right), page.height * (1 - top - low)
        )
        return free.inset(margin, margin if not top else 3 * page.unit, margin, margin if not low else 3 * page.unit)

    @property
    def has_low_zone(self) -> bool:
        """Whether the network covers the foot of the page: then words stand high and decoration fills the foot."""
        return self.contract.safe_zone[3] > 0

    def setting(self, align: str = "left", inks: Inks | None = None) -> Setting:
        is_list = self.contract.text.kind is CardKind.TIPS  # a centred list is hard to read
        return Setting(self.page, self.style, inks or self.inks, "left" if is_list else align)

    def decorate(self, w: float, h: float, ground: Colour | None = None) -> Pen:
        """A sheet filled with this card's ornament."""
        pen = Pen(w, h, ground or self.page.scheme.ground)
        self.ornament(pen, self.rng, self.page.scheme.shapes, ground or self.page.scheme.ground)
        return pen

    def fit(self, width: float, height: float, align: str, most: float = 1.5) -> Fitted:
        """The card's words at the largest size that fits."""
        return stack.fit(self.setting(align), self.contract.text, width, height, most)

    def words(self, area: Area, align: str, stand: str) -> None:
        """Fit the card's words into an area, standing at its top, middle or foot."""
        fitted = self.fit(area.w, area.h, align)
        spare = max(0.0, area.h - fitted.height)
        fitted.draw(area.x, area.y + {"top": 0.0, "middle": spare * 0.47, "foot": spare}[stand], area.w)

    def words_below(self, room: Area, align: str, share: float, least: float) -> float:
        """Stand the words at the foot of a room, in at most a share of it; returns the top of the words.

        What they leave (at least `least` pixels) is for decoration: it grows when the customer says little.
        """
        fitted = self.fit(room.w, min(room.h * share, room.h - least), align, most=1.15)
        top = room.y + room.h - fitted.height
        fitted.draw(room.x, top, room.w)
        return top

    def words_above(self, room: Area, align: str, share: float) -> float:
        """Stand words and mark at the top of a room, in at most a share of it; returns where they end."""
        foot = footer.measure(self.setting(align), self.contract, self.logo, room.w)
        fitted = self.fit(room.w, room.h * share - foot, align)
        fitted.draw(room.x, room.y, room.w)
        self.sign(replace(room, h=fitted.height + foot), align)
        return room.y + fitted.height + foot

    def sign(self, area: Area, align: str, inks: Inks | None = None) -> Area:
        """Put the brand's mark at the foot of an area; returns what is left above it."""
        height = footer.draw(self.setting(align, inks), self.contract, self.logo, (area.x, area.y, area.w, area.h))
        return replace(area, h=area.h - height)


def poster(brief: Brief) -> None:
    """A large round window bleeding off the upper right; words at the lower left. An offer puts its figure in it."""
    page, safe, unit = brief.page, brief.safe, brief.page.unit
    is_offer = brief.contract.text.kind is CardKind.OFFER and bool(brief.contract.text.figure)
    has_badge = is_offer and not brief.has_low_zone  # a figure stays where it can be seen
    figure = brief.contract.text.figure
    if has_badge:
        text = brief.contract.text.model_copy(update={"figure": ""})
        brief = replace(brief, contract=brief.contract.model_copy(update={"text": text}))
    if brief.is_wide:
        radius, x, y = page.height * 0.6, page.width * 0.86, page.height * 0.44
        room = replace(safe, w=x - radius - safe.x - 4 * unit)
        brief.words(brief.sign(room, "left"), "left", "middle")
    elif brief.has_low_zone:
        top = brief.words_above(safe, "left", 0.74) + 7 * unit
        radius = min(page.width * 0.62, (page.height - top) * 0.56)
        x, y = page.width - radius * 0.7, top + radius
    else:
        left = brief.sign(safe, "left")
        bottom = brief.words_below(left, "left", 0.58, 26 * unit) - 5 * unit
        radius = min(page.width * 0.46, bottom * 0.6)
        x, y = page.width - radius * 0.72, bottom - radius
    if has_badge:
        reach = radius * 0.62 if brief.is_wide else min(page.width * 0.3, (bottom - safe.y) / 2 + 3 * unit)
        down = y if brief.is_wide else bottom - reach
        _badge(brief, figure, (page.width - safe.x - reach * 0.94, down), reach)
        return
    pen = brief.decorate(radius * 2, radius * 2)
    page.paste(pen, x - radius, y - radius, pen.mask(disc_mask))


def _badge(brief: Brief, figure: str, centre: tuple[float, float], radius: float) -> None:
    """A seal with a scalloped edge that carries the figure, turned a little."""
    page, style = brief.page, brief.style
    loud = page.scheme.panel
    if contrast(loud, page.scheme.ground) < 1.5:
        loud = page.scheme.accent
    seal = ornaments.seal(centre, radius, 26 if style.radius else 18, 0.07 if style.radius else 0.16)
    page.polygon(seal, loud)
    ring = mix(loud, page.scheme.ground, 0.55)
    page.ring(centre[0], centre[1], radius * 0.82, max(1.4, style.rule * page.unit), ring)
    block = None
    size = radius * 0.9
    while block is None or block.width > radius * 1.3:
        block = set_text(stack.tight(figure), style.figure, size, 1e6, split=True)
        size *= 0.94
        if block is None:
            return
    ink = readable(page.scheme.ground, loud, ratio=TEXT)
    page.write_turned([(block, -block.height / 2)], centre, 8 if style.radius > 2 else 0, ink, loud)


def split(brief: Brief) -> None:
    """Decoration on one side from edge to edge, words on the other."""
    page, safe = brief.page, brief.safe
    align = "center" if brief.style.centred and not brief.is_wide else "left"
    if brief.is_wide:
        part = page.width * 0.4
        on_right = brief.rng.random() < 0.6
        x = page.width - part if on_right else 0
        page.paste(brief.decorate(part, page.height), x, 0)
        width = page.width - part - safe.x - 7 * page.unit
        room = replace(safe, w=width) if on_right else replace(safe, x=part + 7 * page.unit, w=width)
        brief.words(brief.sign(room, align), align, "middle")
        return
    if brief.has_low_zone:
        top = brief.words_above(safe, align, 0.86) + 8 * page.unit
        page.paste(brief.decorate(page.width, page.height - top), 0, top)
        return
    least = page.height * 0.26
    room = brief.sign(Area(safe.x, 0, safe.w, safe.y + safe.h), align)
    part = brief.words_below(room, align, 0.66, least) - 6.5 * page.unit
    page.paste(brief.decorate(page.width, part), 0, 0)


def window(brief: Brief) -> None:
    """An arched window over centred words; on wide pages the window stands at the right."""
    page, safe = brief.page, brief.safe
    if brief.is_wide:
        height = page.height - 14 * page.unit
        width = height * 0.72
        x = page.width - width - 9 * page.unit
        pen = brief.decorate(width, height)
        page.paste(pen, x, 14 * page.unit, pen.mask(arch_mask))
        room = replace(safe, w=x - safe.x - 7 * page.unit)
        brief.words(brief.sign(room, "left"), "left", "middle")
        return
    if brief.has_low_zone:
        top = brief.words_above(safe, "center", 0.8) + 8 * page.unit
        height = page.height - top
        width = min(safe.w * 0.8, height * 0.9)
        pen = brief.decorate(width, height)
        page.paste(pen, (page.width - width) / 2, top, None if brief.ornament in EMBLEMS else pen.mask(arch_mask))
        return
    room = brief.sign(safe, "center")
    bottom = brief.words_below(room, "center", 0.62, 26 * page.unit) - 5.5 * page.unit
    height = bottom - safe.y
    width = min(height * 1.05, safe.w * 0.62)
    pen = brief.decorate(width, height)
    page.paste(pen, (page.width - width) / 2, safe.y, None if brief.ornament in EMBLEMS else pen.mask(arch_mask))


def frame(brief: Brief) -> None:
    """A thin double frame around centred words."""
    page, style, unit = brief.page, brief.style, brief.page.unit
    colour = mix(page.scheme.accent, page.scheme.ground, 0.15)
    edge = 3.6 * unit
    stroke = max(1.4, style.rule * unit * 1.4)
    page.outline(edge, edge, page.width - 2 * edge, page.height - 2 * edge, stroke, colour)
    inner = edge + 1.3 * unit
    page.outline(inner, inner, page.width - 2 * inner, page.height - 2 * inner, max(1.0, stroke * 0.5), colour)
    for x in (edge, page.width - edge):
        for y in (edge, page.height - edge):
            page.disc(x, y, 2.6 * unit, page.scheme.ground)
            page.ring(x, y, 2.6 * unit, max(1.0, stroke * 0.6), colour)
            page.disc(x, y, 0.7 * unit, colour)
    room = brief.safe.inset(4 * unit, 3 * unit, 4 * unit, 1 * unit)
    left = brief.sign(room, "center")
    size = 17 * unit
    if left.h > 62 * unit and not brief.is_wide:
        pen = brief.decorate(size * 1.3, size)
        emblem = brief.ornament in EMBLEMS
        page.paste(pen, left.x + (left.w - size * 1.3) / 2, left.y, None if emblem else pen.mask(arch_mask))
        left = left.inset(0, size + 5 * unit, 0, 0)
    brief.words(left, "center", "middle")


def panel(brief: Brief) -> None:
    """Decoration over the whole page, words on a panel laid on it; an offer's panel is a ticket."""
    page, style, unit = brief.page, brief.style, brief.page.unit
    under = mix(page.scheme.ground, page.scheme.shapes[0], 0.3)
    page.paste(brief.decorate(page.width, page.height, under), 0, 0)
    safe = brief.safe
    sheet = safe if not brief.is_wide else safe.inset(page.width * 0.12, 0, page.width * 0.12, 0)
    align = "center" if style.centred or brief.contract.text.kind is CardKind.OFFER else "left"
    room = sheet.inset(7.5 * unit, 7.5 * unit, 7.5 * unit, 6 * unit)
    ticket = Pen(sheet.w, sheet.h, page.scheme.ground)
    corners = rounded_mask(style.radius * unit * 1.4)
    if brief.contract.text.kind is CardKind.OFFER:
        foot = footer.measure(brief.setting(align), brief.contract, brief.logo, room.w)
        line = room.y + room.h - foot - 1.5 * unit
        page.paste(ticket, sheet.x, sheet.y, ticket.mask(_bitten(corners, line - sheet.y, 3.4 * unit)))
        _dots(brief, sheet.x + 6 * unit, sheet.x + sheet.w - 6 * unit, line)
        brief.sign(room, align)
        brief.words(replace(room, h=line - room.y - 5 * unit), align, "middle")
        return
    page.paste(ticket, sheet.x, sheet.y, ticket.mask(corners))
    brief.words(brief.sign(room, align), align, "middle")


Shape = Callable[[ImageDraw.ImageDraw, int, int], None]


def _bitten(corners: Shape, y: float, radius: float) -> Shape:
    """A panel's mask with a round bite out of both sides at a height."""

    def shape(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
        corners(draw, width, height)
        for x in (0, width):
            middle, r = y * OVERSAMPLE, radius * OVERSAMPLE
            draw.ellipse((x - r, middle - r, x + r, middle + r), fill=0)

    return shape


def _dots(brief: Brief, start: float, end: float, y: float) -> None:
    """The perforation of a ticket."""
    page, unit = brief.page, brief.page.unit
    count = round((end - start) / (2.1 * unit))
    for i in range(count + 1):
        page.disc(start + (end - start) * i / count, y, 0.36 * unit, mix(page.scheme.ink, page.scheme.ground, 0.5))


def air(brief: Brief) -> None:
    """A little decoration, a lot of room, words at the foot."""
    page, safe = brief.page, brief.safe
    size = min(page.width, page.height) * (0.3 if not brief.is_wide else 0.42)
    pen = brief.decorate(size, size)
    if brief.is_wide:
        page.paste(pen, page.width - safe.x - size, (page.height - size) / 2)
        room = replace(safe, w=safe.w - size - 8 * page.unit)
        brief.words(brief.sign(room, "left"), "left", "middle")
        return
    if brief.has_low_zone:
        brief.words_above(safe, "left", 0.8)
        page.paste(pen, page.width - safe.x - size * 0.86, page.height - size * 1.5)
        return
    left = brief.sign(safe, "left")
    brief.words_below(left, "left", 0.62, size + 3 * page.unit)
    page.paste(pen, safe.x - size * 0.14, safe.y - size * 0.14)


def shout(brief: Brief) -> None:
    """Words as large as they go, over a band of decoration at the edge."""
    page, safe, unit = brief.page, brief.safe, brief.page.unit
    if brief.is_wide:
        part = 16 * unit
        page.paste(brief.decorate(part, page.height), page.width - part, 0)
        room = replace(safe, w=page.width - part - safe.x - 6 * unit)
    else:
        part = 15 * unit if page.height / page.width < 1.6 else page.height * 0.12
        page.paste(brief.decorate(page.width, part), 0, 0)
        if brief.has_low_zone:
            page.paste(brief.decorate(page.width, part), 0, page.height - part)
        top = max(safe.y, part + 6.5 * unit)
        room = replace(safe, y=top, h=safe.y + safe.h - top)
    brief.words(brief.sign(room, "left"), "left", "top" if not brief.is_wide else "middle")


COVERED = ("panel", "shout")  # decoration is a ground or a band: patterns only
EMBLEMS = (ornaments.fan, ornaments.sprig)  # drawn on the card's own ground, without an edge
ARRANGEMENTS: dict[str, Callable[[Brief], None]] = {
    "poster": poster,
    "split": split,
    "window": window,
    "frame": frame,
    "panel": panel,
    "air": air,
    "shout": shout,
}
