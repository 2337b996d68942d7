"""Score cards in the customer's words, and the tiles of the library."""

from __future__ import annotations

from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.imaging.listing import Tile
from apps.imaging.models import Candidate

register = template.Library()

PARTS = {
    "semantic": _("Shows what you asked for"),
    "technical": _("Sharp and sound"),
    "aesthetic": _("Pleasing"),
    "brand": _("Looks like your brand"),
    "network": _("Fits the network"),
}
STRENGTHS = {  # measure of a part → what it is to be better at it than the others
    "palette": _("closest to your brand's colours"),
    "contrast": _("its words read most clearly"),
    "logo": _("your logo has the most room"),
    "sharpness": _("the crispest"),
    "exposure": _("the best light"),
    "noise": _("the cleanest"),
    "resolution": _("the finest detail"),
    "ratio": _("fits the place best"),
    "size": _("fits the place best"),
    "safe_zone": _("nothing of it is covered"),
    "bytes": _("loads fastest"),
}
BANDS = {"excellent": _("Excellent"), "good": _("Good"), "fair": _("Fair"), "weak": _("Weak"), "poor": _("Poor")}
NOT_MEASURED = {"semantic": _("needs picture understanding"), "aesthetic": _("needs picture understanding")}


@register.simple_tag
def tile(tile: Tile) -> SafeString:
    """A picture of the library, of dozens on a page: drawn once as long as it stays as it is."""
    return _tile(tile, get_language())


@lru_cache(1024)
def _tile(tile: Tile, language: str) -> SafeString:
    return render_to_string("imaging/tile.html", {"tile": tile})


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
def why_best(best: Candidate | None, candidates: list[Candidate]) -> str:
    """What sets the best apart from the others, by the measure in which it leads them most; "" when nothing does."""
    others = [_measures(other) for other in candidates if best and other.pk != best.pk and other.is_drawn]
    if best is None or not others:
        return ""
    leads = {
        name: value - sum(other.get(name, value) for other in others) / len(others)
        for name, value in _measures(best).items()
        if name in STRENGTHS
    }
    name, lead = max(leads.items(), key=lambda item: item[1], default=("", 0.0))
    return STRENGTHS[name] if lead >= 1 else ""


def _measures(candidate: Candidate) -> dict[str, float]:
    return {name: value for part in candidate.scores.get("parts", ()) for name, value in part["measures"].items()}


@register.filter
def points(candidate: Candidate) -> int:
    """The total, 0 to 100."""
    return round(candidate.total or 0)
