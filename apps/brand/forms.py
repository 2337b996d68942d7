"""The kit page's sections, each a form over some fields of the vault."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, ValidationError

from apps.accounts.models import Workspace
from apps.brand.catalog import DEFAULT_COLOURS, FONTS, PRESETS, AvoidMode, FactKind, VisualStyle, Voice
from apps.brand.colours import READABLE, READABLE_LARGE, contrast
from apps.brand.models import BrandKit
from apps.brand.vault import AvoidRule, Fact, Pillar, PromptTemplate, StyleVault, colour, in_words
from apps.core.errors import DomainError
from apps.core.widgets import ColourInput, FileDrop, Segments, TagField
from apps.media.forms import ACCEPT
from apps.plans import entitlements
from apps.plans.catalog import Choice

BLANK_ROWS = 3
MOST_ROWS = 60  # of the longest list in the vault
MODEL_NAMES = {"canvas": _("Brand cards, drawn by Lily"), "auto": _("Whatever suits best")}


class LinesField(forms.CharField):
    """One thing a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def to_python(self, value: Any) -> list[str]:
        return [line.strip() for line in (super().to_python(value) or "").splitlines() if line.strip()]


class ColourField(forms.CharField):
    """A colour as the vault takes it. A browser sends no other; who writes a request by hand may."""

    widget = ColourInput

    def to_python(self, value: Any) -> str:
        try:
            return colour(super().to_python(value))
        except ValueError as problem:
            raise forms.ValidationError(_sentence(str(problem))) from None


class PartForm(forms.Form):
    """One row of a list in the vault, checked by the vault's own rules. A row without its `key` is no row."""

    part: type[BaseModel]
    key: str
    typed: tuple[str, ...]  # the other fields that are empty unless somebody typed into them

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.errors or cleaned.get("DELETE"):
            return cleaned
        if not cleaned.get(self.key):
            if any(cleaned.get(name) for name in self.typed):
                self.add_error(self.key, _("Fill this in, or empty the row."))
            return cleaned
        given = {name: value for name, value in cleaned.items() if name != "DELETE" and value not in ("", None)}
        try:
            self.part(**given)
        except ValidationError as error:
            for problem in error.errors():
                name = str(problem["loc"][0]) if problem["loc"] else None
                self.add_error(name if name in self.fields else None, _sentence(in_words(problem)))
        return cleaned


class PillarForm(PartForm):
    part, key, typed = Pillar, "topic", ()
    topic = forms.CharField(label=_("Topic"), max_length=60, required=False)
    weight = forms.IntegerField(label=_("Share"), min_value=1, max_value=100, required=False, initial=10)


