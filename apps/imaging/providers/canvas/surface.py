"""What is drawn on. Shapes are drawn `OVERSAMPLE` times larger and reduced (Pillow's own shapes have hard edges);
type is set afterwards at final size, where FreeType draws it best. Coordinates are pixels of the finished picture.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterable
from dataclasses import replace

from PIL import Image, ImageDraw

from apps.imaging.providers.base import Box, TextMark
from apps.imaging.providers.canvas.colour import Colour
from apps.imaging.providers.canvas.schemes import Scheme
from apps.imaging.providers.canvas.typesetting import Block, draw_block

OVERSAMPLE = 3
Point = tuple[float, float]


class Pen:
    """A sheet for shapes, `width` by `height` finished pixels."""

    def __init__(self, width: float, height: float, ground: Colour) -> None:
        self.width, self.height = width, height
        size = (max(1, round(width * OVERSAMPLE)), max(1, round(height * OVERSAMPLE)))
        self.image = Image.new("RGB", size, ground.rgb())
        self._draw = ImageDraw.Draw(self.image)

    def _scaled(self, *values: float) -> list[float]:
        return [value * OVERSAMPLE for value in values]

    def rectangle(self, x: float, y: float, w: float, h: float, fill: Colour, radius: float = 0) -> None:
        box = self._scaled(x, y, x + w, y + h)
        self._draw.rounded_rectangle(
            [box[0], box[1], box[2] - 1, box[3] - 1], radius=radius * OVERSAMPLE, fill=fill.rgb()
        )

    def outline(self, x: float, y: float, w: float, h: float, stroke: float, colour: Colour, radius: float = 0) -> None:
        box = self._scaled(x, y, x + w, y + h)
        self._draw.rounded_rectangle(
            box, radius=radius * OVERSAMPLE, outline=colour.rgb(), width=max(1, round(stroke * OVERSAMPLE))
        )

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self._draw.ellipse(self._scaled(x - radius, y - radius, x + radius, y + radius), fill=fill.rgb())

    def ring(self, x: float, y: float, radius: float, stroke: float, colour: Colour) -> None:
        box = self._scaled(x - radius, y - radius, x + radius, y + radius)
        self._draw.ellipse(box, outline=colour.rgb(), width=max(1, round(stroke * OVERSAMPLE)))

    def slice(self, x: float, y: float, radius: float, start: float, end: float, fill: Colour) -> None:
        """A slice of a disc; degrees clockwise from three o'clock."""
        self._draw.pieslice(self._scaled(x - radius, y - radius, x + radius, y + radius), start, end, fill=fill.rgb())

    def polygon(self, points: Iterable[Point], fill: Colour) -> None:
        self._draw.polygon([(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points], fill=fill.rgb())

    def line(self, points: Iterable[Point], stroke: float, colour: Colour) -> None:
        scaled = [(x * OVERSAMPLE, y * OVERSAMPLE) for x, y in points]
        self._draw.line(scaled, fill=colour.rgb(), width=max(1, round(stroke * OVERSAMPLE)), joint="curve")

    def stroke(self, points: list[Point], width: float, colour: Colour) -> None:
        """A line with round ends."""
        self.line(points, width, colour)
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, colour)

    def paste(self, other: Pen, x: float, y: float, mask: Image.Image | None = None) -> None:
        """Lay another sheet on this one, through a mask of its own (large) size."""
        self.image.paste(other.image, (round(x * OVERSAMPLE), round(y * OVERSAMPLE)), mask)

    def mask(self, shape: Callable[[ImageDraw.ImageDraw, int, int], None]) -> Image.Image:
        """A mask of this sheet's size; `shape` draws in white on black at the large scale."""
        mask = Image.new("L", self.image.size, 0)
        shape(ImageDraw.Draw(mask), *self.image.size)
        return mask


