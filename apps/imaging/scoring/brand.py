"""Does it look like this brand? Colours in OKLab, contrast of the words as measured on the pixels, room of the logo."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from apps.imaging.providers.base import Box, TextMark
from apps.imaging.scoring.pixels import Array, Pixels, ramp, to_luminance, to_oklab

WEIGHTS = {"palette": 0.5, "contrast": 0.35, "logo": 0.15}
CLEAR_ZONE = 0.5  # of the logo's height
RING = 3  # pixels around a line of text that show its ground


def brand(
    pixels: Pixels, colours: Sequence[str], marks: Sequence[TextMark], logo: Box | None
) -> tuple[float | None, dict[str, float]]:
    """The part's score over what could be measured, and its measures; None for a brand without colours.

    Readable words alone do not make a picture look like a brand.
    """
    if not colours:
        return None, {}
    parts = {"palette": palette(pixels, colours)}
    if marks:
        parts["contrast"] = contrast_score(min(measured_contrast(pixels, mark) for mark in marks))
    if logo:
        parts["logo"] = logo_room(pixels, logo)
    total = sum(WEIGHTS[name] for name in parts)
    mean = sum(WEIGHTS[name] * value for name, value in parts.items()) / total
    return 0.7 * mean + 0.3 * min(parts.values()), parts


def to_lab(colours: Sequence[str]) -> Array:
    """OKLab of `#rrggbb` colours, n by 3."""
    return to_oklab(np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours], dtype=np.uint8))


def palette(pixels: Pixels, colours: Sequence[str]) -> float:
    """How near the picture's colours are to the brand's, and whether the brand's own colours are there at all.

    Tints and shades of a brand colour belong to it: distance is taken in the a-b plane to the line from grey to
    the colour. The mean over the picture is weighted by chroma, for a strange colour hurts by its strength.
    """
    lab = pixels.small.reshape(-1, 3)
    own = to_lab(colours)
    strange = np.min([_to_tints(lab[:, 1:], colour[1:]) for colour in own], axis=0)
    chroma = np.linalg.norm(lab[:, 1:], axis=1)
    # most of a picture may be neutral; what is coloured decides
    mean = float((strange * (chroma + 0.01)).sum() / (chroma + 0.01).sum())
    near = np.min([np.linalg.norm(lab - colour, axis=1) for colour in own], axis=0) < 0.1
    present = ramp(float(near.mean()), 0.0, 0.02)
    return 100 * math.exp(-((mean / 0.055) ** 1.4)) * (0.6 + 0.004 * present)


def _to_tints(points: Array, colour: Array) -> Array:
    """Distance of a-b points to the segment from grey to a colour a fifth stronger than the brand's."""
    end = colour * 1.2
    length = float(end @ end)
    along = np.clip(points @ end / length, 0, 1) if length > 1e-6 else np.zeros(len(points))
    return np.linalg.norm(points - along[:, None] * end, axis=1)


def measured_contrast(pixels: Pixels, mark: TextMark) -> float:
    """WCAG contrast of a set line on the pixels that are there: its ink against the ground around it.

    The ink is what in the box is nearest to the declared colour; the ground is a ring around the box, of which the
    worst fifth counts, so a busy ground is not averaged away.
    """
    box = pixels.crop(mark.box)
    if not box.size:
        return 1.0
    distance = np.abs(box.astype(np.int16) - np.array(mark.ink, dtype=np.int16)).sum(axis=-1).ravel()
    nearest = box.reshape(-1, 3)[np.argsort(distance)[: max(4, distance.size // 50)]]
    ink = float(np.median(to_luminance(nearest)))
    ground = to_luminance(_ring(pixels, mark.box))
    ratios = (np.maximum(ground, ink) + 0.05) / (np.minimum(ground, ink) + 0.05)
    return float(np.percentile(ratios, 20))


def _ring(pixels: Pixels, box: Box) -> Array:
    """Pixels just outside a box, n by 3; those inside its edge where it touches the picture's."""
    left, top, right, bottom = box
    strips = (
        (left - RING, top - RING, right + RING, top),
        (left - RING, bottom, right + RING, bottom + RING),
        (left - RING, top, left, bottom),
        (right, top, right + RING, bottom),
    )
    found = [pixels.crop(strip).reshape(-1, 3) for strip in strips]
    ring = np.concatenate([strip for strip in found if strip.size] or [pixels.crop(box)[:1].reshape(-1, 3)])
    return ring.astype(np.uint8)


def contrast_score(ratio: float) -> float:
    """1:1 → 0, 3:1 → 40, 4.5:1 → 75, 7:1 → 100."""
    return float(np.interp(ratio, (1, 3, 4.5, 7), (0, 40, 75, 100)))


def logo_room(pixels: Pixels, logo: Box) -> float:
    """Whether the zone around the logo (half its height) is free: 100 when even, 0 from 25 % disturbed on."""
    left, top, right, bottom = logo
    zone = round((bottom - top) * CLEAR_ZONE)
    area = to_oklab(pixels.crop((left - zone, top - zone, right + zone, bottom + zone)))
    outside = np.ones(area.shape[:2], dtype=bool)
    y, x = min(zone, top), min(zone, left)
    outside[y : y + bottom - top, x : x + right - left] = False
    ground = area[outside]
    if not len(ground):
        return 0.0
    disturbed = np.linalg.norm(ground - np.median(ground, axis=0), axis=1) > 0.06
    return ramp(float(disturbed.mean()), 0.25, 0.0)
