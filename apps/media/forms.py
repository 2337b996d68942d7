"""The forms of pictures."""

from __future__ import annotations

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Invalid
from apps.core.widgets import FileDrop
from apps.media import validation
from apps.media.catalog import ALT_TEXT_MAX, KINDS
from apps.media.models import Asset

ACCEPT = ",".join([*KINDS, *(f".{ending}" for kind in KINDS.values() for ending in kind.extensions)])


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("Picture"),
        help_text=_("JPG, PNG, WebP, GIF or HEIC, up to 10 MB."),
        widget=FileDrop(attrs={"accept": ACCEPT}),
        error_messages={"required": _("Choose a picture first."), "empty": _("This file is empty.")},
    )

    def __init__(self, *args: object, is_too_large: bool = False, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if is_too_large:
            self.fields["file"].error_messages["required"] = validation.too_large()

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        try:
            validation.check_file(file)
        except Invalid as invalid:
            raise forms.ValidationError(invalid.fields["file"]) from None
        return file


class AssetForm(forms.ModelForm):
    alt_text = forms.CharField(
        label=_("Description"),
        required=False,
        max_length=ALT_TEXT_MAX,
        help_text=_("What the picture shows, for people who cannot see it. Networks pass it on."),
        widget=forms.Textarea(attrs={"rows": 3, "data-counter": ALT_TEXT_MAX}),
    )

    class Meta:
        model = Asset
        fields = ("alt_text",)
