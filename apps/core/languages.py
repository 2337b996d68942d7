"""Translations: `locale/<language>/LC_MESSAGES/django.po` is what people write, gettext's binary form is made from it.

Made when a process starts and the source is younger, as the stylesheet is (`finders`): no generated file in git, no
step an installation can forget, and no program beside Python. The format is that of GNU gettext,
https://www.gnu.org/software/gettext/manual/html_node/MO-Files.html, without the optional hash table.
"""

from __future__ import annotations

import ast
import os
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings

SOURCES = settings.BASE_DIR / "locale"
MAGIC, HEADER = 0x950412DE, 7 * 4  # of a little-endian file; seven numbers


@dataclass
class Entry:
    """A sentence, its plural and context where it has them, and its translations, one a form of number."""

    said: dict[str, str] = field(default_factory=dict)  # msgctxt, msgid, msgid_plural
    translations: dict[int, str] = field(default_factory=dict)
    is_fuzzy: bool = False  # a guess of msgmerge that nobody has looked at: not used

    @property
    def key(self) -> str:
        """As gettext looks it up."""
        context = f"{self.said['msgctxt']}\4" if "msgctxt" in self.said else ""
        plural = f"\0{self.said['msgid_plural']}" if "msgid_plural" in self.said else ""
        return f"{context}{self.said.get('msgid', '')}{plural}"

    @property
    def is_translated(self) -> bool:
        return not self.is_fuzzy and bool(self.translations) and all(self.translations.values())


def read(source: Path) -> list[Entry]:
    """Every entry of a .po file, its head (the empty sentence) included."""
    return [entry for entry in map(_entry, _blocks(source.read_text("utf-8"))) if entry.said]


def _blocks(text: str) -> Iterator[list[str]]:
    for block in text.split("\n\n"):
        yield [line for line in block.splitlines() if line and not line.startswith("#~")]


def _entry(lines: list[str]) -> Entry:
    entry, word = Entry(), ""
    for line in lines:
        if line.startswith("#"):
            entry.is_fuzzy |= line.startswith("#,") and "fuzzy" in line
            continue
        if not line.startswith('"'):
            word, _, line = line.partition(" ")
        if word.startswith("msgstr"):
            number = int(word[7:-1] or 0) if "[" in word else 0
            entry.translations[number] = entry.translations.get(number, "") + ast.literal_eval(line)
        else:
            entry.said[word] = entry.said.get(word, "") + ast.literal_eval(line)
    return entry


def compiled(entries: list[Entry]) -> bytes:
    """The binary form of what is translated, sorted by key as gettext asks for."""
    kept = [entry for entry in entries if entry.is_translated or not entry.key]
    pairs = sorted(
        (entry.key.encode(), "\0".join(entry.translations[n] for n in sorted(entry.translations)).encode())
        for entry in kept
    )
    keys_at, values_at = HEADER, HEADER + 8 * len(pairs)
    texts, places = b"", []
    for column in (0, 1):
        for pair in pairs:
            places.append((len(pair[column]), values_at + 8 * len(pairs) + len(texts)))
            texts += pair[column] + b"\0"
    head = struct.pack("<7I", MAGIC, 0, len(pairs), keys_at, values_at, 0, 0)
    return head + b"".join(struct.pack("<2I", *place) for place in places) + texts


def build() -> None:
    """Every language's binary file under the last of LOCALE_PATHS, fresh. Several processes may do so at once."""
    for source in sorted(SOURCES.glob("*/LC_MESSAGES/django.po")):
        target = Path(settings.LOCALE_PATHS[-1]) / source.relative_to(SOURCES).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
            part.write(compiled(read(source)))
        Path(part.name).chmod(0o644)
        os.replace(part.name, target)  # noqa: PTH105
