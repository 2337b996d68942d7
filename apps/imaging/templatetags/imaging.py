"""Score cards in the customer's words."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy as _

from apps.imaging.models import Candidate

register = template.Library()

PARTS = {
    "semantic": _("Shows what you asked for"),
    "technical": _("Sharp and sound"),
    "aesthetic": _("Pleasing"),
    "brand": _("Looks like your brand"),
    "network": _("Fits the network"),
}
STRENGTHS = {
    "technical": _("the cleanest picture"),
    "brand": _("closest to your brand"),
    "network": _("fits the network best"),
    "semantic": _("closest to what you asked for"),
    "aesthetic": _("the most pleasing"),
}
BANDS = {"excellent": _("Excellent"), "good": _("Good"), "fair": _("Fair"), "weak": _("Weak"), "poor": _("Poor")}
NOT_MEASURED = {"semantic": _("needs picture understanding"), "aesthetic": _("needs picture understanding")}


@register.filter
def score_parts(candidate: Candidate) -> list[dict]:
    """The parts as `{% score_card %}` takes them."""
    return [
        {
            "label": PARTS[part["key"]],
            "value": None if part["score"] is None else round(part["score"]),
            "note": NOT_MEASURED.get(part["key"], _("your brand kit states no colours yet")),
        }
        for part in candidate.scores.get("parts", ())
    ]


@register.filter
def band_label(candidate: Candidate) -> str:
    """How good the picture is, in a word."""
    return BANDS.get(candidate.scores.get("band", ""), "")


@register.filter
def strength(candidate: Candidate) -> str:
    """What the picture is best at, beyond being sound: the reason to take it."""
    scored = [part for part in candidate.scores.get("parts", ()) if part["score"] is not None]
    telling = [part for part in scored if part["key"] in ("aesthetic", "semantic", "brand")] or scored
    return STRENGTHS[max(telling, key=lambda part: part["score"])["key"]] if telling else ""


@register.filter
def points(candidate: Candidate) -> int:
    """The total, 0 to 100."""
    return round(candidate.total or 0)
