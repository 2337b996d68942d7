import io

import numpy as np
import pytest
from PIL import Image

from apps.core.networks import NETWORKS
from apps.imaging.rendering import CannotShrink, _under_limit, preview, render, subject_box
from tests.imaging.samples import photograph, png


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def spotted(width: int, height: int, at: tuple[int, int]) -> Image.Image:
    """A plain sheet with one colourful thing at a place."""
    sheet = Image.new("RGB", (width, height), (200, 198, 194))
    texture = photograph().resize((80, 80))
    sheet.paste(texture, (at[0] - 40, at[1] - 40))
    return sheet


PLACES = [(key, placement) for key, network in NETWORKS.items() for placement in network.placements]


@pytest.mark.parametrize(("network", "placement"), PLACES)
def test_a_placement_has_exactly_the_networks_pixels(network, placement):
    finished = render(png(photograph().resize((400, 300))), network, placement)

    assert (finished.width, finished.height) == NETWORKS[network].placements[placement]
    assert opened(finished.data).size == (finished.width, finished.height)
    assert len(finished.data) <= NETWORKS[network].picture_bytes_max
    assert finished.mime in NETWORKS[network].picture_mimes


@pytest.mark.parametrize("at", [(60, 150), (300, 150), (540, 150)])
def test_the_cut_keeps_the_subject(at):
    left, _, right, _ = subject_box(spotted(600, 300, at), 1.0)

    assert left <= at[0] - 30
    assert right >= at[0] + 30
    assert right - left == pytest.approx(300)


@pytest.mark.parametrize("at", [(150, 70), (150, 530)])
def test_the_cut_keeps_the_subject_up_and_down(at):
    _, top, _, bottom = subject_box(spotted(300, 600, at), 1.0)

    assert top <= at[1] - 30
    assert bottom >= at[1] + 30


def test_a_picture_of_the_right_ratio_is_not_cut():
    assert subject_box(Image.new("RGB", (1000, 500)), 2.0) == (0, 0, 1000, 500)


def test_without_a_placement_a_picture_keeps_its_ratio_and_is_no_larger_than_shown():
    finished = render(png(Image.new("RGB", (3000, 1500), "#1f6f54")), "bluesky")

    assert (finished.width, finished.height) == (2000, 1000)


@pytest.mark.parametrize(("size", "ratio"), [((250, 750), 0.8), ((900, 270), 1.91), ((400, 400), 1.0)])
def test_a_ratio_the_network_refuses_is_cut_to_the_nearest_it_takes(size, ratio):
    finished = render(png(photograph().resize(size)), "instagram")

    assert finished.width / finished.height == pytest.approx(ratio, rel=0.01)


def test_a_heavy_picture_is_pressed_under_the_limit():
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (1000, 1000, 3), dtype=np.uint8))

    finished = render(png(noise), "bluesky")

    assert len(finished.data) <= 1_000_000
    assert finished.mime == "image/jpeg"


def test_what_cannot_be_pressed_is_said():
    import dataclasses

    tiny = dataclasses.replace(NETWORKS["bluesky"], picture_bytes_max=500)
    with pytest.raises(CannotShrink):
        _under_limit(photograph(), tiny)


def test_a_drawn_card_stays_lossless():
    card = Image.new("RGB", (1080, 1080), "#1f6f54")
    finished = render(png(card), "bluesky")

    assert finished.mime == "image/png"
    assert opened(finished.data).convert("RGB").getpixel((5, 5)) == (0x1F, 0x6F, 0x54)


def test_nothing_the_camera_wrote_goes_out():
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    photograph().save(out, "JPEG", exif=exif, icc_profile=b"\0" * 200, comment=b"secret")

    finished = opened(render(out.getvalue(), "mastodon").data)

    assert not finished.getexif()
    assert not {"icc_profile", "comment", "exif"} & finished.info.keys()


def test_see_through_parts_become_white():
    assert opened(render(png(Image.new("RGBA", (300, 300), (0, 0, 0, 0))), "mastodon").data).getpixel((9, 9)) == (
        255,
        255,
        255,
    )


def test_a_watermark_stands_in_the_corner_on_light_and_dark():
    for colour in ("#ffffff", "#000000"):
        plain = png(Image.new("RGB", (800, 800), colour))
        marked = np.asarray(opened(render(plain, "mastodon", watermark="lemontree.cafe").data).convert("RGB")).astype(
            int
        )
        changed = np.abs(marked - np.asarray(Image.new("RGB", (800, 800), colour)).astype(int)).max(axis=-1) > 40
        ys, xs = np.nonzero(changed)
        assert xs.min() > 400 and ys.min() > 700


def test_a_preview_is_at_most_512_pixels():
    small = opened(preview(png(Image.new("RGB", (1600, 900)))))

    assert (small.size, small.format) == ((512, 288), "WEBP")
