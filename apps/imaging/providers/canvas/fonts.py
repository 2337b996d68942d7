"""The typefaces of the canvas: variable fonts from pinned packages under the SIL Open Font License.

A face is a file at a point of its design space. Letters a face lacks are taken from Noto (manimgx-fonts), which
covers Latin, Greek, Cyrillic, Arabic, Hebrew, Devanagari, Thai and more, and emoji in one colour. There is no font
for Chinese, Japanese or Korean: such letters are reported by `missing`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

REFERENCE = 200  # pixels: the size all measuring is done at


@dataclass(frozen=True)
class Face:
    """One font file at one setting of its axes. `axes` are (name in the file, value)."""

    file: str  # "package:path/inside"
    axes: tuple[tuple[str, float], ...] = ()

    @property
    def path(self) -> Path:
        package, inside = self.file.split(":", 1)
        spec = find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(f"The font package {package} is not installed; see requirements/base.txt.")
        return Path(spec.submodule_search_locations[0]) / inside

    def weight(self, value: float) -> Face:
        return self.set(Weight=value)

    def set(self, **axes: float) -> Face:
        """The face with some axes set; spaces in an axis' name are written as underscores."""
        changed = dict(self.axes) | {name.replace("_", " "): value for name, value in axes.items()}
        return Face(self.file, tuple(sorted(changed.items())))


BRICOLAGE = Face("fontpkg_bricolage_grotesque:files/BricolageGrotesque[opsz,wdth,wght].ttf").set(Optical_Size=60)
DM_SANS = Face("fontpkg_dm_sans:files/DMSans[opsz,wght].ttf").set(Optical_Size=24)
FRAUNCES = Face("fontpkg_fraunces:files/Fraunces[SOFT,WONK,opsz,wght].ttf").set(Optical_Size=110, Wonky=0, Softness=30)
FRAUNCES_ITALIC = Face("fontpkg_fraunces:files/Fraunces-Italic[SOFT,WONK,opsz,wght].ttf").set(
    Optical_Size=110, Wonky=1, Softness=30
)
ARCHIVO = Face("fontpkg_archivo:files/Archivo[wdth,wght].ttf")
FREDOKA = Face("fontpkg_fredoka:files/Fredoka[wdth,wght].ttf")
CORMORANT = Face("fontpkg_cormorant:files/Cormorant[wght].ttf")
CORMORANT_ITALIC = Face("fontpkg_cormorant:files/Cormorant-Italic[wght].ttf")
JOST = Face("fontpkg_jost:files/Jost[wght].ttf")
FIGTREE = Face("fontpkg_figtree:files/Figtree[wght].ttf")
PLAYFAIR = Face("fontpkg_playfair_display:files/PlayfairDisplay[wght].ttf")

FAMILIES: dict[str, Face] = {  # the names a brand kit may ask for
    "bricolage grotesque": BRICOLAGE,
    "dm sans": DM_SANS,
    "fraunces": FRAUNCES,
    "archivo": ARCHIVO,
    "fredoka": FREDOKA,
    "cormorant": CORMORANT,
    "jost": JOST,
    "figtree": FIGTREE,
    "playfair display": PLAYFAIR,
}
_NOTO = "manimgx_fonts:NotoSans{}[wght].ttf"
_SCRIPTS = (
    *("", "Arabic", "Hebrew", "Devanagari", "Thai", "Armenian", "Georgian", "Bengali", "Gujarati", "Gurmukhi"),
    *("Kannada", "Malayalam", "Oriya", "Tamil", "Telugu", "Sinhala", "Khmer", "Lao", "Myanmar", "Ethiopic", "Symbols"),
)
FALLBACKS: tuple[Face, ...] = (
    *(Face(_NOTO.format(script)) for script in _SCRIPTS),
    Face("manimgx_fonts:NotoEmoji[wght].ttf"),
)


@lru_cache(maxsize=512)
def load(face: Face, size: float) -> ImageFont.FreeTypeFont:
    """The font at a size in pixels, its axes set; unnamed axes keep the file's default."""
    font = ImageFont.truetype(str(face.path), size, layout_engine=ImageFont.Layout.RAQM)
    wanted = dict(face.axes)
    if wanted:
        values = []
        for axis in font.get_variation_axes():
            name = axis["name"].decode() if isinstance(axis["name"], bytes) else str(axis["name"])
            value = wanted.get(name, axis["default"] or 0.0)
            values.append(min(axis["maximum"] or value, max(axis["minimum"] or 0.0, value)))
        font.set_variation_by_axes(values)
    return font


@lru_cache(maxsize=64)
def coverage(path: Path) -> frozenset[int]:
    """Code points a font file has a glyph for, read from its `cmap` (OpenType 1.9, formats 4 and 12)."""
    data = path.read_bytes()
    tables = struct.unpack_from(">H", data, 4)[0]
    records = (struct.unpack_from(">4sLLL", data, 12 + 16 * i) for i in range(tables))
    start = next(offset for tag, _, offset, _ in records if tag == b"cmap")
    points: set[int] = set()
    for i in range(struct.unpack_from(">H", data, start + 2)[0]):
        table = start + struct.unpack_from(">HHL", data, start + 4 + 8 * i)[2]
        kind = struct.unpack_from(">H", data, table)[0]
        if kind == 4:
            points.update(_format_4(data, table))
        elif kind == 12:
            for j in range(struct.unpack_from(">L", data, table + 12)[0]):
                first, last, _ = struct.unpack_from(">LLL", data, table + 16 + 12 * j)
                points.update(range(first, last + 1))
    return frozenset(points)


def _format_4(data: bytes, table: int) -> set[int]:
    count = struct.unpack_from(">H", data, table + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", data, table + 14)
    starts = struct.unpack_from(f">{count}H", data, table + 16 + 2 * count)
    return {point for first, last in zip(starts, ends, strict=True) for point in range(first, last + 1)} - {0xFFFF}


@lru_cache(maxsize=4096)
def face_for(cluster: str, wanted: Face) -> Face | None:
    """The face that can draw a grapheme: the wanted one, else the first fallback; None when there is none."""
    needed = {ord(letter) for letter in cluster if not _is_joiner(letter)}
    if needed <= coverage(wanted.path):
        return wanted
    weight = dict(wanted.axes).get("Weight", 400)
    for face in FALLBACKS:
        if needed <= coverage(face.path):
            return face.weight(min(800, max(300, weight)))
    return None


def _is_joiner(letter: str) -> bool:
    """Joiners, variation selectors and skin tones change a glyph; a font need not list them."""
    point = ord(letter)
    return point in (0x200C, 0x200D, 0x200E, 0x200F, 0x20E3) or 0xFE00 <= point <= 0xFE0F or 0x1F3FB <= point <= 0x1F3FF
