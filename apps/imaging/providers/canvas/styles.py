"""The six visual styles: typefaces, decoration, corners and the arrangements that suit each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from apps.imaging.contract import VisualStyle
from apps.imaging.providers.canvas import fonts, ornaments
from apps.imaging.providers.canvas.ornaments import Ornament
from apps.imaging.providers.canvas.typesetting import Voice


@dataclass(frozen=True)
class Style:
    """How a look sets type and decorates. `radius` is a share of the picture's unit for buttons and panels."""

    name: VisualStyle
    display: Voice  # headlines
    quote: Voice  # what somebody said
    figure: Voice  # a price, a share
    text: Voice
    label: Voice  # kicker, signature
    kicker: str  # plain, pill, rule
    button: str  # solid, outline, link
    radius: float
    rule: float  # thickness of lines, in units
    centred: bool  # prefers the axis
    ornaments: tuple[Ornament, ...]  # for windows and sides
    patterns: tuple[Ornament, ...]  # for grounds and bands, where any part may be covered
    arrangements: tuple[str, ...]
    grow: float = 1.0  # how loud its headlines are


_FIGTREE = Voice(fonts.FIGTREE.weight(450), leading=1.38)

STYLES: dict[VisualStyle, Style] = {
    VisualStyle.MODERN: Style(
        name=VisualStyle.MODERN,
        display=Voice(fonts.BRICOLAGE.weight(720), tracking=-14, leading=1.06),
        quote=Voice(fonts.BRICOLAGE.weight(560), tracking=-8, leading=1.16),
        figure=Voice(fonts.BRICOLAGE.weight(800), tracking=-24, leading=0.98),
        text=_FIGTREE,
        label=Voice(fonts.FIGTREE.weight(640), tracking=6, leading=1.3),
        kicker="pill",
        button="solid",
        radius=3.2,
        rule=0.5,
        centred=False,
        ornaments=(ornaments.tiles, ornaments.orbits, ornaments.arches),
        patterns=(ornaments.tiles, ornaments.orbits),
        arrangements=("poster", "split", "window", "panel"),
    ),
    VisualStyle.CLASSIC: Style(
        name=VisualStyle.CLASSIC,
        display=Voice(fonts.FRAUNCES.weight(560), tracking=-6, leading=1.1),
        quote=Voice(fonts.FRAUNCES_ITALIC.weight(420), leading=1.2),
        figure=Voice(fonts.FRAUNCES.weight(620), tracking=-10, leading=1.0),
        text=Voice(fonts.DM_SANS.weight(430), leading=1.42),
        label=Voice(fonts.DM_SANS.weight(600), tracking=90, leading=1.4, capitals=True),
        kicker="rule",
        button="outline",
        radius=0.8,
        rule=0.28,
        centred=True,
        ornaments=(ornaments.arches, ornaments.hills, ornaments.rays, ornaments.sprig),
        patterns=(ornaments.rays, ornaments.hills),
        arrangements=("window", "frame", "split", "panel"),
    ),
    VisualStyle.MINIMALIST: Style(
        name=VisualStyle.MINIMALIST,
        display=Voice(fonts.DM_SANS.weight(480), tracking=-26, leading=1.1),
        quote=Voice(fonts.DM_SANS.weight(380), tracking=-20, leading=1.22),
        figure=Voice(fonts.DM_SANS.weight(340), tracking=-40, leading=1.0),
        text=Voice(fonts.DM_SANS.weight(400), leading=1.46),
        label=Voice(fonts.DM_SANS.weight(500), tracking=10, leading=1.4),
        kicker="plain",
        button="link",
        radius=0.0,
        rule=0.22,
        centred=False,
        ornaments=(ornaments.disc, ornaments.horizon, ornaments.contours),
        patterns=(ornaments.contours,),
        arrangements=("air", "split", "poster", "air"),
        grow=0.86,
    ),
    VisualStyle.BOLD: Style(
        name=VisualStyle.BOLD,
        display=Voice(fonts.ARCHIVO.set(Weight=860, Width=96), tracking=-12, leading=0.98, capitals=True),
        quote=Voice(fonts.ARCHIVO.set(Weight=780, Width=100), tracking=-14, leading=1.08),
        figure=Voice(fonts.ARCHIVO.set(Weight=900, Width=88), tracking=-22, leading=0.92, capitals=True),
        text=Voice(fonts.ARCHIVO.set(Weight=520, Width=100), leading=1.34),
        label=Voice(fonts.ARCHIVO.set(Weight=720, Width=108), tracking=30, leading=1.3, capitals=True),
        kicker="pill",
        button="solid",
        radius=0.0,
        rule=1.1,
        centred=False,
        ornaments=(ornaments.stripes, ornaments.halftone, ornaments.burst),
        patterns=(ornaments.stripes, ornaments.halftone, ornaments.burst),
        arrangements=("shout", "split", "poster", "panel"),
        grow=1.25,
    ),
    VisualStyle.PLAYFUL: Style(
        name=VisualStyle.PLAYFUL,
        display=Voice(fonts.FREDOKA.set(Weight=620, Width=100), tracking=-4, leading=1.08),
        quote=Voice(fonts.FREDOKA.set(Weight=500, Width=100), leading=1.18),
        figure=Voice(fonts.FREDOKA.set(Weight=700, Width=100), tracking=-10, leading=0.98),
        text=replace(_FIGTREE, face=fonts.FIGTREE.weight(540)),
        label=Voice(fonts.FREDOKA.set(Weight=560, Width=100), tracking=12, leading=1.3),
        kicker="pill",
        button="solid",
        radius=6.0,
        rule=0.7,
        centred=True,
        ornaments=(ornaments.confetti, ornaments.meadow, ornaments.blobs),
        patterns=(ornaments.confetti, ornaments.meadow),
        arrangements=("panel", "window", "split", "poster"),
    ),
    VisualStyle.LUXURY: Style(
        name=VisualStyle.LUXURY,
        display=Voice(fonts.CORMORANT.weight(560), tracking=-4, leading=1.06),
        quote=Voice(fonts.CORMORANT_ITALIC.weight(520), leading=1.14),
        figure=Voice(fonts.CORMORANT.weight(600), tracking=-8, leading=0.98),
        text=Voice(fonts.JOST.weight(400), tracking=6, leading=1.46),
        label=Voice(fonts.JOST.weight(460), tracking=210, leading=1.5, capitals=True),
        kicker="plain",
        button="outline",
        radius=0.0,
        rule=0.16,
        centred=True,
        ornaments=(ornaments.fan, ornaments.scales, ornaments.sprig),
        patterns=(ornaments.scales,),
        arrangements=("frame", "window", "split", "frame"),
        grow=1.08,
    ),
}


def styled(style: VisualStyle, heading_font: str, body_font: str) -> Style:
    """The style in the brand's own typefaces, where we have them; a name we do not have changes nothing."""
    found = STYLES[style]
    heading, body = (fonts.FAMILIES.get(name.lower()) for name in (heading_font, body_font))
    if heading:
        weight = dict(found.display.face.axes).get("Weight", 600)
        own = heading.weight(min(800, weight))
        found = replace(
            found,
            display=replace(found.display, face=own),
            quote=replace(found.quote, face=heading.weight(max(420, weight - 160))),
            figure=replace(found.figure, face=own),
        )
    if body:
        found = replace(
            found,
            text=replace(found.text, face=body.weight(440)),
            label=replace(found.label, face=body.weight(600)),
        )
    return found
