import pytest
from pydantic import ValidationError

from apps.imaging.catalog import MODELS, ImageModel
from apps.imaging.contract import BrandView, PictureText, PromptContract, apply_brand, collect_negatives, render

BRAND = BrandView(
    name="Lemon Tree",
    colours=("#1f6f54", "#f3e3c3"),
    visual_style="classic",
    avoid=("alcohol", "Crowds"),
    donts=("No stock photos",),
    signature="lemontree.cafe",
)


def a_model(**fields) -> ImageModel:
    given = {"key": "m", "family": "m", "vendor_model": "m", "label": "", "about": "", "sizes": (), "qualities": ()}
    return ImageModel(**(given | fields))


def test_apply_brand_fills_what_was_left_open():
    filled = apply_brand(PromptContract(prompt="Buns"), BRAND)

    assert (filled.brand_name, filled.colours, filled.visual_style) == ("Lemon Tree", ("#1f6f54", "#f3e3c3"), "classic")


def test_apply_brand_keeps_what_the_customer_said():
    filled = apply_brand(PromptContract(visual_style="bold", colours=("#ABC",)), BRAND)

    assert (filled.visual_style, filled.colours) == ("bold", ("#aabbcc",))


def test_apply_brand_joins_the_avoid_lists():
    assert apply_brand(PromptContract(avoid=("alcohol", "cats")), BRAND).avoid == (
        "alcohol",
        "cats",
        "Crowds",
        "No stock photos",
    )


def test_apply_brand_twice_changes_nothing_more():
    once = apply_brand(PromptContract(prompt="Buns"), BRAND)

    assert apply_brand(once, BRAND) == once


def test_apply_brand_uses_the_default_model_only_for_auto():
    brand = BrandView(default_model="canvas")

    assert apply_brand(PromptContract(), brand).model == "canvas"
    assert apply_brand(PromptContract(model="other"), brand).model == "other"


def test_negatives_are_named_once_in_the_customers_spelling():
    contract = PromptContract(negative_prompt="Hands, text, ", avoid=("hands", "Alcohol", "text "))

    assert collect_negatives(contract) == ("Hands", "text", "Alcohol")


def test_render_keeps_negatives_apart_where_the_model_has_a_place_for_them():
    rendered = render(PromptContract(prompt="Buns", avoid=("hands",)), a_model(takes_negative_prompt=True))

    assert rendered.negative_prompt == "hands"
    assert "hands" not in rendered.prompt


def test_render_says_negatives_in_words_elsewhere_and_never_cuts_them():
    contract = PromptContract(prompt="Buns " * 300, avoid=("hands", "alcohol"))

    rendered = render(contract, a_model(max_prompt=200))

    assert rendered.negative_prompt == ""
    assert len(rendered.prompt) == 200
    assert rendered.prompt.endswith(" Avoid: hands, alcohol.")


def test_render_for_the_canvas_is_the_words_of_the_card():
    contract = PromptContract(text=PictureText(kicker="New", headline="Buns", action="Come by"))

    assert render(contract, MODELS["canvas"]).prompt == "New\nBuns\nCome by"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("a\u202eb\u0000c", "abc"),
        ("  two   spaces ", "two spaces"),
        ("e\u0301", "é"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_words_are_cleaned_of_what_cannot_be_seen(given, kept):
    assert PictureText(headline=given).headline == kept


@pytest.mark.parametrize("colour", ["red", "#12", "#gggggg", "#1234567", "url(x)"])
def test_a_colour_is_a_colour(colour):
    with pytest.raises(ValidationError):
        PromptContract(colours=(colour,))


def test_a_contract_survives_json_and_refuses_unknown_fields():
    contract = PromptContract(prompt="Buns", colours=("#123456",), network="bluesky", placement="portrait")

    assert PromptContract.model_validate_json(contract.model_dump_json()) == contract
    with pytest.raises(ValidationError):
        PromptContract.model_validate(contract.model_dump() | {"system": "x"})


@pytest.mark.parametrize(
    ("network", "placement", "pixels"),
    [("bluesky", "landscape", (1600, 900)), ("", "landscape", (1200, 628)), ("instagram", "landscape", (1080, 566))],
)
def test_a_network_states_the_pixels_of_its_placements(network, placement, pixels):
    assert PromptContract(network=network, placement=placement).pixels == pixels
