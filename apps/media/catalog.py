"""What may be uploaded, and how large anything about it may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

UPLOAD_BYTES_MAX = 10 * 1024 * 1024  # product.md, section 5: to 10 MB
ALT_TEXT_MAX = 2000  # characters, the most any network takes

REFUSED_KEPT = timedelta(days=7)  # how long a refused upload stays to be read about
CHECK_AGAIN = timedelta(minutes=2)  # a check that has not come back by then is asked for again
CHECK_GIVEN_UP = timedelta(hours=1)
ORPHAN_AGE = timedelta(hours=1)  # a file younger than this may belong to a row that is not committed yet


@dataclass(frozen=True)
class Kind:
    """One kind of picture file: its name for people, its usual ending first, and Pillow's format name."""

    label: str
    extensions: tuple[str, ...]
    format: str


KINDS: dict[str, Kind] = {
    "image/jpeg": Kind("JPEG", ("jpg", "jpeg", "jpe", "jfif"), "JPEG"),
    "image/png": Kind("PNG", ("png", "apng"), "PNG"),
    "image/webp": Kind("WebP", ("webp",), "WEBP"),
    "image/gif": Kind("GIF", ("gif",), "GIF"),
    "image/heic": Kind("HEIC", ("heic", "heif", "hif"), "HEIF"),
}

# Why the imaging worker refuses a picture, in words for the person who uploaded it.
PROBLEMS = {
    "damaged": _("This picture is damaged or incomplete. Save or export it again, then upload the new file."),
    "mislabelled": _("This file is not the kind of picture it says it is. Export it as JPG or PNG and upload that."),
    "pixels": _("This picture has more than 64 million pixels. Make it smaller, then upload it again."),
    "small": _("This picture is smaller than 32 pixels. Upload a larger one."),
    "frames": _("This animation is too long or too large. Keep it under 200 frames, or upload a still picture."),
    "memory": _("This picture needs too much memory to open. Make it smaller, then upload it again."),
    "time": _("This picture took too long to open. Save it as JPG or PNG, then upload it again."),
    "gone": _("The uploaded file is no longer there. Upload it again."),
    "unchecked": _("We could not look at this picture in time. Upload it again."),
}


def kind_of(head: bytes) -> str | None:
    """The media type that the first 32 bytes of a file speak of, None for what is no picture we take."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head[:6] in (b"GIF87a", b"GIF89a"):
        return "image/gif"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and head[8:12] in (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"):
        return "image/heic"
    return None
