"""Cards of a brand on one sheet, to look at what the canvas does before customers do."""

from __future__ import annotations

import io
from argparse import ArgumentParser
from pathlib import Path
from tempfile import gettempdir

from django.core.management.base import BaseCommand, CommandError
from pydantic import ValidationError

from apps.core.networks import Placement
from apps.imaging import providers
from apps.imaging.contract import CardKind, PictureText, PromptContract, VisualStyle

WORDS = {
    CardKind.ANNOUNCEMENT: PictureText(
        kicker="New on the menu",
        headline="Cardamom buns, warm from eight",
        body="Baked in small batches every morning. When they are gone, they are gone.",
        action="See the menu",
    ),
    CardKind.QUOTE: PictureText(
        kind=CardKind.QUOTE,
        headline="The best flat white in town, and the kindest faces behind the bar.",
        attribution="Marta, a regular since 2019",
    ),
    CardKind.OFFER: PictureText(
        kind=CardKind.OFFER, kicker="This weekend", figure="20 %", headline="off every cake", body="While they last."
    ),
    CardKind.TIPS: PictureText(
        kind=CardKind.TIPS,
        headline="Better coffee at home",
        body="Grind just before you brew\nWeigh it: 60 g for every litre\nRinse the paper filter first",
    ),
    CardKind.EVENT: PictureText(
        kind=CardKind.EVENT, kicker="Live music", headline="Jazz under the lemon trees", when="Friday, 19:30"
    ),
}
CELL = 420  # pixels, the longer side of a card on the sheet
GAP = 12


class Command(BaseCommand):
    help = "Draws four cards of every look on one sheet."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--colours", nargs="+", default=["#1f6f54", "#f3e3c3", "#e07a3f"])
        parser.add_argument("--kind", choices=list(CardKind), default=CardKind.ANNOUNCEMENT)
        parser.add_argument("--placement", choices=Placement.values, default=Placement.SQUARE)
        parser.add_argument("--name", default="Lemon Tree Café")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--out", type=Path, default=Path(gettempdir()) / "lily-cards.png")

    def handle(self, *, kind: str, placement: str, name: str, out: Path, **options: object) -> None:
        brand = {"brand_name": name, "colours": options["colours"], "seed": options["seed"]}
        try:
            wish = PromptContract.model_validate(brand | {"text": WORDS[CardKind(kind)], "placement": placement})
        except ValidationError as error:
            raise CommandError(str(error.errors()[0]["msg"])) from error
        rows = [[(wish.changed(visual_style=style), index) for index in range(4)] for style in VisualStyle]
        out.write_bytes(draw_sheet(rows))
        self.stdout.write(f"{len(rows) * 4} cards on {out}")


def draw_sheet(rows: list[list[tuple[PromptContract, int]]]) -> bytes:
    """The cards as one PNG, a row of wishes and their indexes each."""
    from PIL import Image

    canvas, cards = providers.get("canvas"), []
    for row in rows:
        for wish, index in row:
            with Image.open(io.BytesIO(canvas.draw(wish, index=index).data)) as card:
                card.thumbnail((CELL, CELL))
                cards.append(card.copy())
    width, height = max(card.width for card in cards) + GAP, max(card.height for card in cards) + GAP
    columns = len(rows[0])
    sheet = Image.new("RGB", (columns * width + GAP, len(rows) * height + GAP), (128, 128, 128))
    for place, card in enumerate(cards):
        sheet.paste(card, (GAP + place % columns * width, GAP + place // columns * height))
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()
