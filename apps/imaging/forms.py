"""The picture maker's brief."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.brand.catalog import PRESETS, SAMPLE_WORDS, Voice
from apps.core.networks import NETWORKS, Placement
from apps.core.widgets import Segments
from apps.imaging.contract import (
    CardKind,
    PictureText,
    PromptContract,
    VisualStyle,
    clean_line,
    hex_colour,
    words_from,
)

KINDS = (
    (CardKind.ANNOUNCEMENT, _("News")),
    (CardKind.OFFER, _("Offer")),
    (CardKind.QUOTE, _("Quote")),
    (CardKind.TIPS, _("Tips")),
    (CardKind.EVENT, _("Event")),
)
LOOKS = (
    ("", _("My brand's")),
    (VisualStyle.MODERN, _("Modern")),
    (VisualStyle.CLASSIC, _("Classic")),
    (VisualStyle.MINIMALIST, _("Minimalist")),
    (VisualStyle.BOLD, _("Bold")),
    (VisualStyle.PLAYFUL, _("Playful")),
    (VisualStyle.LUXURY, _("Luxury")),
)
MOODS = (("", _("Both")), ("light", _("Light")), ("dark", _("Dark")))
SIZES = (
    (Placement.SQUARE, _("Square")),
    (Placement.PORTRAIT, _("Portrait")),
    (Placement.LANDSCAPE, _("Landscape")),
    (Placement.STORY, _("Story")),
)
FIELDS: dict[str, tuple[str, ...]] = {  # which fields of the words a kind has, in the order of reading
    CardKind.ANNOUNCEMENT: ("kicker", "headline", "body", "action"),
    CardKind.OFFER: ("kicker", "figure", "headline", "body", "action"),
    CardKind.QUOTE: ("headline", "attribution"),
    CardKind.TIPS: ("kicker", "headline", "body"),
    CardKind.EVENT: ("kicker", "headline", "when", "body", "action"),
}
LABELS = {
    CardKind.OFFER: {"headline": _("For what"), "body": _("Small print")},
    CardKind.QUOTE: {"headline": _("What was said")},
    CardKind.TIPS: {"headline": _("Title"), "body": _("Tips, one a line")},
    CardKind.EVENT: {"headline": _("What"), "body": _("Where, and what to bring")},
}


class PictureForm(forms.Form):
    """What the picture says, how it looks, how large it is. Only the fields of the chosen kind are asked for."""

    kind = forms.ChoiceField(label=_("What is it?"), choices=KINDS, widget=Segments, initial=CardKind.ANNOUNCEMENT)
    kicker = forms.CharField(label=_("Small line above"), max_length=60, required=False)
    figure = forms.CharField(
        label=_("What you offer"), max_length=14, required=False, help_text=_("20 %, €4.50, 2 for 1")
    )
    headline = forms.CharField(
        label=_("Headline"), max_length=220, widget=forms.Textarea(attrs={"rows": 2, "data-counter": 220})
    )
    attribution = forms.CharField(label=_("Who said it"), max_length=80, required=False)
    when = forms.CharField(label=_("When"), max_length=60, required=False, help_text=_("Friday 27 November, 19:30"))
    body = forms.CharField(
        label=_("A sentence more"),
        max_length=420,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "data-counter": 420}),
    )
    action = forms.CharField(
        label=_("What people can do"), max_length=40, required=False, help_text=_("Book a table, See the menu")
    )
    look = forms.ChoiceField(label=_("Look"), choices=LOOKS, widget=Segments, required=False)
    mood = forms.ChoiceField(label=_("Background"), choices=MOODS, widget=Segments, required=False)
    size = forms.ChoiceField(label=_("Size"), choices=SIZES, widget=Segments, initial=Placement.SQUARE)
    network = forms.ChoiceField(
        choices=[("", ""), *((key, key) for key in NETWORKS)], required=False, widget=forms.HiddenInput
    )
    request_key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    next = forms.CharField(required=False, max_length=500, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = self._chosen_kind()
        wanted = FIELDS[self.kind]
        for name in {name for names in FIELDS.values() for name in names} - set(wanted):
            del self.fields[name]
        for name, label in LABELS.get(self.kind, {}).items():
            self.fields[name].label = label
        if self.kind == CardKind.OFFER:
            self.fields["headline"].required = False
            self.fields["figure"].required = True

    def _chosen_kind(self) -> CardKind:
        value = self["kind"].value()
        return CardKind(value) if value in list(CardKind) else CardKind.ANNOUNCEMENT

    @property
    def word_fields(self) -> list[forms.BoundField]:
        """The fields of the words, in the order they are read in the picture."""
        return [self[name] for name in FIELDS[self.kind]]

    def wish(self, quality: str) -> PromptContract:
        """The contract of a valid form."""
        said = self.cleaned_data
        text = PictureText(kind=self.kind, **{name: said[name] for name in FIELDS[self.kind]})
        return PromptContract(
            prompt=text.headline,
            quality=quality,
            network=said["network"] if _has(said["network"], said["size"]) else "",
            placement=said["size"],
            mood=said["mood"],
            visual_style=said["look"] or None,
            text=text,
        )


def _has(network: str, placement: str) -> bool:
    return network in NETWORKS and placement in NETWORKS[network].placements


def address_of(wish: PromptContract) -> str:
    """A wish as the query of the maker's address, to change it."""
    said = wish.text.model_dump(mode="json") | {"look": wish.visual_style or "", "size": wish.placement}
    if wish.mood in ("light", "dark"):
        said["mood"] = wish.mood
    return urlencode({name: value for name, value in said.items() if value})


