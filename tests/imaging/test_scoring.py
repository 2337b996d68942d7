import dataclasses
import itertools

import numpy as np
import pytest
from PIL import Image

from apps.imaging.contract import PromptContract
from apps.imaging.providers.base import Drawing, TextMark
from apps.imaging.providers.canvas import Canvas
from apps.imaging.scoring import Part, best, judge, score
from apps.imaging.scoring.brand import brand, contrast_score, logo_room, measured_contrast, palette
from apps.imaging.scoring.network import network_fit
from apps.imaging.scoring.pixels import Pixels, to_luminance, to_oklab
from apps.imaging.scoring.technical import blur_effect, noise_sigma, technical
from apps.imaging.scoring.weights import PARTS, band, weights
from tests.imaging import samples
from tests.imaging.samples import CAFE, contract


def pixels(image: Image.Image) -> Pixels:
    return Pixels(np.asarray(image.convert("RGB")))


@pytest.fixture(scope="module")
def card() -> Image.Image:
    import io

    return Image.open(io.BytesIO(Canvas().draw(contract(), index=0).data)).convert("RGB")


DEGRADED = {
    "sharpness": (samples.blurred, (0, 1.5, 3, 6, 12)),
    "noise": (samples.noisy, (0, 6, 12, 18, 25)),
    "borders": (samples.barred, (0, 0.06, 0.12, 0.18)),
}


@pytest.mark.parametrize("name", DEGRADED)
@pytest.mark.parametrize("picture", ["photograph", "card"])
def test_a_measure_falls_with_its_own_fault(name, picture, card):
    degrade, steps = DEGRADED[name]
    image = card.resize((540, 540), Image.Resampling.LANCZOS) if picture == "card" else samples.photograph()

    found = [technical(pixels(degrade(image, step)), image.size)[1][name] for step in steps]

    assert found[0] >= 85
    assert all(before >= after for before, after in itertools.pairwise(found))
    assert found[-1] <= 45


def test_exposure_falls_as_a_photograph_burns_out_or_drowns():
    bright = [
        technical(pixels(samples.brightened(samples.photograph(), f)), (512, 512))[1]["exposure"]
        for f in (1, 1.8, 2.6, 4)
    ]
    dark = [
        technical(pixels(samples.brightened(samples.photograph(), f)), (512, 512))[1]["exposure"]
        for f in (1, 0.4, 0.2, 0.05)
    ]

    assert bright == sorted(bright, reverse=True)
    assert dark == sorted(dark, reverse=True)
    assert bright[0] >= 95 and bright[-1] <= 30 and dark[-1] <= 10


def test_an_empty_picture_is_blank_and_fails():
    drawing = Drawing(samples.png(Image.new("RGB", (1080, 1080), CAFE[0])), "image/png", 1080, 1080)

    card = score(drawing, contract())

    assert not card.passed
    assert {name: value for p in card.parts for name, value in p.measures.items()}["blankness"] == 0


@pytest.mark.parametrize(("side", "wanted"), [(1080, 100), (702, 50), (324, 0)])
def test_resolution_counts_against_the_placement(side, wanted):
    assert technical(pixels(Image.new("RGB", (side, side))), (1080, 1080))[1]["resolution"] == pytest.approx(
        wanted, abs=0.1
    )


def test_noise_is_measured_in_levels():
    grey = Image.new("RGB", (400, 400), (128, 128, 128))

    for sigma in (4, 10, 20):
        assert noise_sigma(pixels(samples.noisy(grey, sigma)).luma) == pytest.approx(sigma, rel=0.06)


def test_the_blur_effect_is_that_of_the_paper():
    """Crete et al. 2007 written once more, slowly, straight from their equations 1 to 9."""
    luma = pixels(samples.photograph().resize((64, 64))).luma.astype(float)
    worst = []
    for lines in (luma, luma.T):
        kept = total = 0.0
        for line in lines.T:
            padded = np.concatenate([[line[0]] * 5, line, [line[-1]] * 5])
            soft = [padded[i : i + 11].mean() for i in range(len(line))]
            for i in range(1, len(line)):
                total += abs(line[i] - line[i - 1])
                kept += max(0.0, abs(line[i] - line[i - 1]) - abs(soft[i] - soft[i - 1]))
        worst.append((total - kept) / total)

    assert blur_effect(luma) == pytest.approx(max(worst), abs=0.01)


def test_oklab_is_that_of_its_author():
    """The reference values Ottosson publishes for sRGB red, green, blue and white."""
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]], dtype=np.uint8)

    assert to_oklab(colours) == pytest.approx(
        np.array([[0.628, 0.225, 0.126], [0.866, -0.234, 0.179], [0.452, -0.032, -0.312], [1.0, 0.0, 0.0]]), abs=0.001
    )
    assert to_luminance(colours) == pytest.approx([0.2126, 0.7152, 0.0722, 1.0], abs=1e-4)


def test_a_palette_drifts_away_as_hues_turn(card):
    found = [palette(pixels(samples.hue_turned(card, d)), CAFE) for d in (0, 20, 45, 90)]

    assert found == sorted(found, reverse=True)
    assert found[0] >= 90
    assert found[-1] <= 45


def test_tints_of_the_brand_belong_to_it_and_greys_do_not_hurt():
    sheet = Image.new("RGB", (300, 300), "#ffffff")
    sheet.paste("#1f6f54", (0, 0, 300, 80))
    sheet.paste("#8fb7a9", (0, 80, 300, 160))

    assert palette(pixels(sheet), CAFE) >= 90


