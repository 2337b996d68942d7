"""Opens one picture of a stranger: `python -m apps.media.decoder SOURCE FORMAT FOLDER`, in a process of its own.

Bounds its own memory, time and output before anything of the file is looked at, and never touches Django, the
database or the environment. Writes `working` and `preview` into FOLDER and says one line of JSON about them, or why
not. A crash here is an answer too: the caller reads it as a damaged file.
"""

from __future__ import annotations

import contextlib
import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from PIL import Image

MEMORY = 1024 * 1024 * 1024  # bytes of address space
CPU_SECONDS = 20
OUTPUT_BYTES = 64 * 1024 * 1024
PIXELS_MAX = 64_000_000
SIDE_MIN = 32
FRAMES_MAX = 200
FRAME_PIXELS_MAX = 100_000_000  # of all frames together
PREVIEW_SIDE = 512
LIGHT_BYTES = 950_000  # below the smallest limit of the networks (Bluesky's 1,000,000 bytes)
SIDES = (2048, 1600, 1280)  # pixels, the longer side; the next where the one before is not light enough
QUALITIES = (90, 84, 78)


class Refused(Exception):
    """The picture is not taken; the code is one of `catalog.PROBLEMS`."""


def bound(memory: int = MEMORY, cpu_seconds: int = CPU_SECONDS) -> None:
    """Let the kernel hold this process to its limits."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT_BYTES, OUTPUT_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def decode(source: Path, format: str, folder: Path) -> dict[str, object]:
    """Write the working copy and the preview of a picture. Raises Refused, or whatever Pillow raises on damage."""
    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    if format == "HEIF":
        from pillow_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    try:
        picture = Image.open(source, formats=[format])
    except UnidentifiedImageError:
        raise Refused("mislabelled") from None
    except Image.DecompressionBombError:
        raise Refused("pixels") from None
    if picture.width * picture.height > PIXELS_MAX:
        raise Refused("pixels")
    if min(picture.size) < SIDE_MIN:
        raise Refused("small")
    frames = getattr(picture, "n_frames", 1) if picture.format in ("GIF", "WEBP") else 1
    if frames > 1:
        return _animated(picture, frames, folder)
    return _still(picture, folder)


def _still(picture: Image.Image, folder: Path) -> dict[str, object]:
    picture.draft("RGB", (SIDES[0], SIDES[0]))  # JPEG only: decodes at a fraction of the memory
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    is_photo = picture.format != "PNG"
    picture = _upright(_in_srgb(_shrunk(_plain(picture, has_alpha), SIDES[0]), has_alpha))
    mime, picture, data = _light(picture, has_alpha=has_alpha, is_photo=is_photo)
    (folder / "working").write_bytes(data)
    _write_preview(picture, folder)
    return {"mime": mime, "width": picture.width, "height": picture.height, "frames": 1}


def _animated(picture: Image.Image, frames: int, folder: Path) -> dict[str, object]:
    """The animation again, frame by frame, without anything else the file carried."""
    from PIL import ImageSequence

    if frames > FRAMES_MAX or frames * picture.width * picture.height > FRAME_PIXELS_MAX:
        raise Refused("frames")
    format, mime = picture.format, "image/gif" if picture.format == "GIF" else "image/webp"
    loop, durations, copies = picture.info.get("loop", 0), [], []
    for frame in ImageSequence.Iterator(picture):
        durations.append(frame.info.get("duration", 100))
        copies.append(frame.convert("RGBA"))
    first, *rest = copies
    options = {"duration": durations, "loop": loop, "exif": b"", "icc_profile": None}
    first.save(folder / "working", format, save_all=True, append_images=rest, **options)
    _write_preview(first, folder)
    return {"mime": mime, "width": first.width, "height": first.height, "frames": frames}


def _plain(picture: Image.Image, has_alpha: bool) -> Image.Image:
    """Eight bits a channel, no palette; the colour profile and the orientation stay readable."""
    picture.load()
    if picture.mode.startswith("I") or picture.mode == "F":  # 16 bits of grey
        grey = picture.convert("I")
        _darkest, lightest = cast(tuple[float, float], grey.getextrema())
        scale = 1 / 256 if lightest > 255 else 1
        return grey.point(lambda value: value * scale).convert("L")
    wanted = picture.mode
    if picture.mode in ("P", "PA", "1", "LA", "La", "RGBa") or (has_alpha and picture.mode != "RGBA"):
        wanted = "RGBA" if has_alpha else "RGB"
    return picture if wanted == picture.mode else picture.convert(wanted)


def _shrunk(picture: Image.Image, side: int) -> Image.Image:
    from PIL import Image

    if max(picture.size) > side:
        picture.thumbnail((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return picture


def _in_srgb(picture: Image.Image, has_alpha: bool) -> Image.Image:
    """The same colours in sRGB; a profile that makes no sense is left out."""
    from PIL import ImageCms

    mode, exif = ("RGBA" if has_alpha else "RGB"), picture.info.get("exif", b"")
    alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
    colours = picture.convert("RGB") if picture.mode == "RGBA" else picture
    if profile := picture.info.get("icc_profile"):
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            colours = ImageCms.profileToProfile(colours, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
    colours = colours.convert("RGB")
    if mode == "RGBA" and alpha is not None:
        colours.putalpha(alpha)
    colours.info = {"exif": exif}
    return colours


def _upright(picture: Image.Image) -> Image.Image:
    """As it was held when it was taken; nothing of what the camera wrote is kept."""
    from PIL import ImageOps

    try:
        turned = ImageOps.exif_transpose(picture)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        turned = picture  # notes that make no sense turn nothing
    turned.info = {}
    return turned


def _light(picture: Image.Image, *, has_alpha: bool, is_photo: bool) -> tuple[str, Image.Image, bytes]:
    """(media type, picture, bytes): PNG where see-through or drawn, else JPEG; under every network's limit."""
    if has_alpha or not is_photo:
        data = _saved(picture, "PNG", optimize=True)
        if has_alpha or len(data) <= LIGHT_BYTES:
            return "image/png", picture, data
    for side in SIDES:
        picture = _shrunk(picture, side)
        for quality in QUALITIES:
            data = _saved(picture, "JPEG", quality=quality, optimize=True, progressive=True)
            if len(data) <= LIGHT_BYTES:
                return "image/jpeg", picture, data
    return "image/jpeg", picture, data


def _saved(picture: Image.Image, format: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, format, **options)
    return out.getvalue()


def _write_preview(picture: Image.Image, folder: Path) -> None:
    small = _shrunk(picture.copy(), PREVIEW_SIDE)
    (folder / "preview").write_bytes(_saved(small, "WEBP", quality=82, method=4))


def main() -> int:
    source, format, folder, memory, cpu_seconds = sys.argv[1:6]
    bound(int(memory), int(cpu_seconds))
    try:
        said = decode(Path(source), format, Path(folder))
    except Refused as refused:
        said = {"problem": str(refused)}
    except MemoryError:
        said = {"problem": "memory"}
    sys.stdout.write(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