class FactForm(PartForm):
    part, key, typed = Fact, "text", ("starts_on", "ends_on")
    text = forms.CharField(label=_("What is true"), max_length=240, required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=FactKind.choices, required=False)
    starts_on = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=_("Until"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class AvoidForm(PartForm):
    part, key, typed = AvoidRule, "term", ("instead",)
    term = forms.CharField(label=_("Word or thing"), max_length=80, required=False)
    mode = forms.ChoiceField(label=_("What to do"), choices=AvoidMode.choices, required=False)
    instead = forms.CharField(label=_("Instead"), max_length=200, required=False)


class TemplateForm(PartForm):
    part, key, typed = PromptTemplate, "name", ("text",)
    name = forms.CharField(label=_("Name"), max_length=60, required=False)
    text = forms.CharField(label=_("Brief"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class SectionForm(forms.Form):
    """Some fields of the vault, and where `rows_of` names one, the rows of that list."""

    rows_of = ""
    row_form: type[PartForm] | None = None
    rows_label = rows_help = ""
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # the version the page was opened with
    problem: DomainError | None = None  # what the whole form was refused for

    def __init__(self, data: Any = None, files: Any = None, *, workspace: Workspace, kit: BrandKit) -> None:
        self.workspace, self.kit, self.vault = workspace, kit, kit.vault
        known = {name: getattr(self.vault, name) for name in self.base_fields if hasattr(self.vault, name)}
        super().__init__(data, files, initial=known)
        self.rows = self._formset(data) if self.row_form else None

    def _formset(self, data: Any) -> forms.BaseFormSet:
        most = {"max_num": MOST_ROWS, "absolute_max": MOST_ROWS}  # a request may claim any number, and each is drawn
        formset = forms.formset_factory(self.row_form, extra=BLANK_ROWS, can_delete=True, **most)
        parts = [part.model_dump() for part in getattr(self.vault, self.rows_of)]
        return formset(data, initial=parts, prefix=self.rows_of)

    def is_valid(self) -> bool:
        return super().is_valid() and (self.rows is None or self.rows.is_valid())

    def values(self) -> dict[str, Any]:
        """What to change in the vault, from valid input."""
        values = {name: value for name, value in self.cleaned_data.items() if name in StyleVault.model_fields}
        if self.rows is not None:
            kept = [
                row for row in self.rows.cleaned_data if row and row.get(self.row_form.key) and not row.get("DELETE")
            ]
            values[self.rows_of] = [
                {name: value for name, value in row.items() if name != "DELETE" and value not in ("", None)}
                for row in kept
            ]
        return values

    def said(self) -> dict[str, Any]:
        """What `services.save_section` is told, from valid input."""
        return {"values": self.values(), "seen": self.cleaned_data["seen"], "logo": self.cleaned_data.get("logo_file")}

    def refuse(self, refusal: DomainError) -> None:
        """Show what the vault as a whole has against it, beside its field where it is here."""
        self.problem = refusal
        for name, sentences in getattr(refusal, "fields", {}).items():
            field = {"file": "logo_file"}.get(name, name)
            for sentence in sentences:
                self.add_error(field if field in self.fields else None, _sentence(sentence))


class LookForm(SectionForm):
    primary = ColourField(label=_("Main colour"))
    secondary = ColourField(label=_("Background colour"))
    accent = ColourField(label=_("Accent colour"))
    visual_style = forms.ChoiceField(label=_("Style"), required=False)
    mood = forms.CharField(
        label=_("Mood"), max_length=80, required=False, help_text=_("Such as “warm, inviting” or “calm, bright”.")
    )
    heading_font = forms.ChoiceField(label=_("Typeface of headlines"), required=False)
    body_font = forms.ChoiceField(label=_("Typeface of text"), required=False)
    website = forms.CharField(
        label=_("Website or handle"), max_length=120, required=False, help_text=_("Set small at the foot of pictures.")
    )
    logo_file = forms.FileField(
        label=_("Add a logo"),
        required=False,
        widget=FileDrop(attrs={"accept": ACCEPT}),
        help_text=_("Best as PNG with a see-through ground. The first logo is the one used."),
    )
    logos = forms.MultipleChoiceField(
        label=_("Keep these logos"), required=False, widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, usual in zip(("primary", "secondary", "accent"), DEFAULT_COLOURS, strict=True):
            self.initial[name] = self.initial[name] or usual
        fonts = [("", _("The style's own")), *((font, font) for font in FONTS)]
        self.fields["visual_style"].choices = [("", _("Let Lily choose")), *VisualStyle.choices]
        self.fields["heading_font"].choices = self.fields["body_font"].choices = fonts
        self.logo_assets = list(self.workspace.assets.filter(pk__in=self.vault.logos)) if self.vault.logos else []
        self.fields["logos"].choices = [(str(asset.pk), asset.name) for asset in self.logo_assets]
        self.initial["logos"] = [str(asset.pk) for asset in self.logo_assets]
        if not self.logo_assets:
            del self.fields["logos"]

    def draft(self) -> dict[str, Any]:
        """What the sample card shows: what was typed where it can be used, else what is saved."""
        typed = getattr(self, "cleaned_data", {})
        return {name: typed.get(name, self.initial.get(name, "")) for name in self.fields}

    @property
    def notes(self) -> dict[str, Any]:
        """What is said of a pair of colours, by tone."""
        return READING

    def reading(self) -> list[dict[str, Any]]:
        """How the colours read on each other, for people who choose them."""
        draft = self.draft()
        pairs = (
            (_("Main colour on background"), "primary", "secondary"),
            (_("Accent on background"), "accent", "secondary"),
            (_("White on main colour"), "", "primary"),
        )
        return [
            {"label": label, "one": one, "other": other, **_verdict(draft.get(one) or "#ffffff", draft[other])}
            for label, one, other in pairs
        ]


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."


READING: dict[str, Any] = {
    "success": _("reads well"),
    "warning": _("only for large words"),
    "danger": _("hard to read"),
}


def _verdict(one: str, other: str) -> dict[str, Any]:
    ratio = contrast(one, other)
    tone = "success" if ratio >= READABLE else "warning" if ratio >= READABLE_LARGE else "danger"
    return {"words": one, "ground": other, "ratio": ratio, "tone": tone, "note": READING[tone]}


class StartForm(forms.Form):
    """The few answers a brand begins with; its trade stands for all the others until they are given."""

    name = forms.CharField(label=_("Brand"), max_length=80, help_text=_("The name on your posts and pictures."))
    trade = forms.ChoiceField(
        label=_("Trade"),
        required=False,
        choices=[("", _("Something else")), *((key, preset.label) for key, preset in PRESETS.items())],
        help_text=_("Gives topics, words and further colours to begin with. You can change all of it."),
    )
    primary = ColourField(label=_("Main colour"), initial=DEFAULT_COLOURS[0])
    voice = forms.ChoiceField(
        label=_("How you sound"),
        choices=[choice for choice in Voice.choices if choice[0] != Voice.OWN],
        initial=Voice.CASUAL,
        widget=Segments,
    )

    def __init__(self, data: Any = None, *, workspace: Workspace) -> None:
        super().__init__(data, initial={"name": workspace.name})

    @property
    def sample(self) -> dict[str, str]:
        """What the sample card is asked for: what was typed, as far as it is right."""
        return {name: self[name].value() or "" for name in self.fields if name not in self.errors}


class VoiceForm(SectionForm):
    rows_of, row_form = "pillars", PillarForm
    rows_label = _("Topics and how often they come")
    rows_help = _("Shares are weighed against each other: 40 comes twice as often as 20.")
    voice = forms.ChoiceField(label=_("Voice"), choices=Voice.choices)
    voice_words = forms.CharField(
        label=_("In your own words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("How you talk to your guests. Goes before the voice chosen above."),
    )
    industry = forms.CharField(label=_("Trade"), max_length=80, required=False)
    audience = forms.CharField(
        label=_("Who you talk to"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    brand_words = TagField(
        label=_("Words you like"), required=False, max_tags=30, max_length=60, help_text=_("With commas between.")
    )
    dos = LinesField(label=_("Always"), required=False, help_text=_("One a line, such as “say where we bake”."))
    donts = LinesField(label=_("Never"), required=False, help_text=_("One a line."))


class FactsForm(SectionForm):
    rows_of, row_form = "facts", FactForm
    rows_label = _("What your posts may claim")
    rows_help = _("Prices, hours, offers. With a last day, a fact is not used after it.")


class RulesForm(SectionForm):
    rows_of, row_form = "avoid", AvoidForm
    rows_label = _("Words and things to avoid")
    rows_help = _("Whole words, whatever their case. “cheap*” also finds “cheaper” and “cheapest”.")


class PicturesForm(SectionForm):
    rows_of, row_form = "templates", TemplateForm
    rows_label = _("Briefs to start from")
    rows_help = _("Name what you often ask for, such as “Dish of the day from above, on our blue plates”.")
    default_image_model = forms.ChoiceField(label=_("Pictures are made by"), required=False)
    quality_threshold = forms.IntegerField(
        label=_("Quality a picture must reach"),
        min_value=0,
        max_value=100,
        help_text=_("Of 100. 55 is usual; 70 is strict and makes more pictures fail."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stated = entitlements.plan_of(self.workspace.organization).choices.get(Choice.IMAGE_MODELS, frozenset())
        models = ["auto", *sorted(stated | {self.vault.default_image_model} - {"auto"})]
        self.fields["default_image_model"].choices = [(key, MODEL_NAMES.get(key, key)) for key in models]


class PresetForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("Start from your trade"),
        choices=[(key, preset.label) for key, preset in PRESETS.items()],
        help_text=_("Fills in only what is still empty. You can change all of it."),
    )


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Brand kit file"),
        widget=FileDrop(attrs={"accept": "application/json,.json"}),
        help_text=_(
            "A .json file that Lily exported. It takes the place of this kit; the old one stays in the history."
        ),
        error_messages={"required": _("Choose a file first.")},
    )


SECTIONS: dict[str, tuple[str, str, type[SectionForm]]] = {  # key → tab, help, form
    "look": (_("Look"), _("Colours, typefaces and logo. The card shows how a post would look."), LookForm),
    "voice": (_("Voice"), _("How you sound, to whom, and what about."), VoiceForm),
    "facts": (_("Facts"), _("What is true today. Posts claim nothing else."), FactsForm),
    "rules": (_("Avoid"), _("What must not be said or shown, and what to do instead."), RulesForm),
    "pictures": (_("Pictures"), _("How pictures are made for this brand."), PicturesForm),
}
