"""Drawing and measuring: what the imaging worker does. Never enqueues anything."""

from __future__ import annotations

from uuid import UUID

from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from apps.core import clock, events, languages, valkey
from apps.core.errors import VendorError
from apps.imaging import providers, rendering, scoring
from apps.imaging.contract import PromptContract, describe
from apps.imaging.models import KEPT, MAX_TRIES, Candidate, Generation, Rendition
from apps.imaging.providers.base import Drawing
from apps.media.models import Asset

State = Candidate.State


def draw_candidate(candidate_id: UUID | str) -> bool:
    """Draw, measure and store one candidate; False when another does or did it. Safe to run twice."""
    candidate = Candidate.objects.claim(candidate_id)  # type: ignore[arg-type]
    if candidate is None:
        return False
    with languages.speaking(candidate.generation.language):
        return _draw(candidate, candidate.generation.wish)


def _draw(candidate: Candidate, wish: PromptContract) -> bool:
    try:
        provider = providers.get(candidate.generation.image_model.family)
        drawing = provider.draw(wish, index=candidate.index, logo=logo_of(wish))
    except VendorError as refusal:
        return _fail(candidate, str(refusal))
    return _store(candidate, drawing, scoring.score(drawing, wish), wish)


def _store(candidate: Candidate, drawing: Drawing, card: scoring.Scorecard, wish: PromptContract) -> bool:
    small = rendering.preview(drawing.data)
    with transaction.atomic():
        mine = Candidate.objects.select_for_update().filter(pk=candidate.pk, fence=candidate.fence).first()
        if mine is None or mine.state != State.DRAWING:
            return False
        mine.generation = candidate.generation
        mine.file.save("picture.png", ContentFile(drawing.data), save=False)
        mine.preview.save("preview.webp", ContentFile(small), save=False)
        mine.mime, mine.width, mine.height = drawing.mime, drawing.width, drawing.height
        mine.scores, mine.total, mine.passed = card.as_json(), card.total, card.passed
        mine.notes, mine.facts = list(drawing.notes), drawing.facts
        mine.alt_text = describe(wish)
        mine.state, mine.lease_until = State.DRAWN, None
        mine.save()
        _choose_best(candidate.generation_id)
        events.announce("generation", candidate.generation_id)
    return True


def _choose_best(generation_id: UUID) -> None:
    """Keep which candidate is the best so far; the generation's row is locked, so that two workers agree."""
    generation = Generation.objects.select_for_update().get(pk=generation_id)
    drawn = [c for c in generation.candidates.in_order() if c.state == State.DRAWN]
    found = scoring.best([scoring.Scorecard.from_json(c.scores) for c in drawn])
    generation.best = drawn[found] if found is not None else None
    generation.save(update_fields=["best"])


def _fail(candidate: Candidate, problem: str) -> bool:
    """Wait for the next try, or say for good that it did not work."""
    mine = Candidate.objects.filter(pk=candidate.pk, fence=candidate.fence, state=State.DRAWING)
    if candidate.tries < MAX_TRIES:
        mine.update(state=State.WAITING, lease_until=None, problem=problem[:300])
    else:
        mine.update(state=State.FAILED, lease_until=None, problem=problem[:300])
        events.announce("generation", candidate.generation_id)
    return True


def logo_of(wish: PromptContract) -> bytes:
    """The brand's logo as `apps.media` wrote it, empty where there is none (any more)."""
    asset = Asset.objects.ready().filter(pk=wish.logo).first() if wish.logo else None
    if asset is None:
        return b""
    with asset.file.open("rb") as file:
        return file.read()


def make_rendition(asset_id: UUID | str, network: str, placement: str = "") -> Rendition | None:
    """Store an asset in the size of a network; None when the asset is not usable. Safe to run twice.

    A card of ours is drawn anew at the ratio rather than cut: nobody's words lose their end.
    """
    asset = Asset.objects.ready().filter(pk=asset_id).first()
    if asset is None or asset.frames > 1:
        return None
    made = Rendition.objects.filter(asset=asset, network=network, placement=placement).first()
    if made:
        return made
    finished = rendering.render(_source(asset, network, placement), network, placement)
    rendition = Rendition(asset=asset, network=network, placement=placement, mime=finished.mime)
    rendition.width, rendition.height, rendition.bytes = finished.width, finished.height, len(finished.data)
    extension = finished.mime.removeprefix("image/")
    rendition.file.save(f"picture.{extension}", ContentFile(finished.data), save=False)
    kept, is_new = Rendition.objects.get_or_create(
        asset=asset,
        network=network,
        placement=placement,
        defaults={name: getattr(rendition, name) for name in ("file", "mime", "width", "height", "bytes")},
    )
    if not is_new:
        rendition.file.delete(save=False)
    return kept


def _source(asset: Asset, network: str, placement: str) -> bytes:
    candidate = Candidate.objects.select_related("generation").filter(asset=asset).first() if placement else None
    if candidate and candidate.generation.image_model.sets_type:
        wish = candidate.generation.wish.changed(network=network, placement=placement)
        return providers.get("canvas").draw(wish, index=candidate.index, logo=logo_of(wish)).data
    with asset.file.open("rb") as file:
        return file.read()


def forgotten() -> list[UUID]:
    """Candidates to be asked for again; those that ended their worker every time are given up."""
    lost = list(Candidate.objects.forgotten().select_related("generation__requested_by"))
    for candidate in lost:
        if candidate.tries >= MAX_TRIES:
            _give_up(candidate)
    return [candidate.pk for candidate in lost if candidate.tries < MAX_TRIES]


def _give_up(candidate: Candidate) -> None:
    open_still = Candidate.objects.forgotten().filter(pk=candidate.pk)
    with languages.speaking(candidate.generation.language):
        problem = _("This one could not be drawn. Ask for new ones.")
    open_still.update(state=State.FAILED, lease_until=None, problem=problem)
    events.announce("generation", candidate.generation_id)


def draw_sample(key: str, wish: dict, seconds: int) -> None:
    """Draw a sample card, keep it for a while under its key, and wake whoever waits for it."""
    contract = PromptContract.model_validate(wish)
    drawing = providers.get("canvas").draw(contract, index=0, logo=logo_of(contract))
    caches["fleeting"].set(key, rendering.preview(drawing.data, side=640), seconds)
    with valkey.connection().pipeline() as pipe:
        pipe.rpush(f"{key}:ready", *["1"] * 8)
        pipe.expire(f"{key}:ready", 5)
        pipe.execute()


def clean() -> int:
    """Remove wishes of which nothing was taken, with their files, after their time; how many."""
    kept = Candidate.objects.exclude(asset=None).values("generation")
    old = Generation.objects.filter(created_at__lt=clock.now() - KEPT).exclude(pk__in=kept)
    count = 0
    for generation in old.prefetch_related("candidates")[:500]:
        names = generation.stored_names()
        generation.delete()
        for name in names:
            default_storage.delete(name)
        count += 1
    return count
