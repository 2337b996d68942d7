"""Decoration: geometry in the brand's colours, seeded, so the same contract draws the same picture.

Each ornament fills a whole sheet. `colours` are loudest first; `ground` is the sheet's own colour.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random

from apps.imaging.providers.canvas.colour import Colour
from apps.imaging.providers.canvas.surface import Pen, Point, mix

Ornament = Callable[[Pen, Random, tuple[Colour, ...], Colour], None]


def _shades(colours: tuple[Colour, ...], ground: Colour) -> list[Colour]:
    """The brand's colours and quieter relatives of them that sit between them and the ground."""
    return [*colours, mix(colours[0], ground, 0.72), mix(colours[-1], ground, 0.5)]


def tiles(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A grid of quarter discs, half discs and dots (after the Bauhaus exercises)."""
    side = _tile_side(pen.width, pen.height, rng.choice((0.36, 0.44)))
    columns, rows = math.ceil(pen.width / side - 0.02), math.ceil(pen.height / side - 0.02)
    shades = _shades(colours, ground)
    last: Colour | None = None
    for row in range(rows):
        for column in range(columns):
            base, shape = rng.sample([s for s in shades if s is not last] + [ground], 2)
            last = shape
            _tile(pen, rng, (column * side, row * side), side, base, shape)


def _tile_side(width: float, height: float, wanted: float) -> float:
    """A side that divides the width and leaves no sliver below, near a share of the shorter edge."""

    def cost(columns: int) -> float:
        side = width / columns
        rest = height / side % 1
        sliver = 1.0 if 0.02 < rest < 0.35 else 0.0
        return sliver + abs(math.log(side / (min(width, height) * wanted)))

    return width / min(range(2, 13), key=cost)


def _tile(pen: Pen, rng: Random, at: Point, side: float, base: Colour, shape: Colour) -> None:
    x, y = at
    pen.rectangle(x, y, side + 0.5, side + 0.5, base)
    corner = rng.choice(((0, 0, 0, 90), (1, 0, 90, 180), (1, 1, 180, 270), (0, 1, 270, 360)))
    middle = (x + side / 2, y + side / 2)
    match rng.choice(("quarter", "quarter", "quarter", "half", "disc", "nested", "plain")):
        case "quarter":
            pen.slice(x + corner[0] * side, y + corner[1] * side, side, corner[2], corner[3], shape)
        case "nested":
            for share, fill in ((1, shape), (0.66, base), (0.33, shape)):
                pen.slice(x + corner[0] * side, y + corner[1] * side, side * share, corner[2], corner[3], fill)
        case "half":
            turn = rng.choice((0, 90, 180, 270))
            dx, dy = {0: (0, -1), 90: (1, 0), 180: (0, 1), 270: (-1, 0)}[turn]
            pen.slice(middle[0] + dx * side / 2, middle[1] + dy * side / 2, side / 2, turn, turn + 180, shape)
        case "disc":
            pen.disc(*middle, side * 0.32, shape)
        case "plain":
            return


def orbits(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A few large discs and rings that overlap."""
    reach = min(pen.width, pen.height)
    shades = _shades(colours, ground)
    pen.rectangle(0, 0, pen.width, pen.height, mix(ground, colours[0], 0.14))
    x, y = pen.width * rng.uniform(0.3, 0.7), pen.height * rng.uniform(0.35, 0.65)
    angle = rng.uniform(0, 2 * math.pi)
    for i, radius in enumerate((0.62, 0.42, 0.24)):
        far = reach * 0.3 * i
        pen.disc(x + math.cos(angle) * far, y + math.sin(angle) * far, reach * radius, shades[i % len(shades)])
        angle += rng.uniform(1.6, 2.6)
    far = reach * 0.35
    pen.ring(x + math.cos(angle) * far, y + math.sin(angle) * far, reach * 0.3, reach * 0.018, shades[0])


def hills(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Layers of soft hills under a sun."""
    sky = mix(ground, colours[-1], 0.22)
    pen.rectangle(0, 0, pen.width, pen.height, sky)
    sun = min(pen.width, pen.height) * rng.uniform(0.16, 0.22)
    pen.disc(pen.width * rng.uniform(0.28, 0.72), pen.height * 0.36, sun, colours[0])
    layers = 4
    for i in range(layers):
        shade = mix(sky, colours[1 % len(colours)], 0.3 + 0.7 * i / (layers - 1))
        base = pen.height * (0.46 + 0.15 * i)
        swell, shift = pen.height * rng.uniform(0.05, 0.1), rng.uniform(0, 6)
        top = [
            (x, base + math.sin(x / pen.width * rng_wave + shift) * swell)
            for rng_wave in (rng.uniform(3.2, 5.2),)
            for x in _steps(pen.width, 80)
        ]
        pen.polygon([*top, (pen.width, pen.height), (0, pen.height)], shade)


def _steps(length: float, count: int) -> list[float]:
    return [length * i / count for i in range(count + 1)]


def arches(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Arches inside arches, standing on the lower edge."""
    pen.rectangle(0, 0, pen.width, pen.height, mix(ground, colours[0], 0.12))
    bands = 5
    half = min(pen.width * 0.46, pen.height * 0.52)
    x, foot = pen.width / 2, pen.height
    top = foot - half - max(0.0, min(pen.height * 0.9 - half, half * 0.9))
    shades = _shades(colours, ground)
    for i in range(bands):
        radius = half * (1 - i / bands)
        fill = shades[i % len(shades)] if i % 2 == 0 else mix(ground, shades[i % len(shades)], 0.25)
        pen.disc(x, top + half, radius, fill)
        pen.rectangle(x - radius, top + half, radius * 2, foot - top - half, fill)


def rays(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A sun with rays, rising from the lower edge or a corner."""
    pen.rectangle(0, 0, pen.width, pen.height, mix(ground, colours[0], 0.1))
    x = pen.width * rng.choice((0.0, 0.5, 1.0))
    reach = math.hypot(pen.width, pen.height) * 1.1
    count = rng.choice((28, 36))
    for i in range(0, count, 2):
        start = 360 / count * i
        pen.slice(x, pen.height, reach, start, start + 360 / count, mix(ground, colours[0], 0.42))
    sun = min(pen.width, pen.height)
    for share, fill in ((0.62, colours[0]), (0.5, mix(ground, colours[0], 0.2)), (0.42, colours[1 % len(colours)])):
        pen.disc(x, pen.height, sun * share, fill)


def disc(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """One disc, well placed; nothing else."""
    reach = min(pen.width, pen.height)
    pen.disc(pen.width * rng.choice((0.42, 0.58)), pen.height * 0.5, reach * 0.34, colours[0])


def horizon(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A half disc standing on a line."""
    reach = min(pen.width, pen.height)
    x, y = pen.width * rng.choice((0.38, 0.5, 0.62)), pen.height * 0.66
    pen.slice(x, y, reach * 0.36, 180, 360, colours[0])
    pen.line([(0, y), (pen.width, y)], reach * 0.008, colours[0])


def contours(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Thin concentric rings around a point near the edge."""
    reach = min(pen.width, pen.height)
    is_alone = 0.9 < pen.width / pen.height < 1.1
    x = pen.width * (0.5 if is_alone else rng.choice((0.25, 0.75)))
    step = reach * (0.055 if is_alone else 0.085)
    for i in range(8 if is_alone else 12):
        pen.ring(x, pen.height / 2, step * (i + 1.2), max(1.2, reach * 0.006), mix(colours[0], ground, 0.06 * i))
    pen.disc(x, pen.height / 2, step * 0.55, colours[0])


def stripes(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Wide diagonal bands."""
    band = min(pen.width, pen.height) * rng.uniform(0.2, 0.26)
    slope = rng.choice((1, -1))
    shades = [colours[0], ground, colours[1 % len(colours)], colours[0], mix(ground, colours[0], 0.5)]
    start = -pen.height - band * 2
    for i in range(math.ceil((pen.width + pen.height * 2) / band) + 4):
        x = start + band * i
        points = [(x, pen.height), (x + band + 0.6, pen.height), (x + band + pen.height + 0.6, 0), (x + pen.height, 0)]
        if slope < 0:
            points = [(pen.width - px, py) for px, py in points]
        pen.polygon(points, shades[i % len(shades)])


def halftone(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A grid of dots that grow towards one edge."""
    pen.rectangle(0, 0, pen.width, pen.height, colours[0])
    step = min(pen.width, pen.height) / 11
    angle = rng.choice((0.6, 1.0, 2.2, 2.6))
    dot = ground if abs(ground.lightness - colours[0].lightness) > 0.12 else colours[1 % len(colours)]
    for row in range(math.ceil(pen.height / step) + 1):
        for column in range(math.ceil(pen.width / step) + 1):
            x, y = (column + (row % 2) / 2) * step, row * step
            along = ((x / pen.width - 0.5) * math.cos(angle) + (y / pen.height - 0.5) * math.sin(angle)) + 0.5
            pen.disc(x, y, step * 0.56 * min(1.0, max(0.08, along)), dot)


def burst(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Rays from a point, in full colour, around a disc."""
    x, y = pen.width * rng.uniform(0.35, 0.65), pen.height * rng.uniform(0.4, 0.6)
    reach = math.hypot(pen.width, pen.height)
    shades = (colours[0], colours[1 % len(colours)])
    for i in range(24):
        pen.slice(x, y, reach, i * 15 + 4, i * 15 + 19.3, shades[i % 2])
    small = min(pen.width, pen.height)
    pen.disc(x, y, small * 0.27, ground)
    pen.disc(x, y, small * 0.19, shades[0] if shades[0] is not ground else shades[1])


def _blob(rng: Random, x: float, y: float, radius: float) -> list[Point]:
    """A soft closed shape: a circle with three slow waves on it."""
    waves = [(k, rng.uniform(0.03, 0.11), rng.uniform(0, 2 * math.pi)) for k in (2, 3, 4)]
    points = []
    for i in range(120):
        angle = 2 * math.pi * i / 120
        r = radius * (1 + sum(size * math.sin(k * angle + phase) for k, size, phase in waves))
        points.append((x + r * math.cos(angle), y + r * math.sin(angle)))
    return points


def blobs(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Soft shapes with dots between them."""
    reach = min(pen.width, pen.height)
    pen.rectangle(0, 0, pen.width, pen.height, mix(ground, colours[0], 0.16))
    shades = _shades(colours, ground)
    spots = [(0.18, 0.25, 0.36), (0.85, 0.3, 0.33), (0.5, 0.86, 0.4), (0.95, 0.95, 0.22)]
    for i, (x, y, r) in enumerate(spots):
        shape = _blob(rng, pen.width * (x + rng.uniform(-0.05, 0.05)), pen.height * y, reach * r)
        pen.polygon(shape, shades[i % len(shades)])
    for _ in range(7):
        x, y = pen.width * rng.random(), pen.height * rng.random()
        pen.disc(x, y, reach * rng.uniform(0.012, 0.03), rng.choice(shades))


def confetti(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Dots, rings, bars and curls, evenly scattered (best candidate sampling, Mitchell 1991)."""
    base = mix(ground, colours[0], 0.24)
    pen.rectangle(0, 0, pen.width, pen.height, base)
    reach = min(pen.width, pen.height)
    spots: list[Point] = []
    count = max(14, round(26 * pen.width * pen.height / reach**2 * 0.8))
    seen = (
        c for c in _shades(colours, ground) if abs(c.lightness - base.lightness) + abs(c.chroma - base.chroma) > 0.06
    )
    shades = list(seen) or list(colours)
    for _ in range(count):
        tries = [(rng.uniform(0, pen.width), rng.uniform(0, pen.height)) for _ in range(14)]
        x, y = max(tries, key=lambda p: min((math.dist(p, q) for q in spots), default=9e9))
        spots.append((x, y))
        _scrap(pen, rng, (x, y), reach * 0.034, rng.choice(shades))


def _scrap(pen: Pen, rng: Random, at: Point, size: float, colour: Colour) -> None:
    x, y = at
    angle = rng.uniform(0, math.pi)
    match rng.choice(("dot", "ring", "bar", "curl", "flower")):
        case "dot":
            pen.disc(x, y, size, colour)
        case "ring":
            pen.ring(x, y, size * 1.15, size * 0.42, colour)
        case "bar":
            dx, dy = math.cos(angle) * size * 1.5, math.sin(angle) * size * 1.5
            pen.stroke([(x - dx, y - dy), (x + dx, y + dy)], size * 0.62, colour)
        case "curl":
            curl = [(t * size * 0.5 - size * 1.5, math.sin(t * 1.57) * size * 0.6) for t in _steps(6, 30)]
            turned = [
                (x + a * math.cos(angle) - b * math.sin(angle), y + a * math.sin(angle) + b * math.cos(angle))
                for a, b in curl
            ]
            pen.stroke(turned, size * 0.42, colour)
        case "flower":
            flower(pen, x, y, size * 1.4, colour, None)


def flower(pen: Pen, x: float, y: float, radius: float, petals: Colour, heart: Colour | None, count: int = 6) -> None:
    """A round flower."""
    for i in range(count):
        angle = 2 * math.pi * i / count
        pen.disc(x + math.cos(angle) * radius * 0.56, y + math.sin(angle) * radius * 0.56, radius * 0.42, petals)
    pen.disc(x, y, radius * 0.45, petals)
    if heart:
        pen.disc(x, y, radius * 0.3, heart)


def meadow(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Large flowers, cropped by the edges."""
    reach = min(pen.width, pen.height)
    pen.rectangle(0, 0, pen.width, pen.height, mix(ground, colours[-1], 0.18))
    shades = _shades(colours, ground)
    count = max(3, round(pen.width * pen.height / reach**2 * 3.4))
    spots: list[Point] = []
    for i in range(count):
        tries = [(rng.uniform(0, pen.width), rng.uniform(0, pen.height)) for _ in range(20)]
        x, y = max(tries, key=lambda p: min((math.dist(p, q) for q in spots), default=9e9))
        spots.append((x, y))
        petals, heart = shades[i % len(shades)], shades[(i + 1) % len(shades)]
        flower(pen, x, y, reach * rng.uniform(0.2, 0.3), petals, heart, rng.choice((6, 8)))


def scales(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Art deco fans, in thin lines."""
    radius = min(pen.width, pen.height) / rng.choice((3.2, 4.2))
    line = max(1.0, radius * 0.022)
    rows = math.ceil(pen.height / (radius / 2)) + 2
    for row in range(rows):
        y = row * radius / 2
        for column in range(-1, math.ceil(pen.width / (radius * 2)) + 2):
            x = column * radius * 2 + (row % 2) * radius
            pen.disc(x, y + radius / 2, radius, ground)
            for share in (0.98, 0.76, 0.54, 0.32):
                pen.ring(x, y + radius / 2, radius * share, line, colours[0])


def fan(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """Fine lines radiating from the lower edge under thin arcs."""
    x, y = pen.width * 0.5, pen.height
    reach = min(pen.width * 0.5, pen.height) * 0.94
    line = max(1.0, reach * 0.007)
    for i in range(31):
        angle = math.pi * i / 30
        inner, outer = (0.3, 0.74) if i % 2 else (0.3, 0.86)
        pen.line(
            [
                (x - math.cos(angle) * reach * inner, y - math.sin(angle) * reach * inner),
                (x - math.cos(angle) * reach * outer, y - math.sin(angle) * reach * outer),
            ],
            line,
            colours[0],
        )
        if not i % 2:
            pen.disc(x - math.cos(angle) * reach * 0.92, y - math.sin(angle) * reach * 0.92, line * 2.2, colours[0])
    for share in (0.26, 0.22):
        pen.ring(x, y, reach * share, line, colours[0])
    pen.slice(x, y, reach * 0.16, 180, 360, colours[0])


def sprig(pen: Pen, rng: Random, colours: tuple[Colour, ...], ground: Colour) -> None:
    """A branch with leaves, from one lower corner upwards."""
    mirrored = rng.random() < 0.5
    reach = min(pen.width, pen.height) * 0.84
    start = (pen.width * 0.5 - reach * 0.34, pen.height * 0.5 + reach * 0.46)
    stem = []
    for t in _steps(1, 60):
        stem.append((start[0] + reach * 0.62 * t**1.25, start[1] - reach * 0.9 * t**0.92))
    flip = (lambda p: (pen.width - p[0], p[1])) if mirrored else (lambda p: p)
    pen.line([flip(p) for p in stem], reach * 0.009, colours[0])
    for i, at in enumerate(range(9, 61, 6)):
        x, y = stem[min(at, 60)]
        size = reach * (0.25 - 0.013 * i)
        for side in (-1, 1):
            fill = colours[0] if (i + side) % 3 else mix(colours[0], ground, 0.45)
            angle = -math.pi * 0.3 + side * 0.82
            pen.polygon([flip(p) for p in _leaf(x, y, size, angle)], fill)
    pen.polygon([flip(p) for p in _leaf(*stem[-1], reach * 0.16, -math.pi * 0.28)], colours[0])


def _leaf(x: float, y: float, length: float, angle: float) -> list[Point]:
    """A pointed leaf: two arcs from the stem to the tip."""
    outline = [(t, math.sin(math.pi * t**0.85) * 0.19) for t in _steps(1, 24)]
    outline += [(t, -w) for t, w in reversed(outline)]
    return [
        (
            x + (t * math.cos(angle) - w * math.sin(angle)) * length,
            y + (t * math.sin(angle) + w * math.cos(angle)) * length,
        )
        for t, w in outline
    ]


def seal(centre: Point, radius: float, teeth: int, depth: float) -> list[Point]:
    """The outline of a seal: a disc with a wavy edge, `depth` as a share of the radius."""
    points = []
    for i in range(teeth * 12):
        angle = 2 * math.pi * i / (teeth * 12)
        r = radius * (1 - depth / 2 + depth / 2 * math.cos(teeth * angle))
        points.append((centre[0] + r * math.cos(angle), centre[1] + r * math.sin(angle)))
    return points
