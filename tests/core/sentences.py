"""Every sentence the sources hand to gettext, found without gettext's own programs: in code by its syntax tree, in
templates by what Django makes of them for `makemessages`. Beside it, what a page shows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CODE = [*ROOT.glob("apps/**/*.py"), *ROOT.glob("config/**/*.py")]
TEMPLATES = [path for ending in ("html", "txt") for path in ROOT.glob(f"templates/**/*.{ending}")]

NAME = re.compile(r"_|(n?)(p?)gettext(_lazy|_noop)?")  # as xgettext and makemessages know them
LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
CALL = re.compile(rf"(?<![\w.])(?:{NAME.pattern})\({LITERAL}(?:, {LITERAL})*")

Sentence = tuple[str | None, str]  # its context, and its words for one thing


def said() -> set[Sentence]:
    """What all of the product says."""
    in_code = {sentence for path in CODE for sentence in said_in(path.read_text(encoding="utf-8"))}
    return in_code | {sentence for path in TEMPLATES for sentence in said_in_template(path.read_text(encoding="utf-8"))}


def said_in_template(template: str) -> Iterator[Sentence]:
    for call in CALL.finditer(templatize(template)):
        yield from said_in(f"{call[0]})")


def said_in(code: str) -> Iterator[Sentence]:
    for node in ast.walk(ast.parse(code)):
        name = NAME.fullmatch(getattr(getattr(node, "func", None), "id", ""))
        if name and (words := [part.value for part in node.args if isinstance(part, ast.Constant)]):
            yield (words[0], words[1]) if name[2] else (None, words[0])


class Words(HTMLParser):
    """What a page shows or says: its texts, and the attributes that are read out."""

    SAID = ("alt", "title", "aria-label", "placeholder", "data-busy", "data-reveal", "content")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.is_code = False
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.is_code = tag in ("script", "style", "code", "pre") or ("lang", "en") in attrs
        said = self.SAID if tag != "meta" or ("name", "description") in attrs else ()
        self.found |= {" ".join(value.split()) for name, value in attrs if name in said and value}

    def handle_endtag(self, tag):
        self.is_code = False

    def handle_data(self, data):
        if not self.is_code and data.strip():
            self.found.add(" ".join(data.split()))
