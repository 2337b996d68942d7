"""Will it stand well on the network? Ratio, resolution, safe zones, file size, by the facts in `core.networks`."""

from __future__ import annotations

import math
from collections.abc import Sequence

from apps.core.networks import NETWORKS
from apps.imaging.contract import PromptContract
from apps.imaging.providers.base import TextMark
from apps.imaging.scoring.pixels import ramp

WEIGHTS = {"ratio": 0.35, "size": 0.25, "safe_zone": 0.25, "bytes": 0.15}


def network_fit(
    contract: PromptContract, size: tuple[int, int], file_bytes: int, marks: Sequence[TextMark]
) -> tuple[float, dict[str, float]]:
    """The part's score and its measures. `size` is width and height; `marks` may be empty (then nothing is known
    of safe zones and that measure is left out)."""
    parts = {"ratio": ratio(contract, size), "size": pixel_size(contract, size), "bytes": weight(contract, file_bytes)}
    if marks:
        parts["safe_zone"] = safe_zone(contract, size, marks)
    total = sum(WEIGHTS[name] for name in parts)
    mean = sum(WEIGHTS[name] * value for name, value in parts.items()) / total
    return 0.6 * mean + 0.4 * min(parts.values()), parts


def ratio(contract: PromptContract, size: tuple[int, int]) -> float:
    """100 at the placement's ratio, 0 where a third of the picture would be cut; 0 outside what the network takes."""
    wanted = contract.pixels[0] / contract.pixels[1]
    own = size[0] / size[1]
    facts = NETWORKS.get(contract.network)
    if facts and ((facts.ratio_min or 0) > own * 1.01 or own > (facts.ratio_max or math.inf) * 1.01):
        return 0.0
    return ramp(min(own, wanted) / max(own, wanted), 0.67, 0.99)


def pixel_size(contract: PromptContract, size: tuple[int, int]) -> float:
    """100 from the placement's pixels on, 0 at 40 %."""
    return ramp(min(size[0] / contract.pixels[0], size[1] / contract.pixels[1]), 0.4, 1.0)


def weight(contract: PromptContract, file_bytes: int) -> float:
    """100 while the file is under the network's limit as it is; a heavier one can still be pressed, to 0 at 6 times."""
    facts = NETWORKS.get(contract.network)
    return ramp(file_bytes / facts.picture_bytes_max, 6.0, 1.0) if facts else 100.0


def safe_zone(contract: PromptContract, size: tuple[int, int], marks: Sequence[TextMark]) -> float:
    """Share of the words' area that the network's own buttons leave free; a picture's very edge counts as covered."""
    left, top, right, bottom = contract.safe_zone
    edge = 0.02
    free = (
        max(left, edge) * size[0],
        max(top, edge) * size[1],
        (1 - max(right, edge)) * size[0],
        (1 - max(bottom, edge)) * size[1],
    )
    area = inside = 0.0
    for mark in marks:
        x0, y0, x1, y1 = mark.box
        area += (x1 - x0) * (y1 - y0)
        inside += max(0.0, min(x1, free[2]) - max(x0, free[0])) * max(0.0, min(y1, free[3]) - max(y0, free[1]))
    return ramp(inside / area if area else 1.0, 0.7, 1.0)
