"""Setting words: which font draws which letters, where lines break, how large they may be.

All measuring happens once at `fonts.REFERENCE` pixels and scales. Lines are balanced: as few as the width allows,
then as even as possible (what CSS calls `text-wrap: balance`). Vertical measures are optical: a block reaches from
the top of its capitals to its last baseline.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache

import regex
from PIL import ImageDraw

from apps.imaging.providers.canvas import fonts
from apps.imaging.providers.canvas.fonts import REFERENCE, Face

_CLUSTERS = regex.compile(r"\X")
_RTL = regex.compile(r"[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}]")
_STRONG = regex.compile(r"\p{L}")
_WORDLIKE = regex.compile(r"[\p{L}\p{N}]")
_SPACED = regex.compile(r"^[\p{scx=Latin}\p{scx=Greek}\p{scx=Cyrillic}\p{sc=Common}\p{sc=Inherited}]*$")
_TONES = regex.compile(r"[\U0001F3FB-\U0001F3FF\uFE0E\uFE0F]")  # emoji here have one colour
_GLUE = regex.compile(  # words that should not end or begin a line
    r"(?i)(?<=(?:^|\s)(?:a|an|the|of|to|in|on|at|by|for|und|der|die|das|im|am|le|la|les|de|el|i|€|\$|£)) (?=\S)"
    r"|(?<=\d) (?=(?:%|€|\$|£|kg|g|l|ml|am|pm|uhr|h|min)\b|%|€)"
)
_HANGING = ".,;:!?…”’»-–"  # noqa: RUF001
FEATURES = ["lnum"]  # figures as tall as capitals: an old-style nought in a price reads as an o


@dataclass(frozen=True)
class Voice:
    """How a piece of text is set: face, tracking in thousandths of an em, leading in ems, capitals or not."""

    face: Face
    tracking: float = 0
    leading: float = 1.2
    capitals: bool = False

    def heavier(self, weight: float) -> Voice:
        return replace(self, face=self.face.weight(weight))


@dataclass(frozen=True)
class Run:
    """Letters of one face, drawn in one go. `advance` is in ems."""

    text: str
    face: Face
    advance: float


@dataclass(frozen=True)
class Block:
    """Lines of text at a size: what `set_text` found. Lengths in pixels, from capital top to last baseline."""

    lines: tuple[tuple[Run, ...], ...]
    voice: Voice
    size: float
    widths: tuple[float, ...]
    is_rtl: bool = False
    text: tuple[str, ...] = field(default=())

    @property
    def rise(self) -> float:
        """From the top of the first line's ink (capitals at least) to its baseline."""
        return self.size * max(capital_height(self.voice.face), ink_rise(self.lines[0]) if not self._latin else 0)

    @property
    def fall(self) -> float:
        """What must stay free under the last baseline: nothing for Latin, where descenders are the exception."""
        return 0.0 if self._latin else self.size * ink_fall(self.lines[-1])

    @property
    def _latin(self) -> bool:
        return all(_SPACED.match(line) for line in self.text)

    @property
    def height(self) -> float:
        return self.rise + (len(self.lines) - 1) * self.size * self.leading + self.fall

    @property
    def leading(self) -> float:
        return self.voice.leading if self._latin else max(1.35, self.voice.leading)

    @property
    def width(self) -> float:
        return max(self.widths)


@lru_cache(maxsize=256)
def capital_height(face: Face) -> float:
    """Height of the capitals in ems."""
    return -fonts.load(face, REFERENCE).getbbox("H", anchor="ls", features=FEATURES)[1] / REFERENCE


def ink_rise(line: tuple[Run, ...]) -> float:
    """The highest ink of a line above its baseline, in ems."""
    return max(-_ink(run)[1] for run in line) / REFERENCE


def ink_fall(line: tuple[Run, ...]) -> float:
    """The deepest ink of a line under its baseline, in ems."""
    return max(_ink(run)[3] for run in line) / REFERENCE


def _ink(run: Run) -> tuple[float, float, float, float]:
    return fonts.load(run.face, REFERENCE).getbbox(run.text, anchor="ls", features=FEATURES)


