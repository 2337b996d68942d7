"""A picture as numbers: sRGB bytes, relative luminance, OKLab. Arrays are float32, height by width (by 3)."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from apps.imaging.providers.base import Box

Array = np.ndarray
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    dtype=np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    dtype=np.float32,
)
_LINEAR = np.array(
    [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in (i / 255 for i in range(256))],
    dtype=np.float32,
)


def to_oklab(rgb: Array) -> Array:
    """OKLab of sRGB bytes (Ottosson 2020); last axis is (L, a, b)."""
    return np.cbrt(_LINEAR[rgb] @ _TO_LMS.T) @ _TO_LAB.T


def to_luminance(rgb: Array) -> Array:
    """WCAG 2.2 relative luminance, 0 to 1, of sRGB bytes."""
    return _LINEAR[rgb] @ np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True)
class Pixels:
    """One decoded picture. `rgb` is bytes."""

    rgb: Array

    @classmethod
    def of(cls, data: bytes) -> Pixels:
        """Decode a picture of ours (a vendor's goes through `apps.media`'s guarded decoding first)."""
        with Image.open(io.BytesIO(data)) as image:
            return cls(np.asarray(image.convert("RGB")))

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @cached_property
    def luma(self) -> Array:
        """Gamma-coded brightness, 0 to 255 (ITU-R BT.601), what sharpness and noise measures are defined on."""
        return self.rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], dtype=np.float32)

    @cached_property
    def small(self) -> Array:
        """OKLab of at most about 128 by 128 evenly picked pixels: enough for colour statistics."""
        step = max(1, round(max(self.height, self.width) / 128))
        return to_oklab(self.rgb[step // 2 :: step, step // 2 :: step])

    def crop(self, box: Box) -> Array:
        """The bytes inside a box, clipped to the picture."""
        left, top, right, bottom = box
        return self.rgb[max(0, top) : max(0, bottom), max(0, left) : max(0, right)]


def ramp(value: float, worst: float, best: float) -> float:
    """0 at `worst`, 100 at `best`, straight between; either may be the larger."""
    return float(min(100.0, max(0.0, 100 * (value - worst) / (best - worst))))
