"""Pictures of strangers, opened in a child process: what is kept of good ones, and why bad ones are refused."""

import io
import struct
import zlib

import pytest
from PIL import Image, ImageCms

from apps.media import decoding
from apps.media.catalog import PROBLEMS
from tests.factories import picture_bytes


def decode(data, mime="image/jpeg", **limits):
    return decoding.decode(io.BytesIO(data), mime, **limits)


def refusal(data, mime="image/png", **limits):
    with pytest.raises(decoding.Refused) as refused:
        decode(data, mime, **limits)
    assert refused.value.code in PROBLEMS
    return refused.value.code


def opened(data):
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def png(width, height, rows=b"", depth=8, colour=2):
    """A PNG by hand: what its header says need not be what its data holds."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_a_photo_keeps_its_size_and_gets_a_preview():
    decoded = decode(picture_bytes("JPEG", (1200, 800)))
    assert (decoded.mime, decoded.width, decoded.height, decoded.frames) == ("image/jpeg", 1200, 800, 1)
    assert opened(decoded.working).size == (1200, 800)
    preview = opened(decoded.preview)
    assert (preview.format, preview.size) == ("WEBP", (512, 341))


def test_a_large_photo_is_made_light_enough_for_every_network():
    noise = Image.effect_noise((4000, 3000), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=80)
    decoded = decode(out.getvalue())
    assert max(decoded.width, decoded.height) <= 2048
    assert len(decoded.working) <= 950_000
    assert decoded.width / decoded.height == pytest.approx(4 / 3, abs=0.01)


def test_the_camera_was_held_upright_and_its_notes_are_gone():
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turned by a quarter
    exif[0x010F] = "Spy Camera"
    exif.get_ifd(0x8825)[1] = "N"  # a place on earth
    decoded = decode(picture_bytes("JPEG", (640, 480), exif=exif, comment=b"secret"))
    assert (decoded.width, decoded.height) == (480, 640)
    for data in (decoded.working, decoded.preview):
        picture = opened(data)
        assert not picture.getexif()
        assert "comment" not in picture.info
        assert b"Spy" not in data


def test_notes_that_make_no_sense_refuse_nothing():
    assert decode(picture_bytes("JPEG", exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff rubbish")).width == 640


def test_colours_come_out_as_srgb():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    assert decode(picture_bytes("JPEG", icc_profile=lab)).width == 640  # a profile that fits nothing is left out
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, green, blue = opened(decode(picture_bytes("JPEG", icc_profile=srgb)).working).getpixel((5, 5))
    assert (abs(red - 0x4A) < 4, abs(green - 0x6F) < 4, abs(blue - 0xA5) < 4) == (True, True, True)


def test_ink_colours_become_light():
    out = io.BytesIO()
    Image.new("CMYK", (100, 100), (0, 255, 255, 0)).save(out, "JPEG")
    decoded = opened(decode(out.getvalue()).working)
    assert decoded.mode == "RGB"
    assert decoded.getpixel((5, 5))[0] > 200


def test_sixteen_bits_of_grey_keep_their_tone():
    rows = b"".join(b"\x00" + struct.pack(">64H", *[32768] * 64) for _ in range(64))
    decoded = opened(decode(png(64, 64, rows, depth=16, colour=0), "image/png").working)
    assert all(abs(channel - 128) <= 2 for channel in decoded.getpixel((5, 5)))


@pytest.mark.parametrize(
    ("format", "mime", "becomes"),
    [
        ("PNG", "image/png", "image/png"),
        ("WEBP", "image/webp", "image/png"),
        ("GIF", "image/gif", "image/jpeg"),
    ],
)
def test_other_kinds_become_what_networks_take(format, mime, becomes):
    decoded = decode(picture_bytes(format, colour=(1, 2, 3, 120) if format != "GIF" else "#123456"), mime)
    assert (decoded.mime, decoded.width) == (becomes, 640)


def test_heic_becomes_jpeg():
    import pillow_heif

    out = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (640, 480), "#4a6fa5")).save(out, quality=80)
    decoded = decode(out.getvalue(), "image/heic")
    assert (decoded.mime, decoded.width, decoded.height) == ("image/jpeg", 640, 480)


def frames(count, size=(64, 64), format="GIF"):
    out = io.BytesIO()
    pictures = [Image.new("RGB", size, (n * 37 % 256, n * 91 % 256, 99)) for n in range(count)]
    pictures[0].save(out, format, save_all=True, append_images=pictures[1:], duration=40, loop=0)
    return out.getvalue()


@pytest.mark.parametrize(("format", "mime"), [("GIF", "image/gif"), ("WEBP", "image/webp")])
def test_a_short_animation_stays_one(format, mime):
    decoded = decode(frames(5, format=format), mime)
    assert (decoded.mime, decoded.frames) == (mime, 5)
    assert opened(decoded.working).n_frames == 5
    assert getattr(opened(decoded.preview), "n_frames", 1) == 1


def test_an_animation_beyond_reason_is_refused():
    assert refusal(frames(201), "image/gif") == "frames"
    assert refusal(frames(30, (2000, 2000)), "image/gif") == "frames"


def test_a_bomb_is_refused_before_it_is_unpacked():
    assert refusal(png(60_000, 60_000, b"\x00" * 1000)) == "pixels"
    assert refusal(png(9_000, 8_000, b"\x00" * 1000)) == "pixels"


def test_a_picture_that_needs_too_much_memory_is_refused():
    rows = (b"\x00" + b"\x7f" * 7900 * 3) * 7900
    assert refusal(png(7900, 7900, rows), memory=300 * 1024 * 1024) == "memory"


def test_a_picture_that_takes_too_long_is_refused():
    assert refusal(frames(150, (800, 800)), "image/gif", cpu_seconds=1) == "time"
    assert refusal(picture_bytes("PNG", (3000, 3000)), wall_seconds=0.05) == "time"


@pytest.mark.parametrize(("format", "mime"), [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp")])
def test_half_a_file_is_refused(format, mime):
    noise = Image.effect_noise((300, 300), 90).convert("RGB")
    out = io.BytesIO()
    noise.save(out, format)
    data = out.getvalue()
    assert refusal(data[: len(data) // 2], mime) == "damaged"


def test_a_picture_of_another_kind_is_refused():
    assert refusal(picture_bytes("JPEG"), "image/png") == "mislabelled"


@pytest.mark.parametrize("data", [b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"\x89PNG\r\n\x1a\n" + b"A" * 500])
def test_what_is_no_picture_is_refused(data):
    assert refusal(data) in ("mislabelled", "damaged")


def test_a_dot_is_refused():
    assert refusal(picture_bytes("PNG", (31, 400))) == "small"


def test_the_child_knows_no_secret(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "do not tell")
    program = "import os, json; print(json.dumps({'problem': ' '.join(os.environ)}))"
    import sys

    told = decoding._run([sys.executable, "-c", program], 10)
    assert "SECRET_KEY" not in told["problem"]
    assert "DATABASE_URL" not in told["problem"]