@lru_cache(maxsize=4096)
def runs(text: str, voice: Voice) -> tuple[Run, ...]:
    """Text cut where the face changes. Letters no font has are left out (`missing` names them)."""
    pieces: list[tuple[str, Face]] = []
    stays = is_rtl(text)  # signs between right-to-left words belong to them, whatever the voice's face offers
    for cluster in _CLUSTERS.findall(_TONES.sub("", text)):
        wanted = pieces[-1][1] if stays and pieces and not _STRONG.match(cluster) else voice.face
        face = fonts.face_for(cluster, wanted)
        if face is None:
            continue
        if pieces and pieces[-1][1] == face:
            pieces[-1] = (pieces[-1][0] + cluster, face)
        else:
            pieces.append((cluster, face))
    return tuple(
        Run(piece[::-1] if stays and not _WORDLIKE.search(piece) else piece, face, advance(piece, face, voice.tracking))
        for piece, face in pieces
    )


@lru_cache(maxsize=8192)
def advance(text: str, face: Face, tracking: float) -> float:
    """Width of a run in ems, tracking included (none after the last letter)."""
    length = fonts.load(face, REFERENCE).getlength(text, features=FEATURES) / REFERENCE
    return length + (max(0, len(text) - 1) * tracking / 1000 if is_spaceable(text) else 0)


def is_spaceable(text: str) -> bool:
    """Whether letters may be spaced: joined scripts (Arabic, Devanagari, …) may not."""
    return bool(_SPACED.match(text))


def longest_word(text: str) -> int:
    """Letters of the longest word."""
    return max((len(word) for word in text.split()), default=0)


def missing(text: str) -> list[str]:
    """Letters of a text that no font here can draw, each once."""
    found = (c for c in _CLUSTERS.findall(text) if not c.isspace() and fonts.face_for(c, fonts.DM_SANS) is None)
    return list(dict.fromkeys(found))


def is_rtl(text: str) -> bool:
    """Whether the first letter with a direction runs from right to left (UAX #9, P2)."""
    letter = _STRONG.search(text)
    return bool(letter and _RTL.match(letter[0]))


def glue(text: str) -> str:
    """Spaces inside what belongs together ("20 %", "the sea") become unbreakable."""
    return _GLUE.sub("\u00a0", text)


def prepare(text: str, voice: Voice) -> list[list[str]]:
    """Paragraphs of words, in capitals where the voice says so; words without drawable letters fall out."""
    text = glue(text.upper() if voice.capitals else text)
    return [[word for word in line.split(" ") if runs(word, voice)] for line in text.split("\n")]


def width_of(text: str, voice: Voice) -> float:
    """Ems of a stretch of text, trailing punctuation not counted: it may hang."""
    return sum(run.advance for run in runs(text.rstrip(_HANGING) or text, voice))


def break_lines(words: list[str], voice: Voice, width: float) -> list[str] | None:
    """As few lines as `width` ems allow, made even; None when a word alone is too wide."""
    if any(width_of(word, voice) > width for word in words):
        return None
    lines = _greedy(words, voice, width)
    if len(lines) < 2:
        return lines
    low, high = max(width_of(word, voice) for word in words), width
    for _ in range(12):
        middle = (low + high) / 2
        tried = _greedy(words, voice, middle)
        if len(tried) <= len(lines):
            high, best = middle, tried
            lines = best
        else:
            low = middle
    return lines


def _greedy(words: list[str], voice: Voice, width: float) -> list[str]:
    lines: list[str] = []
    for word in words:
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, voice) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def split_words(words: list[str], voice: Voice, width: float) -> list[str]:
    """Words too wide for a line cut between graphemes, with a hyphen in scripts that use one."""
    parts: list[str] = []
    for word in words:
        while width_of(word, voice) > width:
            hyphen = "-" if is_spaceable(word) else ""
            clusters = _CLUSTERS.findall(word)
            keep = len(clusters) - 1
            while keep > 1 and width_of("".join(clusters[:keep]) + hyphen, voice) > width:
                keep -= 1
            if keep < 1:
                break
            parts.append("".join(clusters[:keep]) + hyphen)
            word = "".join(clusters[keep:])
        parts.append(word)
    return parts


