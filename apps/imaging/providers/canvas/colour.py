"""Colour in OKLCH (Björn Ottosson, "A perceptual color space for image processing", 2020) and WCAG 2.2 contrast."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

RGB = tuple[int, int, int]


def _to_linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _to_gamma(channel: float) -> float:
    return 12.92 * channel if channel <= 0.0031308 else 1.055 * channel ** (1 / 2.4) - 0.055


@dataclass(frozen=True)
class Colour:
    """Lightness 0 to 1, chroma 0 to about 0.37 in sRGB, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    @classmethod
    def from_hex(cls, value: str) -> Colour:
        return cls.from_rgb(tuple(int(value[i : i + 2], 16) for i in (1, 3, 5)))  # type: ignore[arg-type]

    @classmethod
    def from_rgb(cls, rgb: RGB) -> Colour:
        red, green, blue = (_to_linear(value / 255) for value in rgb)
        long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
        medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
        short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
        lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
        a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
        b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
        return cls(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)

    def _linear(self, chroma: float) -> tuple[float, float, float]:
        a = chroma * math.cos(math.radians(self.hue))
        b = chroma * math.sin(math.radians(self.hue))
        long = (self.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (self.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (self.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        return (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )

    def rgb(self) -> RGB:
        """The nearest sRGB colour of the same lightness and hue: chroma gives way when it is out of reach."""
        low, high = 0.0, self.chroma
        channels = self._linear(high)
        if any(not -1e-4 <= value <= 1.0001 for value in channels):
            for _ in range(18):
                middle = (low + high) / 2
                inside = all(-1e-4 <= value <= 1.0001 for value in self._linear(middle))
                low, high = (middle, high) if inside else (low, middle)
            channels = self._linear(low)
        return tuple(round(255 * min(1.0, max(0.0, _to_gamma(max(0.0, value))))) for value in channels)  # type: ignore[return-value]

    def hex(self) -> str:
        return "#{:02x}{:02x}{:02x}".format(*self.rgb())

    def at(self, lightness: float | None = None, *, chroma: float | None = None, hue: float | None = None) -> Colour:
        """The same colour with some of its coordinates changed."""
        return replace(
            self,
            lightness=self.lightness if lightness is None else min(1.0, max(0.0, lightness)),
            chroma=self.chroma if chroma is None else max(0.0, chroma),
            hue=self.hue if hue is None else hue % 360,
        )

    def tint(self, lightness: float, share: float) -> Colour:
        """At another lightness with a share of its chroma: paper and shade of the same family."""
        return self.at(lightness, chroma=self.chroma * share)


def luminance(rgb: RGB) -> float:
    """WCAG 2.2 relative luminance, 0 to 1."""
    red, green, blue = (_to_linear(value / 255) for value in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour | RGB, other: Colour | RGB) -> float:
    """WCAG 2.2 contrast ratio, 1 to 21."""
    lums = [luminance(c.rgb() if isinstance(c, Colour) else c) for c in (one, other)]
    return (max(lums) + 0.05) / (min(lums) + 0.05)


def readable(ink: Colour, *grounds: Colour, ratio: float) -> Colour:
    """`ink` moved in lightness as little as needed to reach `ratio` on every ground; else the better of the extremes.

    Always returns a colour; black or white reach 4.58 on any one ground.
    """

    def worst(colour: Colour) -> float:
        return min(contrast(colour, ground) for ground in grounds)

    if worst(ink) >= ratio:
        return ink
    reached = []
    for sign in (1, -1):
        for step in range(1, 51):
            moved = ink.at(ink.lightness + sign * step * 0.02, chroma=ink.chroma * (1 - step / 80))
            if worst(moved) >= ratio:
                reached.append((step, moved))
                break
    if reached:
        return min(reached, key=lambda found: found[0])[1]
    return max((ink.at(0.99, chroma=0.0), ink.at(0.12, chroma=0.01), Colour(1, 0, 0), Colour(0, 0, 0)), key=worst)


def hue_distance(one: Colour, other: Colour) -> float:
    """Degrees between two hues, 0 to 180."""
    gap = abs(one.hue - other.hue) % 360
    return min(gap, 360 - gap)
