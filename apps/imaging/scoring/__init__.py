"""Measuring pictures, 0 to 100, in five parts. What cannot be measured here is left out and said to be left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from apps.imaging.contract import PromptContract
from apps.imaging.providers.base import Drawing
from apps.imaging.scoring.brand import brand
from apps.imaging.scoring.network import network_fit
from apps.imaging.scoring.pixels import Pixels
from apps.imaging.scoring.technical import technical
from apps.imaging.scoring.weights import FLOORS, PARTS, PASS_LINE, band, weights

NO_CLIP = "needs picture understanding (CLIP), which is not installed here"


@dataclass(frozen=True)
class Part:
    """One of the five. `score` is None where it was not measured; then `why_not` says why."""

    key: str
    score: float | None
    weight: float
    floor: int
    measures: dict[str, float] = field(default_factory=dict)
    why_not: str = ""

    @property
    def is_above_floor(self) -> bool:
        return self.score is None or self.score >= self.floor


@dataclass(frozen=True)
class Scorecard:
    """What was measured of one picture and what follows from it. `reason` says in a word or two what decided."""

    parts: tuple[Part, ...]
    total: float
    band: str
    passed: bool
    reason: str

    @property
    def measured(self) -> int:
        return sum(part.score is not None for part in self.parts)

    def as_json(self) -> dict[str, object]:
        """For the candidate's row: plain numbers, one decimal."""
        parts = [
            asdict(part)
            | {
                "score": None if part.score is None else round(part.score, 1),
                "measures": {name: round(value, 1) for name, value in part.measures.items()},
            }
            for part in self.parts
        ]
        return {
            "parts": parts,
            "total": round(self.total, 1),
            "band": self.band,
            "passed": self.passed,
            "reason": self.reason,
            "measured": self.measured,
        }

    @classmethod
    def from_json(cls, kept: dict) -> Scorecard:
        """The card as it was kept on a row."""
        parts = tuple(Part(**part) for part in kept["parts"])
        return cls(parts, kept["total"], kept["band"], kept["passed"], kept["reason"])


def score(drawing: Drawing, contract: PromptContract, *, line: int = PASS_LINE) -> Scorecard:
    """Measure one picture against the contract it was drawn for."""
    pixels = Pixels.of(drawing.data)
    sound, soundness = technical(pixels, contract.pixels)
    branded, likeness = brand(pixels, contract.colours[:3], drawing.marks, drawing.logo)
    fitting, fit = network_fit(contract, (pixels.width, pixels.height), len(drawing.data), drawing.marks)
    measured: dict[str, tuple[float | None, dict[str, float], str]] = {
        "semantic": (None, {}, NO_CLIP),
        "technical": (sound, soundness, ""),
        "aesthetic": (None, {}, NO_CLIP),
        "brand": (branded, likeness, "" if branded is not None else "the brand kit states no colours"),
        "network": (fitting, fit, ""),
    }
    share = weights(contract.network)
    parts = tuple(
        Part(key, measured[key][0], share[key], FLOORS[key], measured[key][1], measured[key][2]) for key in PARTS
    )
    return judge(parts, line)


def judge(parts: Sequence[Part], line: int = PASS_LINE) -> Scorecard:
    """The pass rule: every measured part above its floor, and the total, reweighted over them, at least the line."""
    counted = [part for part in parts if part.score is not None]
    share = sum(part.weight for part in counted)
    total = sum(part.weight * (part.score or 0.0) for part in counted) / share if share else 0.0
    low = [part.key for part in counted if not part.is_above_floor]
    passed = bool(counted) and not low and total >= line
    if low:
        reason = f"{low[0]} below its floor"
    elif not passed:
        reason = "total below the line"
    else:
        reason = f"strongest in {max(counted, key=lambda part: part.score or 0.0).key}"
    return Scorecard(tuple(parts), total, band(total), passed, reason)


def best(cards: Sequence[Scorecard]) -> int | None:
    """Index of the best that passes: by aesthetics where measured, else by total; the earlier of equals."""
    passing = [i for i, card in enumerate(cards) if card.passed]
    if not passing:
        return None

    def rank(i: int) -> tuple[float, float, int]:
        aesthetic = next((part.score for part in cards[i].parts if part.key == "aesthetic"), None)
        return (aesthetic if aesthetic is not None else -1.0, cards[i].total, -i)

    return max(passing, key=rank)
