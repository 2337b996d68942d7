"""Translations: `locale/<language>/LC_MESSAGES/django.po` is what people write, gettext's binary form is made from it.

Made when a process starts and the source is younger, as the stylesheet is (`finders`): no generated file in git, no
step an installation can forget, and no program beside Python.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from django.conf import settings
from django.utils import translation
from django.utils.translation import get_supported_language_variant

SOURCES = settings.BASE_DIR / "locale"


def speaking(language: str) -> translation.override:
    """Meanwhile sentences speak this language or the nearest of ours; English where none is near. For whatever is
    written behind the pages and read by a person later."""
    try:
        return translation.override(get_supported_language_variant(language))
    except LookupError:
        return translation.override(settings.LANGUAGE_CODE)


def compiled(source: Path) -> bytes:
    """The binary form of what is translated; guesses that nobody has looked at ("fuzzy") are not."""
    import polib  # not in processes that find everything made

    return polib.pofile(str(source)).to_binary()


def build() -> None:
    """Every language's binary file under the last of LOCALE_PATHS, fresh. Several processes may do so at once."""
    for source in sorted(SOURCES.glob("*/LC_MESSAGES/django.po")):
        target = Path(settings.LOCALE_PATHS[-1]) / source.relative_to(SOURCES).with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
            part.write(compiled(source))
        Path(part.name).chmod(0o644)
        os.replace(part.name, target)  # noqa: PTH105
