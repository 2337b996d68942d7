"""Our own brand renderer: cards set in the brand's colours, typefaces and logo. No key, no network, no vendor.

Same contract, same index, same picture. Four candidates differ in arrangement, colour scheme and decoration.
Supported scripts: those of `fonts.FALLBACKS`; not Chinese, Japanese, Korean. Emoji are drawn in the ink's colour.
"""

from __future__ import annotations

import io
from random import Random

from django.utils.translation import gettext_lazy as _
from PIL import Image

from apps.imaging.contract import CardKind, PromptContract, VisualStyle
from apps.imaging.providers.base import Drawing, Provider
from apps.imaging.providers.canvas import schemes, typesetting
from apps.imaging.providers.canvas.arrangements import ARRANGEMENTS, COVERED, Brief
from apps.imaging.providers.canvas.ornaments import Ornament
from apps.imaging.providers.canvas.styles import Style, styled
from apps.imaging.providers.canvas.surface import Page, png

NOTES = {
    "shortened": _("The words did not all fit and were shortened."),
    "missing": _("These letters could not be drawn and were left out: %(letters)s"),
}


class Canvas(Provider):
    """Draws a contract's words as a card."""

    family = "canvas"

    def draw(self, contract: PromptContract, *, index: int, logo: bytes = b"") -> Drawing:
        style = styled(contract.visual_style or VisualStyle.MODERN, contract.heading_font, contract.body_font)
        contract = _with_words(contract)
        arrangement, ornament, scheme = _choose(contract, style, index)
        width, height = contract.pixels
        page = Page(width, height, scheme)
        rng = Random(f"{contract.seed}/{index}")  # noqa: S311 - decoration, not secrets
        ARRANGEMENTS[arrangement](Brief(page, contract, style, ornament, rng, _opened(logo)))
        image = page.finish()
        letters = typesetting.missing(" ".join(contract.text.words()))
        notes = [str(NOTES[note]) for note in page.notes]
        if letters:
            notes.append(NOTES["missing"] % {"letters": " ".join(letters[:12])})
        return Drawing(
            data=png(image),
            mime="image/png",
            width=width,
            height=height,
            marks=tuple(page.marks),
            logo=page.logo_box,
            notes=tuple(notes),
            facts={"arrangement": arrangement, "scheme": scheme.name, "ornament": ornament.__name__},
        )


def _with_words(contract: PromptContract) -> PromptContract:
    """A contract without words for the picture gets the brief's first line as its headline."""
    if contract.text.headline or contract.text.figure:
        return contract
    headline = (contract.prompt.split("\n")[0] or contract.brand_name)[:220]
    return contract.model_copy(update={"text": contract.text.model_copy(update={"headline": headline})})


def _choose(contract: PromptContract, style: Style, index: int) -> tuple[str, Ornament, schemes.Scheme]:
    """What the index-th candidate looks like. Steps that share no factor with the lists make them all differ."""
    rng = Random(contract.seed)  # noqa: S311 - variety, not secrets
    first, turn, paint = rng.randrange(4), rng.randrange(12), rng.choice((0, 0, 1))
    arrangements = list(style.arrangements)
    if contract.text.kind is CardKind.TIPS:  # lists need room
        arrangements = ["split" if name in ("poster", "window") else name for name in arrangements]
    found = schemes.schemes(style.name, contract.colours, contract.mood)
    fixed = contract.mood.lower() in ("light", "dark")
    arrangement = arrangements[(first + index) % len(arrangements)]
    decoration = style.patterns if arrangement in COVERED else style.ornaments
    return (
        arrangement,
        decoration[(turn + index) % len(decoration)],
        found[(index if fixed else paint + index) % len(found)],
    )


def _opened(logo: bytes) -> Image.Image | None:
    """The logo with transparency. `logo` must come from `apps.media`, which has checked and re-encoded it."""
    return Image.open(io.BytesIO(logo)).convert("RGBA") if logo else None
