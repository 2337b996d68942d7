"""Colour roles of a card, derived from the brand's colours. Text never stands under 4.5:1 on its ground."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.imaging.contract import VisualStyle
from apps.imaging.providers.canvas.colour import Colour, contrast, hue_distance, readable

TEXT = 4.6  # WCAG 2.2 AA asks 4.5; the rest is for rounding to 8 bits
BODY = 7.0  # headlines and tips get AAA
SMALL = 5.5  # small print
EDGE = 3.0  # shapes that carry meaning
FALLBACK = Colour.from_hex("#3b4cca")


@dataclass(frozen=True)
class Scheme:
    """`ink`, `soft` and `accent` are readable on `ground`; `on_panel` and `panel_accent` on `panel`."""

    name: str
    ground: Colour
    ink: Colour
    soft: Colour
    accent: Colour
    panel: Colour
    on_panel: Colour
    panel_accent: Colour
    shapes: tuple[Colour, ...]  # for decoration, loudest first
    is_dark: bool


@dataclass(frozen=True)
class Brand:
    """Three colours to work with; what the brand did not name is made from what it did."""

    primary: Colour
    secondary: Colour
    accent: Colour

    @classmethod
    def of(cls, colours: tuple[str, ...]) -> Brand:
        named = [Colour.from_hex(value) for value in colours[:3]]
        primary = named[0] if named else FALLBACK
        secondary = named[1] if len(named) > 1 else primary.tint(0.86, 0.45)
        accent = named[2] if len(named) > 2 else _companion(primary, secondary)
        return cls(primary, secondary, accent)

    def vivid(self) -> Colour:
        """The most colourful of the three."""
        return max((self.primary, self.accent, self.secondary), key=lambda colour: colour.chroma)

    def loud(self, ground: Colour) -> tuple[Colour, ...]:
        """The brand's own colours that can be seen on a ground, loudest first; at least two, the second derived."""
        seen = [c for c in (self.accent, self.primary, self.secondary) if contrast(c, ground) >= 1.6]
        for colour in (self.vivid(), self.primary):
            if len(seen) < 2:
                seen.append(readable(colour, ground, ratio=2.2))
        return tuple(seen)


def _companion(primary: Colour, secondary: Colour) -> Colour:
    """An accent for a brand that named none: its own second colour, else a stronger relative of its first.

    Never another hue: a colour the brand did not choose is not the brand's.
    """
    if secondary.chroma > 0.06 and hue_distance(primary, secondary) > 25:
        return secondary
    lightness = 0.52 if primary.lightness > 0.66 else 0.78
    return primary.at(lightness, chroma=max(0.8 * primary.chroma, min(0.12, primary.chroma * 2)))


def _build(name: str, ground: Colour, ink: Colour, brand: Brand, *, panel: Colour) -> Scheme:
    best = max((brand.accent, brand.primary, brand.secondary), key=lambda c: (contrast(c, ground) >= EDGE, c.chroma))
    if ground.chroma > 0.07 and contrast(best, ground) < EDGE:
        best = ink  # on a strong ground a bent brand colour looks dirty; ink is honest
    return Scheme(
        name=name,
        ground=ground,
        ink=readable(ink, ground, ratio=BODY),
        soft=readable(ink.at((ink.lightness * 2 + ground.lightness) / 3, chroma=ink.chroma), ground, ratio=SMALL),
        accent=readable(best, ground, ratio=TEXT),
        panel=panel,
        on_panel=readable(_paper_or_ink(panel, brand), panel, ratio=TEXT),
        panel_accent=readable(brand.accent if panel is not brand.accent else brand.secondary, panel, ratio=TEXT),
        shapes=brand.loud(ground),
        is_dark=ground.lightness < 0.55,
    )


def _paper_or_ink(ground: Colour, brand: Brand) -> Colour:
    """The family's paper on a dark ground, its ink on a light one."""
    paper, ink = brand.primary.tint(0.975, 0.08), brand.primary.tint(0.22, 0.35)
    return max((paper, ink), key=lambda colour: contrast(colour, ground))


def _light(name: str, brand: Brand, ground: Colour, *, panel: Colour | None = None) -> Scheme:
    ink = brand.primary.at(min(0.3, brand.primary.lightness), chroma=min(0.09, brand.primary.chroma))
    return _build(name, ground, ink, brand, panel=panel or brand.primary)


