"""What a customer can do with pictures: ask for them, take one, throw them away, see how the brand would look."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from functools import partial
from urllib.parse import urlencode
from uuid import UUID, uuid4

import redis
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import ValidationError

from apps.accounts.models import Organization, User, Workspace
from apps.brand import moderation
from apps.brand.services import find_kit
from apps.brand.vault import StyleVault
from apps.core import clock, valkey
from apps.core.errors import Invalid
from apps.imaging import providers, tasks
from apps.imaging.catalog import MODELS, ImageModel
from apps.imaging.contract import MAX_SEED, BrandView, PromptContract, apply_brand
from apps.imaging.models import Candidate, Generation, Rendition
from apps.media.models import Asset
from apps.media.services import store_generated
from apps.plans import entitlements
from apps.plans.catalog import Choice, Level, Limit

SAMPLE_KEPT = timedelta(days=1)
SAMPLE_WAIT = 1.8  # seconds a page's picture may wait for its drawing before a stand-in is shown
LEVEL_OF = {"story": "standard", "banner": "standard"}  # qualities that are no level of a plan


def brand_of(workspace: Workspace) -> BrandView:
    """What pictures need to know of a workspace's brand."""
    return _view(workspace, find_kit(workspace).vault)


def _view(workspace: Workspace, vault: StyleVault) -> BrandView:
    return BrandView(
        name=workspace.name,
        colours=vault.colours,
        visual_style=str(vault.visual_style),
        mood=vault.mood,
        tone=vault.tone[:80],
        industry=vault.industry,
        words=vault.brand_words,
        avoid=moderation.negatives(vault),
        donts=vault.donts,
        signature=vault.website.removeprefix("https://").removeprefix("www.").rstrip("/")[:80],
        heading_font=vault.heading_font,
        body_font=vault.body_font,
        logo=vault.logos[0] if vault.logos else None,
        default_model=vault.default_image_model if vault.default_image_model != "auto" else "",
    )


def offered_models(organization: Organization) -> list[ImageModel]:
    """The models that are built, set up here and stated by the plan, cheapest first."""
    built = (model for model in MODELS.values() if providers.is_offered(model.family))
    usable = (model for model in built if entitlements.allows_choice(organization, Choice.IMAGE_MODELS, model.key))
    return sorted(usable, key=lambda model: (sum(model.cents.values()), model.seconds))


def best_quality(organization: Organization) -> str:
    """The best quality up to standard that the plan allows: what a customer gets who does not choose."""
    return "standard" if entitlements.allows_level(organization, Level.IMAGE_QUALITY, "standard") else "draft"


@transaction.atomic
def request_pictures(
    *, workspace: Workspace, user: User | None, wish: PromptContract, request_key: UUID | None = None
) -> Generation:
    """Have candidates drawn for a wish; they arrive one by one. The same `request_key` twice is one wish.

    Raises FeatureNotInPlan (model, quality), LimitReached (drafts of the day), Invalid (nothing to draw, or too much).
    """
    key = request_key or uuid4()
    if found := Generation.objects.filter(workspace=workspace, request_key=key).first():
        return found
    vault = find_kit(workspace).vault
    long: dict[str, list[str]] = {}
    try:
        wish = apply_brand(_moderated(wish, vault), _view(workspace, vault))
    except ValidationError as error:  # the brand's own words are longer than those they stand for
        long = {str(problem["loc"][-1]): [_("This is too long for a picture.")] for problem in error.errors()}
    if long:  # raised here for the reason in brand's services
        raise Invalid(fields=long)
    if not (wish.prompt or wish.text.words()):
        raise Invalid(fields={"headline": [_("Say what the picture should say.")]})
    model, why = _choose_model(workspace.organization, wish)
    level = LEVEL_OF.get(wish.quality, str(wish.quality))
    entitlements.require_level(workspace.organization, Level.IMAGE_QUALITY, level)
    entitlements.take(workspace.organization, Limit.GENERATIONS_DAY, wish.candidates)
    if not wish.seed:
        wish = wish.changed(seed=secrets.randbelow(MAX_SEED) + 1)
    generation = Generation.objects.create(
        workspace=workspace,
        requested_by=user,
        request_key=key,
        contract=wish.model_dump(mode="json"),
        model=model.key,
        why_model=why,
    )
    for index in range(wish.candidates):
        candidate = generation.candidates.create(index=index)
        tasks.draw_candidate.delay_on_commit(str(candidate.pk))
    return generation


def _moderated(wish: PromptContract, vault: StyleVault) -> PromptContract:
    """The wish after the brand's avoid rules: its words as words that go out, its brief as a brief.

    Raises Invalid where a rule stops it, at the field that broke it.
    """
    brief = moderation.moderate_brief(wish.prompt, vault)
    words = {}
    for name in ("kicker", "headline", "figure", "body", "attribution", "when", "action"):
        found = moderation.moderate_words(getattr(wish.text, name), vault)
        found.require_allowed(name)
        words[name] = found.text
    brief.require_allowed("headline" if wish.text.headline else "brief")
    return wish.changed(prompt=brief.text, text=wish.text.model_dump() | words)


