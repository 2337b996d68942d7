"""What people type to connect a profile, and the sandbox's switches."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.social.models import Channel, SandboxFault


class FaultForm(forms.ModelForm):
    """What the sandbox is to do wrong next, on one of the workspace's profiles there."""

    channel = forms.ModelChoiceField(Channel.objects.none(), label=_("On"), empty_label=None)
    times_left = forms.IntegerField(label=_("How often"), min_value=1, max_value=20, initial=1)
    seconds = forms.IntegerField(
        label=_("Seconds"),
        min_value=1,
        max_value=86_400,
        initial=30,
        help_text=_("How long it asks to wait, or hangs."),
    )

    class Meta:
        model = SandboxFault
        fields = ["kind", "seconds", "times_left"]

    def __init__(self, *args, channels, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].queryset = channels
        self.fields["channel"].label_from_instance = lambda channel: channel.handle

    def save(self, commit: bool = True) -> SandboxFault:
        self.instance.account_id = self.cleaned_data["channel"].account_id
        return super().save(commit)


class ClockForm(forms.Form):
    """How far to move the clock of this machine's Lily; nothing chosen means back to the real time."""

    STEPS = [("60", _("1 minute")), ("3600", _("1 hour")), ("86400", _("1 day")), ("604800", _("1 week"))]

    by = forms.ChoiceField(label=_("Move the clock by"), choices=STEPS, required=False)

    def clean_by(self) -> timedelta:
        return timedelta(seconds=int(self.cleaned_data["by"] or 0))
