"""Pages of the design system itself: the style guide and the switch between light and dark."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from apps.core import clock, widgets
from apps.core.decorators import public
from apps.core.errors import NotFound
from apps.core.htmx import wanted_address
from apps.core.icons import ICONS
from apps.core.networks import NETWORKS

THEME_AGE = timedelta(days=365)


@public
@require_POST
def theme_set(request: HttpRequest) -> HttpResponse:
    """Remember the person's choice of light or dark in this browser; anything else lets the system decide."""
    response = redirect(wanted_address(request) or "/")
    if request.POST.get("theme") in ("light", "dark"):
        response.set_cookie(
            "theme", request.POST["theme"], max_age=THEME_AGE, samesite="Lax", secure=request.is_secure()
        )
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response


@public
@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component with its states. Open in development; in production for operators, 404 to everyone else."""
    if not (settings.DEBUG or request.user.is_staff):
        raise NotFound
    return render(request, "core/styleguide.html", _samples())


class SampleForm(forms.Form):
    """Each kind of field once."""

    name = forms.CharField(label=_("Name of the brand"), max_length=80, help_text=_("As people say it."))
    slogan = forms.CharField(
        label=_("Slogan"), required=False, widget=forms.TextInput(attrs={"data-counter": "40", "maxlength": "80"})
    )
    tone = forms.ChoiceField(label=_("Tone"), choices=[("warm", _("Warm")), ("plain", _("Plain")), ("bold", _("Bold"))])
    look = forms.ChoiceField(
        label=_("Look"),
        choices=[("modern", _("Modern")), ("classic", _("Classic")), ("playful", _("Playful"))],
        widget=widgets.Segments,
        initial="modern",
    )
    at = widgets.ZonedDateTimeField(label=_("When"), initial=clock.now)
    words = widgets.TagField(
        label=_("Brand words"), initial=["fresh", "by hand"], help_text=_("Put a comma after each.")
    )
    colour = forms.CharField(label=_("Main colour"), widget=widgets.ColourInput, initial="#7c3f1d")
    picture = forms.FileField(
        label=_("Picture"), widget=widgets.FileDrop(hint=_("JPG, PNG, WebP, GIF or HEIC, up to 10 MB"))
    )
    text = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"data-counter": "300"}), required=False)
    agrees = forms.BooleanField(label=_("Send me a mail when a post needs me"), help_text=_("At most one an hour."))


def _samples() -> dict:
    wrong = SampleForm({"name": "", "slogan": "A slogan that is rather longer than it may be", "look": "classic"})
    wrong.is_valid()
    now = clock.now()
    return {
        "form": SampleForm(auto_id="plain_%s"),
        "wrong_form": wrong,
        "icons": ICONS,
        "networks": NETWORKS.values(),
        "neutrals": range(1, 11),
        "tones": ("plain", "accent", "success", "warning", "danger", "info"),
        "steps": (_("Your brand"), _("Your profiles"), _("Your first post")),
        "tabs": (
            {"label": _("Month"), "url": "#tabs", "is_current": True},
            {"label": _("List"), "url": "#tabs", "count": 12},
        ),
        "ledger": (
            {"at": now - timedelta(seconds=62), "level": "plain", "text": _("Scheduled by Mara")},
            {"at": now - timedelta(seconds=2), "level": "info", "text": _("Sent to Bluesky")},
            {"at": now, "level": "success", "text": _("Confirmed in 0.4 s"), "detail": _("It is live, once.")},
        ),
        "parts": (
            {"label": _("Matches the words"), "value": None, "note": _("Not measured on this machine")},
            {"label": _("Technical"), "value": 91},
            {"label": _("Aesthetic"), "value": 64},
            {"label": _("Brand"), "value": 78},
            {"label": _("Fits the network"), "value": 100},
        ),
        "sample_text": _(
            "Rye and caraway, out of the oven at 7. First come, first slice. cafe-linden.example #sourdough"
        ),
        "now": now,
    }
