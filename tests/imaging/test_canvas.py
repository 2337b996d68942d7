import io
import itertools
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from apps.imaging.contract import CardKind, PictureText, VisualStyle
from apps.imaging.providers.canvas import Canvas, fonts, schemes, stack, typesetting
from apps.imaging.providers.canvas.colour import Colour, contrast, readable
from apps.imaging.providers.canvas.styles import STYLES
from apps.imaging.providers.canvas.surface import Page
from apps.imaging.scoring import score
from apps.imaging.scoring.brand import measured_contrast
from apps.imaging.scoring.pixels import Pixels
from tests.imaging.samples import contract, png

HEX = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


@given(HEX)
@settings(max_examples=200, deadline=None)
def test_a_colour_survives_the_way_through_oklch(value):
    there = Colour.from_hex(value).rgb()

    assert max(abs(a - int(value[i : i + 2], 16)) for a, i in zip(there, (1, 3, 5), strict=True)) <= 1


@pytest.mark.parametrize(("one", "other", "ratio"), [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.48)])
def test_contrast_is_that_of_wcag(one, other, ratio):
    assert contrast(Colour.from_hex(one), Colour.from_hex(other)) == pytest.approx(ratio, abs=0.01)


@given(HEX, HEX)
@settings(max_examples=200, deadline=None)
def test_ink_can_always_be_made_readable(ink, ground):
    ground = Colour.from_hex(ground)

    assert contrast(readable(Colour.from_hex(ink), ground, ratio=4.5), ground) >= 4.49


@given(st.lists(HEX, max_size=3).map(tuple), st.sampled_from(VisualStyle))
@settings(max_examples=150, deadline=None)
def test_every_scheme_of_any_brand_is_readable(colours, style):
    for scheme in schemes.schemes(style, colours):
        worst = min(contrast(ink, scheme.ground) for ink in (scheme.ink, scheme.soft, scheme.accent))
        assert min(worst, contrast(scheme.on_panel, scheme.panel)) >= 4.49


@pytest.mark.parametrize("style", VisualStyle)
def test_a_mood_puts_its_schemes_first(style):
    assert schemes.schemes(style, ("#1f6f54",), "dark")[0].is_dark
    assert not schemes.schemes(style, ("#1f6f54",), "light")[0].is_dark


@pytest.mark.parametrize(("style", "index"), list(itertools.product(VisualStyle, range(4))))
def test_words_stand_readable_inside_the_picture_on_every_look(style, index):
    kind = list(CardKind)[index % 5]
    card = contract(kind, visual_style=style, placement=("square", "portrait", "landscape", "story")[index])

    drawing = Canvas().draw(card, index=index)

    pixels = Pixels.of(drawing.data)
    assert (pixels.width, pixels.height) == card.pixels
    assert min(measured_contrast(pixels, mark) for mark in drawing.marks) >= 4.4
    assert all(
        mark.box[0] >= 0 and mark.box[1] >= 0 and mark.box[2] <= pixels.width and mark.box[3] <= pixels.height
        for mark in drawing.marks
    )
    assert score(drawing, card).passed


def test_the_words_are_all_there():
    card = contract("announcement", visual_style="minimalist")

    drawing = Canvas().draw(card, index=0)

    drawn = " ".join(mark.text for mark in drawing.marks).replace("\u00a0", " ")
    assert drawn == (
        "Lemon Tree lemontree.cafe "
        "New on the menu Cardamom buns, warm from eight Baked in small batches every morning. See the menu →"
    )


def test_the_same_contract_draws_the_same_picture_and_another_seed_another():
    first, again = (Canvas().draw(contract(), index=1).data for _ in range(2))

    assert first == again
    assert Canvas().draw(contract(seed=8), index=1).data != first


def test_four_candidates_are_four_designs():
    facts = [Canvas().draw(contract(), index=i).facts for i in range(4)]

    assert len({fact["arrangement"] for fact in facts}) == 4
    assert len({fact["scheme"] for fact in facts}) == 4


def test_a_story_keeps_words_out_of_the_networks_zones():
    for index in range(4):
        drawing = Canvas().draw(contract("offer", placement="story", visual_style="bold"), index=index)
        assert min(mark.box[1] for mark in drawing.marks) >= 0.13 * 1920
        assert max(mark.box[3] for mark in drawing.marks) <= 0.81 * 1920


