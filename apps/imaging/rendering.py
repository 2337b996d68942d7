"""Pictures in the sizes networks want: cut around their subject, sRGB, bare of metadata, under the byte limit.

What comes in has been decoded and written anew by `apps.media` (or drawn here), never a stranger's own file.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFile

from apps.core.networks import JPEG, NETWORKS, PNG, WEBP, Network
from apps.imaging.providers.canvas import fonts

QUALITIES = (92, 88, 84, 80, 74, 68, 60, 50)
SHRINKS = (1.0, 0.85, 0.7, 0.55)
FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
WATERMARK_SHARE = 0.026  # of the width


@dataclass(frozen=True)
class Rendered:
    """A finished file for a network."""

    data: bytes
    mime: str
    width: int
    height: int


class CannotShrink(Exception):
    """No quality and no size brings the picture under the network's limit."""


def render(data: bytes, network: str, placement: str = "", *, watermark: str = "") -> Rendered:
    """The picture for a network. With a placement: its exact pixels, cut around the subject. Without: its own ratio
    (cut only where the network refuses it), no larger than the network shows.

    Raises KeyError for an unknown network or placement, CannotShrink when nothing gets under the limit.
    """
    facts = NETWORKS[network]
    with Image.open(io.BytesIO(data)) as opened:
        picture = _without_alpha(opened)
    picture = fill(picture, facts.placements[placement]) if placement else _within(picture, facts)
    if watermark:
        picture = marked(picture, watermark)
    return _under_limit(picture, facts)


def _without_alpha(picture: Image.Image) -> Image.Image:
    """RGB; see-through parts become white, as the networks' own apps show them."""
    if picture.mode in ("RGBA", "LA", "P", "PA"):
        picture = picture.convert("RGBA")
        ground = Image.new("RGB", picture.size, (255, 255, 255))
        ground.paste(picture, mask=picture.getchannel("A"))
        return ground
    return picture.convert("RGB")