def initial_from(given: dict[str, str]) -> dict[str, str]:
    """What a form starts with: the fields of the address; `text` (a post's words) fills those left open."""
    known = {name: value for name, value in given.items() if name in PictureForm.base_fields}
    if not given.get("text"):
        return known
    words = words_from(given["text"][:3000]).model_dump(mode="json")
    return {name: value for name, value in words.items() if value} | known


class LineField(forms.CharField):
    """A line as the contract takes it. What cannot be seen is left out: a picture has no place to say what is wrong."""

    def to_python(self, value: Any) -> str:
        return clean_line(super().to_python(value))


class SampleForm(forms.Form):
    """What the address of a sample card may say; all of it optional, the saved kit fills the rest."""

    name = LineField(max_length=80, required=False)
    trade = forms.ChoiceField(choices=[("", ""), *((key, key) for key in PRESETS)], required=False)
    voice = forms.ChoiceField(choices=[("", ""), *Voice.choices], required=False)
    colour = forms.CharField(required=False)  # repeated: primary, secondary, accent
    style = forms.ChoiceField(choices=LOOKS, required=False)
    mood = forms.ChoiceField(choices=MOODS, required=False)
    signature = LineField(max_length=80, required=False)
    heading_font = LineField(max_length=60, required=False)
    body_font = LineField(max_length=60, required=False)
    headline = LineField(max_length=120, required=False)
    size = forms.ChoiceField(choices=SIZES, required=False)

    def clean_colour(self) -> tuple[str, ...]:
        try:
            return tuple(hex_colour(value) for value in self.data.getlist("colour") if value)[:3]
        except ValueError as problem:
            raise forms.ValidationError(str(problem)) from None

    def wish(self) -> PromptContract:
        """The contract of a valid form."""
        said, usual = self.cleaned_data, PRESETS.get(self.cleaned_data["trade"])
        further = usual.colours[1:] if usual and len(said["colour"]) == 1 else ()
        return PromptContract(
            brand_name=said["name"],
            colours=(*said["colour"], *further),
            visual_style=said["style"] or (usual and usual.visual_style) or None,
            mood=said["mood"],
            signature=said["signature"],
            heading_font=said["heading_font"],
            body_font=said["body_font"],
            placement=said["size"] or Placement.SQUARE,
            text=PictureText(headline=said["headline"] or str(SAMPLE_WORDS.get(said["voice"], ""))),
        )
