from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from PIL import Image


def test_a_contact_sheet_shows_four_cards_of_every_look(tmp_path):
    said, out = StringIO(), tmp_path / "cards.png"

    call_command("contact_sheet", kind="quote", placement="landscape", out=out, stdout=said)

    assert said.getvalue() == f"24 cards on {out}\n"
    with Image.open(out) as sheet:
        assert sheet.width == 4 * (420 + 12) + 12


def test_a_colour_that_is_none_is_refused(tmp_path):
    with pytest.raises(CommandError, match="A colour is written like"):
        call_command("contact_sheet", colours=["red"], out=tmp_path / "cards.png")