def set_text(text: str, voice: Voice, size: float, width: float, *, split: bool = False) -> Block | None:
    """The text at a size within a width (both pixels); None when a word is too wide and may not be split."""
    lines: list[str] = []
    for words in prepare(text, voice):
        broken = break_lines(split_words(words, voice, width / size) if split else words, voice, width / size)
        if broken is None:
            return None
        lines.extend(broken)
    set_lines = tuple(runs(line, voice) for line in lines if runs(line, voice))
    if not set_lines:
        return None
    widths = tuple(sum(run.advance for run in line) * size for line in set_lines)
    return Block(set_lines, voice, size, widths, is_rtl(text), tuple(lines))


def draw_block(
    draw: ImageDraw.ImageDraw, block: Block, box: tuple[float, float, float], ink: tuple[int, int, int], align: str
) -> list[tuple[tuple[int, int, int, int], str]]:
    """Draw a block with its capital top at `top` of box (left, top, width). Returns each line's ink box and words.

    Left and right edges are optical: the ink, not the side bearing, stands on the edge. Blocks of right-to-left
    text swap left and right.
    """
    left, top, width = box
    if block.is_rtl:
        align = {"left": "right", "right": "left"}.get(align, align)
    drawn = []
    for i, line in enumerate(block.lines):
        baseline = top + block.rise + i * block.size * block.leading
        hang = _hang(block.text[i], block) if align == "center" else 0.0
        if align == "center":
            x = left + (width - block.widths[i] + hang) / 2
        elif align == "right":
            x = left + width - block.widths[i]
        else:
            x = left - _bearing(line[0], block.size)
        ordered = tuple(reversed(line)) if block.is_rtl else line
        box_of_line = _draw_line(draw, ordered, block, x, baseline, ink)
        drawn.append((box_of_line, "".join(run.text for run in line)))
    return drawn


def _hang(text: str, block: Block) -> float:
    """Width of hanging punctuation at the end of a centred line, so that the words, not the dot, are centred."""
    bare = text.rstrip(_HANGING)
    return (sum(r.advance for r in runs(text, block.voice)) - width_of(bare, block.voice)) * block.size if bare else 0.0


def _bearing(run: Run, size: float) -> float:
    """The empty space left of a run's first letter, in pixels."""
    return side_bearing(_CLUSTERS.findall(run.text)[0], run.face) * size


@lru_cache(maxsize=2048)
def side_bearing(cluster: str, face: Face) -> float:
    """Ems between a letter's origin and its first ink (`getbbox` counts from the origin, so the mask is asked)."""
    mask, offset = fonts.load(face, REFERENCE).getmask2(cluster, "L", anchor="ls", features=FEATURES)
    ink = mask.getbbox()
    return (offset[0] + ink[0]) / REFERENCE if ink else 0.0


def _draw_line(
    draw: ImageDraw.ImageDraw, line: tuple[Run, ...], block: Block, x: float, baseline: float, ink: tuple[int, int, int]
) -> tuple[int, int, int, int]:
    left, top, right, bottom = x, baseline, x, baseline
    for run in line:
        font = fonts.load(run.face, block.size)
        box = font.getbbox(run.text, anchor="ls", features=FEATURES)
        top, bottom = min(top, baseline + box[1]), max(bottom, baseline + box[3])
        if block.voice.tracking and is_spaceable(run.text):
            _draw_spaced(draw, run, block, x, baseline, ink)
        else:
            draw.text((x, baseline), run.text, font=font, fill=ink, anchor="ls", features=FEATURES)
        x += run.advance * block.size
        right = max(right, x)
    return (int(left), int(top), int(right) + 1, int(bottom) + 1)


def _draw_spaced(
    draw: ImageDraw.ImageDraw, run: Run, block: Block, x: float, baseline: float, ink: tuple[int, int, int]
) -> None:
    """Letter by letter with tracking; each stands where the kerned text before it ends."""
    font = fonts.load(run.face, block.size)
    clusters = _CLUSTERS.findall(run.text)
    for i, cluster in enumerate(clusters):
        before = "".join(clusters[: i + 1])
        start = advance(before, run.face, 0) - advance(cluster, run.face, 0) + i * block.voice.tracking / 1000
        draw.text((x + start * block.size, baseline), cluster, font=font, fill=ink, anchor="ls", features=FEATURES)