@pytest.mark.parametrize(
    "headline",
    ["قهوة الهيل كل صباح", "מאפה הקינמון חזר אלינו", "Ваш кофе уже ждёт", "ताज़ा मसाला चाय", "กาแฟสดทุกเช้า", "Buns 🥐 ❤️"],
)
def test_other_scripts_are_drawn_without_a_missing_letter(headline):
    drawing = Canvas().draw(contract(text=PictureText(headline=headline)), index=0)

    assert drawing.notes == ()
    assert drawing.marks


def test_letters_without_a_font_are_left_out_and_named():
    drawing = Canvas().draw(contract(text=PictureText(headline="抹茶 Matcha")), index=0)

    assert drawing.notes == ("These letters could not be drawn and were left out: 抹 茶",)


@pytest.mark.parametrize(
    "text",
    [
        PictureText(headline="Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichen"),
        PictureText(
            headline="word " * 43, body="small print " * 34, action="Do it now, today", kicker="Read all of this"
        ),
        PictureText(headline="A"),
        PictureText(kind="offer", figure="€1,299,999.00"),
        PictureText(kind="tips", headline="Tips", body="\n".join(["one more thing to think of"] * 12)),
        PictureText(),
        PictureText(headline="{{ 7*7 }} <script>alert(1)</script> %s {0}"),
    ],
)
@pytest.mark.parametrize("placement", ["square", "landscape"])
def test_extreme_words_stay_inside_the_picture(text, placement):
    for style in (VisualStyle.BOLD, VisualStyle.LUXURY):
        card = contract(text=text, placement=placement, visual_style=style)
        drawing = Canvas().draw(card, index=2)
        width, height = card.pixels
        assert all(m.box[0] >= 0 and m.box[2] <= width and m.box[3] <= height for m in drawing.marks), style


def test_words_that_had_to_be_cut_are_confessed():
    page = Page(1080, 1080, schemes.schemes(VisualStyle.MODERN, ())[0])
    inks = stack.Inks(page.scheme.ground, page.scheme.ink, page.scheme.soft, page.scheme.accent)
    setting = stack.Setting(page, STYLES[VisualStyle.MODERN], inks, "left")
    text = PictureText(headline="Buns", body="small print of every kind " * 16)

    fitted = stack.fit(setting, text, 500, 300)

    assert fitted.height <= 300
    assert page.notes == ["shortened"]


def test_a_logo_keeps_its_clear_zone_and_gets_a_plate_where_it_would_vanish():
    logo = png(Image.new("RGBA", (300, 120), (31, 111, 84, 255)))
    for index in range(4):
        drawing = Canvas().draw(contract(), index=index, logo=logo)
        assert drawing.logo[3] - drawing.logo[1] <= 0.08 * 1080
        measures = {name: value for part in score(drawing, contract()).parts for name, value in part.measures.items()}
        assert measures["logo"] >= 85


def test_a_brands_own_typeface_is_used():
    own = Canvas().draw(contract(heading_font="Playfair Display", visual_style="modern"), index=0)

    assert own.data != Canvas().draw(contract(visual_style="modern"), index=0).data


def test_lines_are_as_few_as_fit_and_even():
    voice = STYLES[VisualStyle.MODERN].display
    block = typesetting.set_text("one two three four five six seven", voice, 40, 480)

    assert len(block.lines) == 2
    assert max(block.widths) / min(block.widths) < 1.35


def test_what_belongs_together_is_not_broken():
    assert typesetting.glue("20 % off in the sea for 5 kg") == "20\u00a0% off in\u00a0the\u00a0sea for\u00a05\u00a0kg"


def test_a_fonts_coverage_is_read_from_its_table():
    points = fonts.coverage(fonts.DM_SANS.path)

    assert {ord("A"), ord("é"), ord("€")} <= points
    assert ord("抹") not in points


def test_pictures_carry_no_metadata():
    with Image.open(io.BytesIO(Canvas().draw(contract(), index=0).data)) as image:
        assert (image.format, image.mode, image.info) == ("PNG", "RGB", {})


def test_web_processes_do_not_load_the_imaging_libraries():
    code = (
        "import django, sys; django.setup(); import config.urls, apps.imaging.providers, apps.imaging.catalog;"
        "sys.exit(', '.join(name for name in ('PIL', 'numpy') if name in sys.modules))"
    )

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stderr.strip() == ""
    )
