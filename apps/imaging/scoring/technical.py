"""Is it a sound picture? Resolution, sharpness, exposure, noise, blankness, borders; each 0 to 100.

Works for set cards and photographs alike. Sources: Crete et al., "The blur effect" (SPIE 2007); Immerkær, "Fast
noise variance estimation" (CVIU 1996), with the median in place of the mean so that edges do not count as noise.
"""

from __future__ import annotations

import numpy as np

from apps.imaging.scoring.pixels import Array, Pixels, ramp

WEIGHTS = {"resolution": 0.2, "sharpness": 0.25, "exposure": 0.15, "noise": 0.15, "blankness": 0.15, "borders": 0.1}


def technical(pixels: Pixels, wanted: tuple[int, int]) -> tuple[float, dict[str, float]]:
    """The part's score and its measures. `wanted` is the width and height of the placement."""
    parts = {
        "resolution": resolution(pixels, wanted),
        "sharpness": sharpness(pixels),
        "exposure": exposure(pixels),
        "noise": noise(pixels),
        "blankness": blankness(pixels),
        "borders": borders(pixels),
    }
    mean = sum(WEIGHTS[name] * value for name, value in parts.items())
    return 0.5 * mean + 0.5 * min(parts.values()), parts  # one broken thing breaks a picture


def resolution(pixels: Pixels, wanted: tuple[int, int]) -> float:
    """100 from the placement's own size on, 0 at 30 % of it."""
    return ramp(min(pixels.width / wanted[0], pixels.height / wanted[1]), 0.3, 1.0)


def blur_effect(luma: Array, size: int = 11) -> float:
    """Crete's no-reference blur, 0 (sharp) to 1: how little the picture loses when blurred once more."""
    worst = 0.0
    for axis in (0, 1):
        blurred = _box_blur(luma, size, axis)
        sharp = np.abs(np.diff(luma, axis=axis))
        soft = np.abs(np.diff(blurred, axis=axis))
        total = float(sharp.sum())
        if total > 0:
            lost = float(np.maximum(0, sharp - soft).sum())
            worst = max(worst, (total - lost) / total)
    return worst


def _box_blur(values: Array, size: int, axis: int) -> Array:
    """A moving mean along one axis, edges repeated."""
    pad = [(0, 0), (0, 0)]
    pad[axis] = (size // 2 + 1, size // 2)
    sums = np.cumsum(np.pad(values.astype(np.float64), pad, mode="edge"), axis=axis)
    upper = np.take(sums, range(size, sums.shape[axis]), axis=axis)
    lower = np.take(sums, range(sums.shape[axis] - size), axis=axis)
    return (upper - lower) / size


def sharpness(pixels: Pixels) -> float:
    """100 up to a blur effect of 0.32 (crisp), 0 at 0.72 (nothing has an edge)."""
    return ramp(blur_effect(pixels.luma), 0.72, 0.32)


def exposure(pixels: Pixels) -> float:
    """Tonal range used, overall brightness, and how much is burnt out or drowned.

    A drawn card may rest on pure white; a photograph may not lose more than a few per cent to it.
    """
    low, high = np.percentile(pixels.luma, (0.5, 99.5))
    extent = ramp(float(high - low), 20, 130)
    clipped = float(np.mean(np.all(pixels.rgb >= 254, axis=-1) | np.all(pixels.rgb <= 1, axis=-1)))
    burnt = ramp(clipped, 0.98, 0.75) if is_drawn(pixels) else ramp(clipped, 0.5, 0.04)
    mean = float(pixels.luma.mean())
    level = min(ramp(mean, 4, 24), ramp(mean, 253, 246))
    return min(extent, burnt, level)


def is_drawn(pixels: Pixels) -> bool:
    """Whether few flat colours make up most of the picture."""
    step = max(1, max(pixels.height, pixels.width) // 256)
    coarse = (pixels.rgb[::step, ::step] >> 2).astype(np.int64)
    keys = (coarse[..., 0] << 12) | (coarse[..., 1] << 6) | coarse[..., 2]
    counts = np.sort(np.unique(keys, return_counts=True)[1])[::-1]
    return bool(counts[:12].sum() / counts.sum() > 0.6)


def noise_sigma(luma: Array) -> float:
    """Standard deviation of white noise, in levels of 255 (Immerkær's mask, median absolute response)."""
    inner = luma[1:-1, 1:-1] * 4
    edges = (luma[:-2, 1:-1] + luma[2:, 1:-1] + luma[1:-1, :-2] + luma[1:-1, 2:]) * 2
    corners = luma[:-2, :-2] + luma[:-2, 2:] + luma[2:, :-2] + luma[2:, 2:]
    return float(np.median(np.abs(inner - edges + corners)) / (0.6745 * 6))


def noise(pixels: Pixels) -> float:
    """100 up to a sigma of 1.5 levels, 0 at 22."""
    return ramp(noise_sigma(pixels.luma), 22, 1.5)


def blankness(pixels: Pixels) -> float:
    """How much differs from the commonest colour: 0 under 0.2 % of the area, 100 from 3 % on."""
    lab = pixels.small.reshape(-1, 3)
    keys, counts = np.unique(np.round(lab * 25).astype(np.int64), axis=0, return_counts=True)
    common = keys[counts.argmax()] / 25
    return ramp(float(np.mean(np.linalg.norm(lab - common, axis=1) > 0.08)), 0.002, 0.03)


def borders(pixels: Pixels) -> float:
    """Bars on opposite sides that are no part of the picture (letterbox): 100 without, 0 from 20 % of a side on."""
    share = max(_bars(pixels.rgb), _bars(pixels.rgb.transpose(1, 0, 2)))
    return ramp(share, 0.2, 0.0)


def _bars(rgb: Array) -> float:
    """Share of the height that even bars of one colour at top and bottom take, when the picture stops at their edge."""
    step = max(1, rgb.shape[1] // 400)
    rows = rgb[:, ::step].astype(np.int16)
    even = np.all(rows.max(axis=1) - rows.min(axis=1) <= 6, axis=1)
    if even.all():
        return 0.0
    top, bottom = int(np.argmin(even)), int(np.argmin(even[::-1]))
    if not top or not bottom:
        return 0.0
    inside = rows[top], rows[-bottom - 1]
    bars = rows[top - 1].mean(axis=0), rows[-bottom].mean(axis=0)
    is_same = np.abs(bars[0] - bars[1]).max() <= 8
    stops = all(np.mean(np.abs(line - bar).max(axis=1) > 12) > 0.6 for line, bar in zip(inside, bars, strict=True))
    return (top + bottom) / rgb.shape[0] if is_same and stops else 0.0