def request_more(*, generation: Generation, user: User | None) -> Generation:
    """The same wish with other dice."""
    wish = generation.wish.changed(seed=0)
    return request_pictures(workspace=generation.workspace, user=user, wish=wish)


def _choose_model(organization: Organization, wish: PromptContract) -> tuple[ImageModel, str]:
    """The model that draws, and why. Raises FeatureNotInPlan, or Invalid for one that is not offered here."""
    if wish.model != "auto":
        model = MODELS.get(wish.model)
        if model is None or not providers.is_offered(model.family):
            raise Invalid(fields={"model": [_("This picture model is not offered here.")]})
        entitlements.require_choice(organization, Choice.IMAGE_MODELS, model.key)
        return model, str(_("You chose it."))
    models = [model for model in offered_models(organization) if wish.placement in model.sizes]
    if not models:
        entitlements.require_choice(organization, Choice.IMAGE_MODELS, next(iter(MODELS)))
        raise Invalid(fields={"placement": [_("No picture model here draws this size.")]})
    return models[0], str(_("It sets your words exactly and costs nothing."))


def take_candidate(*, candidate: Candidate, user: User | None, alt_text: str | None = None) -> Asset:
    """Make a candidate a picture of the library. Taking it twice gives the same picture.

    A paid model's picture counts against the month now; canvas cards are free. Raises LimitReached, WrongState.
    """
    generation = candidate.generation
    organization, is_free = generation.workspace.organization, generation.image_model.is_free
    with transaction.atomic():
        candidate = Candidate.objects.select_for_update(of=("self",)).select_related("asset").get(pk=candidate.pk)
        if candidate.asset:
            return candidate.asset
        candidate.require_drawn()
        if not is_free:
            entitlements.reserve(candidate, Limit.IMAGES_MONTH, organization=organization, due=clock.now())
        candidate.asset = _store(candidate, generation, user, candidate.alt_text if alt_text is None else alt_text)
        candidate.save(update_fields=["asset"])
        if not is_free:
            entitlements.commit(candidate)
    return candidate.asset


def _store(candidate: Candidate, generation: Generation, user: User | None, alt_text: str) -> Asset:
    with candidate.file.open("rb") as file, candidate.preview.open("rb") as small:
        return store_generated(
            generation.workspace,
            user,
            file.read(),
            candidate.mime,
            alt_text,
            width=candidate.width,
            height=candidate.height,
            preview=small.read(),
            name=f"{str(generation)[:60]}.{candidate.mime.removeprefix('image/')}",
        )


def discard_generation(*, generation: Generation) -> None:
    """Throw a wish and everything drawn for it away; what was taken stays in the library."""
    names = generation.stored_names()
    with transaction.atomic():
        generation.delete()
        transaction.on_commit(partial(_delete_files, names))


def _delete_files(names: list[str]) -> None:
    for name in names:
        default_storage.delete(name)


def request_renditions(*, asset: Asset, networks: set[str]) -> None:
    """Have a picture made ready for networks, where that was not done yet."""
    done = set(Rendition.objects.filter(asset=asset, placement="").values_list("network", flat=True))
    for network in sorted(networks - done):
        tasks.make_rendition.delay_on_commit(str(asset.pk), network)


def sample_wish(*, workspace: Workspace, wish: PromptContract) -> PromptContract:
    """What a sample card of this brand is drawn from: words of its own where none are given, always the same dice."""
    if not wish.text.headline:
        name = wish.brand_name or workspace.name
        text = {"headline": _("Good things, made by hand"), "kicker": _("This week"), "action": _("Come and see")}
        wish = wish.changed(text=wish.text.model_copy(update=text), brand_name=name)
    return apply_brand(wish, brand_of(workspace)).model_copy(update={"seed": 1, "candidates": 1})


def sample_key(wish: PromptContract) -> str:
    return f"imaging:sample:{hashlib.sha256(wish.model_dump_json().encode()).hexdigest()}"


def find_sample(wish: PromptContract, *, wait: float = SAMPLE_WAIT) -> bytes | None:
    """A sample card (WebP), drawn by the imaging worker and kept for a day.

    Waits for the drawing as long as a picture of a page may; None when it does not come in time.
    """
    key = sample_key(wish)
    if (found := caches["fleeting"].get(key)) is not None:
        return found
    if caches["fleeting"].add(f"{key}:asked", value=1, timeout=10):
        tasks.draw_sample.delay(key, wish.model_dump(mode="json"), int(SAMPLE_KEPT.total_seconds()))
    try:
        valkey.connection().blpop([f"{key}:ready"], timeout=wait)
    except redis.RedisError:
        return None
    return caches["fleeting"].get(key)


def with_picture(address: str, asset: Asset) -> str:
    """An address of ours that is told which picture was taken."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'picture': asset.pk})}"
