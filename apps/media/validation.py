"""What the web process looks at in an upload: its size, its first bytes and its name. It never opens a picture."""

from __future__ import annotations

from pathlib import PurePath

from django.core.files.base import File
from django.utils.translation import gettext as _

from apps.core.errors import Invalid
from apps.media.catalog import KINDS, UPLOAD_BYTES_MAX, kind_of


def check_file(file: File) -> str:
    """The media type of an uploaded file. Raises Invalid with one sentence for the field `file`."""
    if file.size > UPLOAD_BYTES_MAX:
        raise _invalid(too_large())
    if not file.size:
        raise _invalid(_("This file is empty."))
    file.seek(0)
    head = file.read(256)
    file.seek(0)
    mime = kind_of(head)
    if mime is None:
        if b"<svg" in head.lower() or PurePath(file.name or "").suffix.lower() in (".svg", ".svgz"):
            raise _invalid(_("SVG files cannot be posted. Export the picture as PNG and upload that."))
        raise _invalid(_("This is not a picture we can use. Upload a JPG, PNG, WebP, GIF or HEIC file."))
    extension = PurePath(file.name or "").suffix.lower().lstrip(".")
    if extension and extension not in KINDS[mime].extensions:
        facts = {"extension": extension, "kind": KINDS[mime].label, "right": KINDS[mime].extensions[0]}
        raise _invalid(
            _("This file is called .%(extension)s, but it is a %(kind)s. Rename it to .%(right)s or save it again.")
            % facts
        )
    return mime


def too_large() -> str:
    """What is said about a file over the limit."""
    return _("This file is larger than 10 MB. Make it smaller, then upload it again.")


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, fields={"file": [sentence]})
