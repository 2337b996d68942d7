"""What the parts weigh per network, and the lines between good and bad (product.md, section 5)."""

from __future__ import annotations

PARTS = ("semantic", "technical", "aesthetic", "brand", "network")
_OTHER = (0.25, 0.25, 0.20, 0.20, 0.10)
_TABLE = {
    "instagram": (0.25, 0.20, 0.35, 0.15, 0.05),
    "x": (0.30, 0.25, 0.15, 0.20, 0.10),
    "facebook": (0.25, 0.20, 0.20, 0.25, 0.10),
    "tiktok": (0.20, 0.15, 0.30, 0.10, 0.25),
}
BANDS = ((85, "excellent"), (70, "good"), (55, "fair"), (35, "weak"), (0, "poor"))
PASS_LINE = 55
AUTOPILOT_LINE = 70
FLOORS = {"semantic": 20, "technical": 40, "aesthetic": 0, "brand": 35, "network": 40}  # ours; aesthetics only ranks


def weights(network: str) -> dict[str, float]:
    """Weight of each part on a network; they add up to 1."""
    return dict(zip(PARTS, _TABLE.get(network, _OTHER), strict=True))


def band(total: float) -> str:
    """The name of the band a total lies in."""
    return next(name for line, name in BANDS if total >= line)
