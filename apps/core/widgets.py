"""Form controls of the design system. Each works as plain HTML; a script bound by a `data-` attribute adds comfort."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ZonedDateTimeInput(forms.DateTimeInput):
    """The browser's own date and time, in the current zone, whose name stands beside it."""

    input_type = "datetime-local"
    template_name = "components/widgets/zoned_date_time.html"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%dT%H:%M")

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        context = super().get_context(name, value, attrs)
        context["zone"] = timezone.get_current_timezone_name().replace("_", " ")
        return context


class ZonedDateTimeField(forms.DateTimeField):
    """A moment typed in the current zone (`timezone.activate`); an hour that summer time skips is an error."""

    widget = ZonedDateTimeInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"], **kwargs)

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, datetime) and timezone.is_aware(value):
            return timezone.localtime(value).replace(tzinfo=None)
        return value


class TagInput(forms.TextInput):
    """Words with commas between; js/tags.js shows them as chips."""

    template_name = "components/widgets/tags.html"

    def format_value(self, value: Any) -> str:
        return ", ".join(value) if isinstance(value, (list, tuple)) else (value or "")


class TagField(forms.Field):
    """A list of short words. Empty and repeated ones (whatever their case) are dropped, order is kept."""

    widget = TagInput

    def __init__(self, *, max_tags: int = 50, max_length: int = 80, **kwargs: Any) -> None:
        self.max_tags, self.max_length = max_tags, max_length
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> list[str]:
        given = value if isinstance(value, (list, tuple)) else (value or "").split(",")
        words: dict[str, str] = {}
        for word in filter(None, map(str.strip, given)):
            words.setdefault(word.casefold(), word)
        return list(words.values())

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > self.max_tags:
            raise ValidationError(_("At most %(max)s, please.") % {"max": self.max_tags})
        if any(len(word) > self.max_length for word in value):
            raise ValidationError(_("Each may have up to %(max)s characters.") % {"max": self.max_length})

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class ColourInput(forms.TextInput):
    """The browser's colour well with its value beside it and, by js/colour.js, how readable text on it is."""

    input_type = "color"
    template_name = "components/widgets/colour.html"


class FileDrop(forms.FileInput):
    """A file input one can also drop on. `hint` says what fits."""

    template_name = "components/widgets/file_drop.html"

    def __init__(self, attrs: dict | None = None, *, hint: str = "") -> None:
        super().__init__(attrs)
        self.hint = hint

    def get_context(self, name: str, value: Any, attrs: dict | None) -> dict:
        return {**super().get_context(name, value, attrs), "hint": self.hint}


class MultipleFileDrop(FileDrop):
    allow_multiple_selected = True


class Segments(forms.RadioSelect):
    """A few short choices in one control."""

    template_name = "components/widgets/segments.html"
