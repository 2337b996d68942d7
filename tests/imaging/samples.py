"""Contracts and degraded pictures the tests of this folder share."""

import io

import numpy as np
from PIL import Image, ImageFilter

from apps.imaging.contract import PictureText, PromptContract

CAFE = ("#1f6f54", "#f3e3c3", "#e07a3f")
TEXTS = {
    "announcement": PictureText(
        kicker="New on the menu",
        headline="Cardamom buns, warm from eight",
        body="Baked in small batches every morning.",
        action="See the menu",
    ),
    "quote": PictureText(kind="quote", headline="The best flat white in town.", attribution="Marta, a regular"),
    "offer": PictureText(kind="offer", figure="20 %", headline="off every cake", body="Saturday and Sunday."),
    "tips": PictureText(kind="tips", headline="Better coffee", body="Grind fresh\nWeigh it\nRinse the filter"),
    "event": PictureText(kind="event", headline="Jazz under the lemon trees", when="Friday, 19:30"),
}


def contract(kind: str = "announcement", **fields: object) -> PromptContract:
    """A café's contract for a kind of card."""
    given = {"text": TEXTS[kind], "colours": CAFE, "brand_name": "Lemon Tree", "signature": "lemontree.cafe"}
    return PromptContract.model_validate(given | {"seed": 7} | fields)


def png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def photograph(seed: int = 3) -> Image.Image:
    """Something like a photograph: soft shapes, texture at every scale, a full range of tones."""
    rng = np.random.default_rng(seed)
    layers = []
    for size, strength in ((4, 70), (16, 34), (64, 18), (256, 9)):
        layer = Image.fromarray(rng.integers(0, 256, (size, size, 3), dtype=np.uint8))
        layers.append(
            (np.asarray(layer.resize((512, 512), Image.Resampling.BICUBIC), dtype=np.float32) - 128) / 128 * strength
        )
    return Image.fromarray(np.clip(128 + sum(layers) * 1.5, 3, 250).astype(np.uint8))


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def noisy(image: Image.Image, sigma: float) -> Image.Image:
    values = np.asarray(image, dtype=np.float32)
    noise = np.random.default_rng(1).normal(0, sigma, values.shape[:2])[..., None]
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def brightened(image: Image.Image, factor: float) -> Image.Image:
    return Image.fromarray(np.clip(np.asarray(image, dtype=np.float32) * factor, 0, 255).astype(np.uint8))


def barred(image: Image.Image, share: float) -> Image.Image:
    """Black bars over a share of the height at top and bottom."""
    copy = image.copy()
    bar = round(image.height * share / 2)
    copy.paste((0, 0, 0), (0, 0, image.width, bar))
    copy.paste((0, 0, 0), (0, image.height - bar, image.width, image.height))
    return copy


def hue_turned(image: Image.Image, degrees: float) -> Image.Image:
    h, s, v = image.convert("HSV").split()
    turned = h.point(lambda value: (value + round(degrees / 360 * 256)) % 256)
    return Image.merge("HSV", (turned, s, v)).convert("RGB")


def faded(image: Image.Image, share: float) -> Image.Image:
    """Everything moved towards one grey."""
    return Image.blend(image, Image.new("RGB", image.size, (150, 150, 150)), share)
