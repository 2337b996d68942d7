"""The seam to everything that draws. One provider per family; kinds of error are those of `apps.core.errors`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from apps.imaging.contract import PromptContract

Box = tuple[int, int, int, int]  # left, top, right, bottom in pixels, right and bottom outside


@dataclass(frozen=True)
class TextMark:
    """One set line: where it stands and in what colour, so that its contrast can be measured on the pixels."""

    box: Box
    ink: tuple[int, int, int]
    text: str
    size: float  # pixels


@dataclass(frozen=True)
class Drawing:
    """One picture as it came from a model.

    `notes` are sentences for the customer about what could not be done (a letter no font has, words cut short).
    `marks` and `logo` are known only where the model sets type itself.
    """

    data: bytes
    mime: str
    width: int
    height: int
    marks: tuple[TextMark, ...] = ()
    logo: Box | None = None
    notes: tuple[str, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)  # what was chosen: composition, scheme


class Provider(ABC):
    """A family of models; `providers.NEEDS` names the settings without which it is not offered."""

    family: str

    @abstractmethod
    def draw(self, contract: PromptContract, *, index: int, logo: bytes = b"") -> Drawing:
        """The `index`-th candidate for the contract (0 … candidates-1), at the size of its placement.

        Raises TryLater, ContentRejected, OutcomeUnknown (apps.core.errors).
        """