def fill(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Exactly `size` pixels: the part of the ratio that holds most of the subject, scaled."""
    box = subject_box(picture, size[0] / size[1])
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


def subject_box(picture: Image.Image, ratio: float) -> tuple[float, float, float, float]:
    """The largest part of a width-to-height ratio, placed where most of the subject is.

    The subject is where edges and saturated colours are, a little more so towards the middle and the upper third
    (faces). A picture that needs no cut is returned whole.
    """
    width, height = picture.size
    if math.isclose(width / height, ratio, rel_tol=0.005):
        return (0, 0, width, height)
    interest = _interest(picture)
    if width / height > ratio:
        part = height * ratio
        start = _best_start(interest.sum(axis=0), part / width) * width
        return (start, 0, start + part, height)
    part = width / ratio
    start = _best_start(interest.sum(axis=1), part / height) * height
    return (0, start, width, start + part)


def _interest(picture: Image.Image) -> np.ndarray:
    """How much there is to see at each point of a small copy; height by width."""
    small = np.asarray(picture.resize((96, 96), Image.Resampling.BOX), dtype=np.float32)
    luma = small @ np.array([0.299, 0.587, 0.114], dtype=np.float32)
    edges = np.zeros_like(luma)
    edges[:, 1:] += np.abs(np.diff(luma, axis=1))
    edges[1:, :] += np.abs(np.diff(luma, axis=0))
    colour = small.max(axis=-1) - small.min(axis=-1)
    common = np.median(small.reshape(-1, 3), axis=0)
    unlike = np.linalg.norm(small - common, axis=-1)
    y, x = np.mgrid[0:96, 0:96] / 95
    middle = np.exp(-(((x - 0.5) / 0.5) ** 2) - ((y - 0.42) / 0.6) ** 2)
    return (edges + 0.15 * colour + 0.25 * unlike) * (0.6 + 0.4 * middle)


def _best_start(profile: np.ndarray, share: float) -> float:
    """Where a window of a share of the length starts to hold most; among near equals, the most central."""
    length = len(profile)
    window = max(1, min(length, round(length * share)))
    sums = np.convolve(profile, np.ones(window), "valid")
    places = np.flatnonzero(sums >= sums.max() * 0.995)
    middle = (length - window) / 2
    return float(min(places[np.argmin(np.abs(places - middle))] / length, 1 - share))


def _within(picture: Image.Image, facts: Network) -> Image.Image:
    """The whole picture, cut only to a ratio the network takes, no larger than it stores."""
    ratio = picture.width / picture.height
    allowed = min(facts.ratio_max or math.inf, max(facts.ratio_min or 0.0, ratio))
    if not math.isclose(ratio, allowed, rel_tol=1e-4):
        left, top, right, bottom = subject_box(picture, allowed)
        picture = picture.crop((round(left), round(top), round(right), round(bottom)))
    limit = facts.picture_pixels_max or (2560, 2560)
    if picture.width > limit[0] or picture.height > limit[1]:
        picture.thumbnail(limit, Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def marked(picture: Image.Image, words: str) -> Image.Image:
    """The picture with small words in its lower right corner, light on a dark shadow so that any ground will do."""
    picture = picture.copy()
    size = max(12.0, picture.width * WATERMARK_SHARE)
    font = fonts.load(fonts.FIGTREE.weight(600), round(size))
    draw = ImageDraw.Draw(picture, "RGBA")
    at = (picture.width - size, picture.height - size)
    ink, shadow = (255, 255, 255, 220), (0, 0, 0, 90)
    draw.text(at, words, font=font, anchor="rs", fill=ink, stroke_width=size / 9, stroke_fill=shadow)
    return picture


def _under_limit(picture: Image.Image, facts: Network) -> Rendered:
    """The best file under the limit: lossless for drawn pictures where it fits, else JPEG, smaller as needed."""
    if PNG in facts.picture_mimes and is_flat(picture):
        data = _saved(picture, PNG, compress_level=6)
        if len(data) <= facts.picture_bytes_max:
            return Rendered(data, PNG, picture.width, picture.height)
    for share in SHRINKS:
        size = (max(1, round(picture.width * share)), max(1, round(picture.height * share)))
        smaller = picture if share == 1.0 else picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
        data = _best_jpeg(smaller, facts.picture_bytes_max)
        if data:
            return Rendered(data, JPEG, smaller.width, smaller.height)
    raise CannotShrink(facts.key)


def is_flat(picture: Image.Image) -> bool:
    """Whether a picture is drawn rather than photographed: a few colours make up most of it."""
    small = picture.resize((96, 96), Image.Resampling.NEAREST)
    counts = sorted((count for count, _ in small.getcolors(96 * 96) or ()), reverse=True)
    return sum(counts[:24]) > 0.7 * 96 * 96


def _best_jpeg(picture: Image.Image, limit: int) -> bytes:
    """The JPEG of the highest quality that fits; empty when not even the lowest does.

    The best is tried first, for it nearly always fits; then the right one is found by halving.
    """
    low, high, middle, best = 0, len(QUALITIES) - 1, 0, b""
    while low <= high:
        # full colour resolution keeps type and brand colours clean
        data = _saved(picture, JPEG, quality=QUALITIES[middle], subsampling=0, optimize=True, progressive=True)
        if len(data) <= limit:
            best, high = data, middle - 1
        else:
            low = middle + 1
        middle = (low + high) // 2
    return best


def _saved(picture: Image.Image, mime: str, **options: object) -> bytes:
    """The bare pixels as a file: no EXIF, no profile (sRGB is what every network assumes without one)."""
    out = io.BytesIO()
    bare = picture.copy()
    bare.info = {}
    # libjpeg writes an optimized file in one go: noise at high quality outgrows the buffer Pillow gives it by default
    ImageFile.MAXBLOCK = max(ImageFile.MAXBLOCK, 4 * bare.width * bare.height)
    bare.save(out, FORMATS[mime], **options)
    return out.getvalue()


def preview(data: bytes, side: int = 512) -> bytes:
    """A small WebP of a picture, at most `side` pixels."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = _without_alpha(opened)
    picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=86, method=4)
    return out.getvalue()