def test_text_contrast_is_measured_not_believed():
    sheet = Image.new("RGB", (200, 100), (255, 255, 255))
    sheet.paste((119, 119, 119), (20, 40, 180, 60))
    mark = TextMark((15, 35, 185, 65), (119, 119, 119), "x", 20)

    assert measured_contrast(pixels(sheet), mark) == pytest.approx(4.48, abs=0.02)
    assert measured_contrast(pixels(samples.faded(sheet, 0.6)), mark) < 2
    assert measured_contrast(pixels(Image.new("RGB", (200, 100), (255, 255, 255))), mark) == pytest.approx(1.0)


def test_a_faded_card_loses_its_contrast_score(card):
    drawing = Canvas().draw(contract(), index=0)
    found = []
    for share in (0, 0.3, 0.5, 0.7):
        faded = dataclasses.replace(drawing, data=samples.png(samples.faded(card, share)))
        found.append(brand(Pixels.of(faded.data), CAFE, faded.marks, None)[1]["contrast"])

    assert found == sorted(found, reverse=True)
    assert found[0] >= 75
    assert found[-1] <= 45


@pytest.mark.parametrize(("ratio", "points"), [(1, 0), (3, 40), (4.5, 75), (7, 100), (21, 100)])
def test_contrast_points(ratio, points):
    assert contrast_score(ratio) == points


def test_a_logo_needs_room():
    sheet = Image.new("RGB", (300, 300), "#ffffff")
    sheet.paste("#1f6f54", (100, 100, 200, 140))
    assert logo_room(pixels(sheet), (100, 100, 200, 140)) == 100

    sheet.paste("#e07a3f", (0, 142, 300, 300))
    assert logo_room(pixels(sheet), (100, 100, 200, 140)) < 30


def test_a_brand_without_colours_is_not_measured():
    drawing = Drawing(samples.png(samples.photograph()), "image/png", 512, 512)

    part = next(p for p in score(drawing, PromptContract()).parts if p.key == "brand")

    assert (part.score, part.why_not) == (None, "the brand kit states no colours")


def test_network_fit_falls_with_ratio_size_and_weight():
    wanted = PromptContract(network="bluesky", placement="square")

    assert network_fit(wanted, (1080, 1080), 400_000, ())[0] == 100
    assert network_fit(wanted, (1080, 1350), 400_000, ())[1]["ratio"] < 60
    assert network_fit(wanted, (600, 600), 400_000, ())[1]["size"] < 40
    assert network_fit(wanted, (1080, 1080), 4_000_000, ())[1]["bytes"] < 50


def test_network_fit_is_nothing_where_the_network_refuses_the_ratio():
    tall = PromptContract(network="instagram", placement="portrait")

    assert network_fit(tall, (500, 1000), 1, ())[1]["ratio"] == 0


def test_network_fit_sees_words_under_the_networks_buttons():
    story = PromptContract(placement="story")
    low = TextMark((100, 1700, 900, 1800), (0, 0, 0), "x", 20)

    assert network_fit(story, (1080, 1920), 1, [low])[1]["safe_zone"] == 0
    assert (
        network_fit(story, (1080, 1920), 1, [dataclasses.replace(low, box=(100, 900, 900, 1000))])[1]["safe_zone"]
        == 100
    )


@pytest.mark.parametrize("network", ["instagram", "x", "facebook", "tiktok", "bluesky", ""])
def test_weights_add_up(network):
    assert sum(weights(network).values()) == pytest.approx(1.0)
    assert tuple(weights(network)) == PARTS


@pytest.mark.parametrize(
    ("total", "name"), [(100, "excellent"), (85, "excellent"), (84.9, "good"), (55, "fair"), (35, "weak"), (0, "poor")]
)
def test_bands(total, name):
    assert band(total) == name


def part(key: str, value: float | None, weight: float = 0.25, floor: int = 40) -> Part:
    return Part(key, value, weight, floor)


def test_the_total_is_reweighted_over_what_was_measured():
    card = judge([part("semantic", None), part("technical", 80), part("brand", 60, 0.75)])

    assert (card.total, card.measured, card.passed) == (65, 2, True)


def test_a_part_below_its_floor_fails_whatever_the_total():
    card = judge([part("technical", 100), part("brand", 39)])

    assert (card.passed, card.reason) == (False, "brand below its floor")


def test_a_total_below_the_line_fails():
    assert judge([part("technical", 54)]).passed is False
    assert judge([part("technical", 55)]).passed is True
    assert judge([part("technical", 69)], line=70).passed is False


def test_nothing_measured_never_passes():
    assert judge([part("semantic", None)]).passed is False


def test_aesthetics_decides_among_those_that_pass_where_it_is_measured():
    plain = judge([part("technical", 95), part("aesthetic", 40, floor=0)])
    pretty = judge([part("technical", 70), part("aesthetic", 90, floor=0)])
    broken = judge([part("technical", 10), part("aesthetic", 99, floor=0)])

    assert best([plain, pretty, broken]) == 1
    assert best([broken]) is None


def test_without_aesthetics_the_total_decides_and_the_earlier_of_equals():
    low, high = judge([part("technical", 70)]), judge([part("technical", 90)])

    assert best([low, high, high]) == 1


def test_a_card_says_how_many_parts_it_rests_on():
    card = score(Canvas().draw(contract(), index=0), contract()).as_json()

    assert card["measured"] == 3
    assert [p["key"] for p in card["parts"] if p["score"] is None] == ["semantic", "aesthetic"]
