"""The models that draw pictures, as rows. Pages sell only what stands here *and* has a provider in `providers`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class ImageModel:
    """One model of one vendor: what it can do, what it costs and how long it takes."""

    key: str  # ours, stable: stored on rows and stated by plans
    family: str
    vendor_model: str  # the id the vendor's interface takes
    label: StrPromise | str
    about: StrPromise | str
    sizes: tuple[str, ...]  # the placements it draws exactly
    qualities: tuple[str, ...]
    cents: dict[str, int] = field(default_factory=dict)  # price of one picture by quality, US cents; none: free
    seconds: float = 5.0  # typical time of one picture
    max_prompt: int = 4000
    takes_negative_prompt: bool = False
    takes_references: bool = False
    can_edit: bool = False
    can_be_transparent: bool = False
    sets_type: bool = False  # text in the picture is set, letter by letter, not imagined
    streams: bool = False
    seeded: bool = False  # same contract and seed, same picture

    @property
    def is_free(self) -> bool:
        """Whether accepting one of its pictures costs the customer nothing of the month's count."""
        return not any(self.cents.values())


MODELS: dict[str, ImageModel] = {
    model.key: model
    for model in (
        ImageModel(
            key="canvas",
            family="canvas",
            vendor_model="canvas-1",
            label=_("Brand canvas"),
            about=_("Cards set in your colours, fonts and logo. Drawn here, free, and never misspelt."),
            sizes=("square", "portrait", "landscape", "story", "banner"),
            qualities=("draft", "standard", "premium", "story", "banner"),
            seconds=1.0,
            sets_type=True,
            seeded=True,
        ),
    )
}
