"""Wishes and drawings for tests. A drawn candidate has a real card and its real scores."""

from functools import cache

from django.core.files.base import ContentFile

from apps.imaging.contract import PictureText, PromptContract
from apps.imaging.models import Candidate, Generation
from tests.factories.accounts import make_workspace

WISH = PromptContract(
    prompt="Cardamom buns",
    network="bluesky",
    placement="square",
    seed=7,
    colours=("#1f6f54", "#f3e3c3", "#e07a3f"),
    brand_name="Lemon Tree",
    text=PictureText(headline="Cardamom buns, warm from eight", action="See the menu"),
)


def make_generation(*, workspace=None, wish: PromptContract = WISH, candidates: int = 1, **fields) -> Generation:
    generation = Generation.objects.create(
        workspace=workspace or make_workspace(), contract=wish.model_dump(mode="json"), model="canvas", **fields
    )
    for index in range(candidates):
        generation.candidates.create(index=index)
    return generation


def make_candidate(*, generation=None, workspace=None, index: int = 0, drawn: bool = True) -> Candidate:
    """A candidate of a wish; drawn unless told otherwise."""
    generation = generation or make_generation(workspace=workspace, candidates=0)
    candidate = Candidate(generation=generation, index=index)
    if drawn:
        card, small, scores, total = _drawn()
        candidate.file.save("picture.png", ContentFile(card), save=False)
        candidate.preview.save("preview.webp", ContentFile(small), save=False)
        candidate.state, candidate.mime, candidate.width, candidate.height = "drawn", "image/png", 1080, 1080
        candidate.scores, candidate.total, candidate.passed, candidate.alt_text = (
            scores,
            total,
            True,
            "Card by Lemon Tree",
        )
    candidate.save()
    return candidate


@cache
def _drawn() -> tuple[bytes, bytes, dict, float]:
    from apps.imaging import providers, rendering, scoring

    drawing = providers.get("canvas").draw(WISH, index=0)
    card = scoring.score(drawing, WISH)
    return drawing.data, rendering.preview(drawing.data), card.as_json(), card.total
