"""The brand's mark: its logo with a clear zone, or its name set well, and where to find it."""

from __future__ import annotations

from PIL import Image, ImageStat

from apps.imaging.contract import PromptContract
from apps.imaging.providers.canvas.colour import Colour, contrast
from apps.imaging.providers.canvas.stack import Setting
from apps.imaging.providers.canvas.typesetting import Block, Voice, set_text

LOGO_HEIGHT = 7.0  # units
LOGO_WIDTH = 30.0
CLEAR_ZONE = 0.5  # of the logo's height, free on every side
ABOVE = 6.0  # units between words and mark
BETWEEN = 1.9  # units between name and address

Frame = tuple[float, float, float, float]  # x, y, width, height


def measure(setting: Setting, contract: PromptContract, logo: Image.Image | None, width: float) -> float:
    """The height the mark takes at this width, with the room above it; nothing is drawn."""
    unit = setting.page.unit
    if logo is not None:
        placed = sized(logo, unit)
        plate = 0.0 if stands_out(placed, setting.inks.ground) else placed.height * CLEAR_ZONE * 2
        return placed.height + plate + max(placed.height * CLEAR_ZONE, ABOVE * unit)
    name, sign = _lines(setting, contract, width)
    if not name and not sign:
        return 0.0
    if setting.align == "center" and name and sign:
        return name.height + BETWEEN * unit + sign.height + ABOVE * unit
    return max(block.height for block in (name, sign) if block) + ABOVE * unit


def draw(setting: Setting, contract: PromptContract, logo: Image.Image | None, area: Frame) -> float:
    """Draw the mark at the foot of an area; returns the height it takes with the room above it."""
    x, y, width, height = area
    if logo is not None:
        _with_logo(setting, sized(logo, setting.page.unit), contract.signature, area)
        return measure(setting, contract, logo, width)
    name, sign = _lines(setting, contract, width)
    foot = y + height
    if setting.align == "center" and name and sign:
        above = foot - sign.height - BETWEEN * setting.page.unit - name.height
        setting.page.write(name, x, above, width, setting.inks.ink, "center")
        setting.page.write(sign, x, foot - sign.height, width, setting.inks.soft, "center")
    else:
        if name:
            setting.page.write(name, x, foot - name.height, width, setting.inks.ink, setting.align)
        if sign:
            align = "right" if name else setting.align
            setting.page.write(sign, x, foot - sign.height, width, setting.inks.soft, align)
    return measure(setting, contract, logo, width)


def _lines(setting: Setting, contract: PromptContract, width: float) -> tuple[Block | None, Block | None]:
    """The brand's name and its address, as far as they are known and fit."""
    name, sign = contract.brand_name, contract.signature
    is_shared = bool(name and sign) and setting.align != "center"
    return (
        _line(setting, name, 1.0, width * 0.56 if is_shared else width),
        _line(setting, sign, 0.86, width * 0.42 if is_shared else width),
    )


def _line(setting: Setting, text: str, share: float, width: float) -> Block | None:
    """One line of the label voice that fits a width, or None; it is made smaller before it is given up."""
    if not text:
        return None
    voice: Voice = setting.style.label
    size = (3.0 if not voice.capitals else 2.35) * share * setting.page.unit
    for shrink in (1.0, 0.92, 0.84, 0.76):
        block = set_text(text, voice, size * shrink, 1e9)
        if block and block.width <= width:
            return block
    return None


def sized(logo: Image.Image, unit: float) -> Image.Image:
    """The logo, cropped to its ink and as large as its place allows."""
    ink = logo.getchannel("A").getbbox()
    if ink:
        logo = logo.crop(ink)
    share = min(LOGO_HEIGHT * unit / logo.height, LOGO_WIDTH * unit / logo.width)
    size = (max(1, round(logo.width * share)), max(1, round(logo.height * share)))
    return logo.resize(size, Image.Resampling.LANCZOS)


def _with_logo(setting: Setting, logo: Image.Image, side: str, area: Frame) -> None:
    x, y, width, height = area
    unit, page = setting.page.unit, setting.page
    clear = logo.height * CLEAR_ZONE
    start = setting.left_of(x, width, logo.width)
    top = y + height - logo.height
    if not stands_out(logo, setting.inks.ground):
        plate = setting.inks.ink if stands_out(logo, setting.inks.ink) else Colour(1, 0, 0)
        pad = clear
        start = {"left": start + pad, "center": start, "right": start - pad}[setting.align]
        top -= pad
        radius = min(setting.style.radius * unit, pad * 0.6)
        page.rectangle(start - pad, top - pad, logo.width + 2 * pad, logo.height + 2 * pad, plate, radius)
    page.place(logo, start, top)
    if side and setting.align == "left":
        sign = _line(setting, side, 0.86, width - logo.width - 3 * clear - 4 * unit)
        if sign:
            page.write(sign, x, top + (logo.height - sign.height) / 2, width, setting.inks.soft, "right")


def stands_out(logo: Image.Image, ground: Colour, ratio: float = 1.8) -> bool:
    """Whether the logo's opaque pixels differ enough from a ground (WCAG contrast of their mean)."""
    mean = ImageStat.Stat(logo.convert("RGB"), logo.getchannel("A").point(lambda a: 255 if a > 127 else 0)).mean
    return contrast((round(mean[0]), round(mean[1]), round(mean[2])), ground) >= ratio