def disc_mask(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    draw.ellipse((0, 0, width - 1, height - 1), fill=255)


def arch_mask(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    """A window with a round top."""
    draw.ellipse((0, 0, width - 1, width - 1), fill=255)
    draw.rectangle((0, width // 2, width, height), fill=255)


def rounded_mask(radius: float) -> Callable[[ImageDraw.ImageDraw, int, int], None]:
    def shape(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
        draw.rounded_rectangle((0, 0, width - 1, height - 1), radius=radius * OVERSAMPLE, fill=255)

    return shape


class Page(Pen):
    """The picture itself: shapes, then type and logo, and the marks of what was set where."""

    def __init__(self, width: int, height: int, scheme: Scheme) -> None:
        super().__init__(width, height, scheme.ground)
        self.scheme = scheme
        self.unit = min(width, height) / 100
        self.marks: list[TextMark] = []
        self.logo_box: Box | None = None
        self.notes: list[str] = []
        self._late: list[Callable[[Image.Image, ImageDraw.ImageDraw], None]] = []

    def write(self, block: Block, x: float, y: float, width: float, ink: Colour, align: str = "left") -> None:
        """Set a block with the top of its capitals at `y`."""

        def late(_: Image.Image, draw: ImageDraw.ImageDraw) -> None:
            for box, words in draw_block(draw, block, (x, y, width), ink.rgb(), align):
                self.marks.append(TextMark(box, ink.rgb(), words, block.size))

        self._late.append(late)

    def place(self, picture: Image.Image, x: float, y: float) -> None:
        """Lay a picture with transparency (the logo) on the page and remember where."""
        box = (round(x), round(y), round(x) + picture.width, round(y) + picture.height)

        def late(image: Image.Image, _: ImageDraw.ImageDraw) -> None:
            image.paste(picture, box[:2], picture)

        self.logo_box = box
        self._late.append(late)

    def write_turned(
        self, blocks: list[tuple[Block, float]], centre: Point, degrees: float, ink: Colour, ground: Colour
    ) -> None:
        """Centred blocks at heights around a centre (offset of their tops), the whole turned counter-clockwise."""

        def late(image: Image.Image, _: ImageDraw.ImageDraw) -> None:
            side = 2 * math.ceil(max(max(b.width, abs(top) + b.height) for b, top in blocks) * 0.75 + 8)
            sheet = Image.new("L", (side * 2, side * 2), 0)
            draw = ImageDraw.Draw(sheet)
            for block, top in blocks:
                twice = tuple(width * 2 for width in block.widths)
                big = replace(block, size=block.size * 2, widths=twice)
                draw_block(draw, big, (0, side + top * 2, side * 2), 255, "center")  # type: ignore[arg-type]
            turned = sheet.rotate(degrees, Image.Resampling.BICUBIC).reduce(2)
            corner = (round(centre[0] - side / 2), round(centre[1] - side / 2))
            image.paste(Image.new("RGB", turned.size, ink.rgb()), corner, turned)
            words = " ".join(line for block, _ in blocks for line in block.text)
            inked = turned.getbbox() or (0, 0, side, side)
            box = (corner[0] + inked[0], corner[1] + inked[1], corner[0] + inked[2], corner[1] + inked[3])
            self.marks.append(TextMark(box, ink.rgb(), words, max(block.size for block, _ in blocks)))

        self._late.append(late)

    def finish(self) -> Image.Image:
        """The finished picture."""
        image = self.image.reduce(OVERSAMPLE)
        draw = ImageDraw.Draw(image)
        for late in self._late:
            late(image, draw)
        return image


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the way from one colour to the other, in OKLab."""

    def lab(colour: Colour) -> tuple[float, float, float]:
        angle = math.radians(colour.hue)
        return colour.lightness, colour.chroma * math.cos(angle), colour.chroma * math.sin(angle)

    lightness, a, b = (x + (y - x) * share for x, y in zip(lab(one), lab(other), strict=True))
    return Colour(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def png(image: Image.Image) -> bytes:
    """The picture as PNG, sRGB by convention, without metadata."""
    out = io.BytesIO()
    image.save(out, "PNG", optimize=False, compress_level=6)
    return out.getvalue()
