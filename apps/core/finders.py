"""Static files that are put together rather than written: one stylesheet, one script, one icon sprite, one font.

A browser loads each of them once, by a hashed name, while the sources stay one small file per component and no build
tool is needed: they appear to `collectstatic`, `runserver` and WhiteNoise as ordinary static files and are written
anew when a source is younger. (`@import` would cost one request after the other, a `<link>` each one of twenty.)

    css/lily.css       static/css/{layers,tokens,base,layout}.css, components/, pages/ (cascade layers give the order)
    js/lily.js         static/js/*.js, each in a block of its own; they share nothing but DOM events
    icons.svg          the symbols of apps.core.icons and the networks' marks of static/networks/
    fonts/figtree.ttf  the Figtree variable font of the package `fontpkg-figtree`: 62 KB, 35 KB gzipped
"""

import os
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import fontpkg_figtree
import lucide
from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

from apps.core import icons
from apps.core.networks import NETWORKS, Network

SOURCES = settings.BASE_DIR / "static"
STYLE_ORDER = ("layers", "tokens", "base", "layout")
FONT = Path(fontpkg_figtree.ROOT) / "files" / "Figtree[wght].ttf"
LUCIDE = Path(lucide.__file__).with_name("lucide.zip")
COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)


def style_sources() -> list[Path]:
    """The stylesheet's sources in their order."""
    first = [SOURCES / "css" / f"{name}.css" for name in STYLE_ORDER]
    return [
        *first,
        *sorted((SOURCES / "css" / "components").glob("*.css")),
        *sorted((SOURCES / "css" / "pages").glob("*.css")),
    ]


def script_sources() -> list[Path]:
    return sorted((SOURCES / "js").glob("*.js"))


def build_style() -> bytes:
    """All sources without comments and indentation, and the networks' marks as backgrounds."""
    text = "\n".join(COMMENT.sub("", path.read_text("utf-8")) for path in style_sources())
    text += "\n@layer pages {\n" + "\n".join(_mark_rule(network) for network in NETWORKS.values()) + "\n}"
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()).encode()


def build_script() -> bytes:
    """Each source in a block, so that their names cannot meet; none may import or export."""
    return "\n".join(f"{{\n{path.read_text('utf-8')}}}" for path in script_sources()).encode()


def build_sprite() -> bytes:
    """One `<symbol>` per icon (stroke and size come from the page's own styles) and one per network's mark."""
    symbols = "".join(
        [_icon_symbol(name) for name in icons.ICONS] + [_mark_symbol(network) for network in NETWORKS.values()]
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">{symbols}</svg>'.encode()


def _icon_symbol(name: str) -> str:
    with ZipFile(LUCIDE) as icons_zip:
        return _symbol(name, icons_zip.read(f"{name}.svg").decode())


def _mark_rule(network: Network) -> str:
    """`<i class="n n-bluesky">`: a mark in 28 bytes for pages with hundreds of them (a `<use>` has 100)."""
    drawn = SOURCES / "networks" / f"{network.key}.svg"
    if not drawn.exists():
        return f".n-{network.key} {{ background-color: {network.colour}; }}"
    image = f'url("../networks/{drawn.name}")'
    if "currentColor" in drawn.read_text("utf-8"):
        return f".n-{network.key} {{ background: currentColor; mask: {image} center / contain no-repeat; }}"
    return f".n-{network.key} {{ background-color: transparent; background-image: {image}; }}"


def _mark_symbol(network: Network) -> str:
    """The drawn mark of a network, or its letter on its colour."""
    drawn = SOURCES / "networks" / f"{network.key}.svg"
    letter = (
        f'<svg><rect x="1" y="1" width="22" height="22" rx="6" fill="{network.colour}"/><text x="12" y="17" '
        f'text-anchor="middle" font-size="14" font-weight="700" font-family="sans-serif" fill="#fff" '
        f'stroke="none">{network.label[0]}</text></svg>'
    )
    return _symbol(f"network-{network.key}", drawn.read_text("utf-8") if drawn.exists() else letter)


def _symbol(name: str, svg: str) -> str:
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>$", "", svg.strip(), flags=re.DOTALL)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{" ".join(inner.split())}</symbol>'


BUILT: dict[str, tuple[Callable[[], bytes], Callable[[], list[Path]]]] = {
    "css/lily.css": (build_style, style_sources),
    "js/lily.js": (build_script, script_sources),
    "icons.svg": (build_sprite, lambda: [Path(icons.__file__), LUCIDE, *(SOURCES / "networks").glob("*.svg")]),
    "fonts/figtree.ttf": (FONT.read_bytes, lambda: [FONT]),
}


class BuiltFinder(BaseFinder):
    """Finds the files of `BUILT`, writing them under `settings.BUILT_ROOT` when they are missing or old."""

    def __init__(self, app_names: list[str] | None = None) -> None:
        self.storage = FileSystemStorage(location=settings.BUILT_ROOT)

    def check(self, **kwargs: object) -> list:
        return []

    def find(self, path: str, find_all: bool = False) -> Any:
        if path not in BUILT:
            return []
        found = str(build(path))
        return [found] if find_all else found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for path in BUILT:
            build(path)
            yield path, self.storage


def build(path: str) -> Path:
    """The built file, fresh. Two processes may build at once: each replaces the whole file."""
    make, sources = BUILT[path]
    target = Path(settings.BUILT_ROOT) / path
    newest = max(source.stat().st_mtime for source in [*sources(), *_folders(path)])
    if target.exists() and target.stat().st_mtime >= newest:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        part.write(make())
    Path(part.name).chmod(0o644)
    os.replace(part.name, target)  # noqa: PTH105
    return target


def _folders(path: str) -> list[Path]:
    """Folders whose time changes when a source is removed."""
    kind = path.partition("/")[0]
    return [folder for folder in (SOURCES / kind).glob("**") if folder.is_dir()] if kind in ("css", "js") else []