def _full(name: str, brand: Brand, ground: Colour) -> Scheme:
    panel = brand.primary.tint(0.97, 0.1) if ground.lightness < 0.75 else brand.primary.tint(0.24, 0.5)
    return _build(name, ground, _paper_or_ink(ground, brand), brand, panel=panel)


def _deep(brand: Brand, lightness: float = 0.22, share: float = 0.45) -> Colour:
    return brand.primary.at(lightness, chroma=min(0.09, brand.primary.chroma * share))


def _modern(brand: Brand) -> list[Scheme]:
    return [
        _light("paper", brand, brand.primary.at(0.97, chroma=0.012)),
        _full("brand", brand, _steady(brand.primary)),
        _light("tint", brand, brand.secondary.at(0.92, chroma=min(0.05, brand.secondary.chroma))),
        _full("night", brand, _deep(brand)),
    ]


def _classic(brand: Brand) -> list[Scheme]:
    cream = Colour(0.962, 0.018, 85)
    return [
        _light("cream", brand, cream),
        _full("deep", brand, _deep(brand, 0.32, 0.75)),
        _light("linen", brand, brand.primary.at(0.925, chroma=min(0.028, brand.primary.chroma))),
        _full("brand", brand, _steady(brand.primary)),
    ]


def _minimalist(brand: Brand) -> list[Scheme]:
    return [
        _light("white", brand, Colour(0.985, 0.003, brand.primary.hue)),
        _light("stone", brand, brand.primary.at(0.945, chroma=0.008)),
        _light("mist", brand, brand.primary.at(0.91, chroma=min(0.03, brand.primary.chroma * 0.3))),
        _full("night", brand, _deep(brand, 0.2, 0.2)),
    ]


def _bold(brand: Brand) -> list[Scheme]:
    return [
        _full("brand", brand, _steady(brand.primary)),
        _full("accent", brand, _steady(brand.accent)),
        _full("black", brand, Colour(0.17, 0.012, brand.primary.hue)),
        _light("white", brand, Colour(0.98, 0.004, brand.primary.hue)),
    ]


def _playful(brand: Brand) -> list[Scheme]:
    return [
        _light("candy", brand, brand.secondary.at(0.93, chroma=min(0.055, max(0.03, brand.secondary.chroma)))),
        _full("brand", brand, _steady(brand.primary)),
        _light("sherbet", brand, brand.accent.at(0.91, chroma=min(0.075, max(0.04, brand.accent.chroma * 0.6)))),
        _light("milk", brand, Colour(0.975, 0.02, brand.accent.hue)),
    ]


def _luxury(brand: Brand) -> list[Scheme]:
    gold = brand.accent.at(0.8, chroma=min(0.085, max(0.03, brand.accent.chroma)))
    metal = Brand(brand.primary, brand.secondary, gold)
    ivory = Colour(0.965, 0.012, 85)
    dusk = Brand(brand.primary, brand.secondary, readable(gold, ivory, ratio=TEXT))
    return [
        _full("noir", metal, _deep(brand, 0.205, 0.35)),
        _light("ivory", dusk, ivory),
        _full("velvet", metal, _deep(brand, 0.29, 0.7)),
        _light("pearl", dusk, brand.primary.at(0.93, chroma=0.012)),
    ]


def _steady(colour: Colour) -> Colour:
    """A colour to fill a whole picture with: never so light or so grey that it looks like a mistake."""
    return colour.at(min(0.86, max(0.24, colour.lightness)))


_BUILDERS: dict[VisualStyle, Callable[[Brand], list[Scheme]]] = {
    VisualStyle.MODERN: _modern,
    VisualStyle.CLASSIC: _classic,
    VisualStyle.MINIMALIST: _minimalist,
    VisualStyle.BOLD: _bold,
    VisualStyle.PLAYFUL: _playful,
    VisualStyle.LUXURY: _luxury,
}


def schemes(style: VisualStyle, colours: tuple[str, ...], mood: str = "") -> list[Scheme]:
    """Four schemes of a style, the most typical first. A mood of "light" or "dark" puts its own in front."""
    found = _BUILDERS[style](Brand.of(colours))
    if mood.lower() in ("light", "dark"):
        found.sort(key=lambda scheme: scheme.is_dark is not (mood.lower() == "dark"))
    return found
