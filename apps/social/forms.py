"""What people type to connect a profile, and the sandbox's switches."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.core.errors import Invalid
from apps.social.models import Channel, SandboxFault
from apps.social.providers.base import Profile, Provider
from apps.social.providers.sandbox import Fault


class ConnectForm(forms.Form):
    """What a network must know before the person is sent there."""

    handle = forms.CharField(
        label=_("Your handle"),
        max_length=260,
        help_text=_("As others see it, for example cafe-ada.bsky.social."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}),
    )
    server = forms.CharField(
        label=_("Your server"),
        max_length=260,
        help_text=_("The part after the second @ of your handle, for example mastodon.social."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "autocomplete": "off", "inputmode": "url"}),
    )

    def __init__(self, *args, provider: Provider, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        able = provider.capabilities
        if not able.needs_handle:
            del self.fields["handle"]
        if able.needs_handle and not able.needs_server:
            self.fields["server"].required = False
            self.fields["server"].help_text = _("Only if your handle is not found: the address of your own server.")
        elif not able.needs_server:
            del self.fields["server"]

    def clean(self) -> dict:
        values = super().clean()
        return {"handle": "", "server": "", **values}

    def take(self, error: Invalid) -> None:
        """Show what a network said about the fields, where the fields are."""
        known = {name: sentences for name, sentences in error.fields.items() if name in self.fields}
        for name, sentences in known.items():
            self.add_error(name, sentences)
        if not known:
            self.add_error(None, [each for sentences in error.fields.values() for each in sentences] or str(error))


class PasswordForm(ConnectForm):
    """The second way: a password made for Lily at the network."""

    password = forms.CharField(
        label=_("App password"),
        max_length=200,
        help_text=_("Made in Bluesky under Settings, Privacy and security, App passwords. Not your own password."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )


class ChooseForm(forms.Form):
    """Which of the profiles that a sign-in opened become channels."""

    profiles = forms.MultipleChoiceField(
        label=_("Profiles"), widget=forms.CheckboxSelectMultiple(attrs={"class": "choices choices-boxed"})
    )

    def __init__(self, *args, profiles: list[Profile], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profiles"].choices = [(each.account_id, f"{each.name} ({each.handle})") for each in profiles]
        self.fields["profiles"].error_messages["required"] = _("Choose at least one profile.")


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
        self.fields["kind"].choices = Fault.choices
        self.fields["channel"].label_from_instance = lambda channel: channel.handle
        self.order_fields(["channel", "kind", "times_left", "seconds"])

    def save(self, commit: bool = True) -> SandboxFault:
        self.instance.account_id = self.cleaned_data["channel"].account_id
        return super().save(commit)


class ClockForm(forms.Form):
    """How far to move the clock of this machine's Lily; nothing chosen means back to the real time."""

    STEPS = [("60", _("1 minute")), ("3600", _("1 hour")), ("86400", _("1 day")), ("604800", _("1 week"))]

    by = forms.ChoiceField(label=_("Move the clock by"), choices=STEPS, required=False)

    def clean_by(self) -> timedelta:
        return timedelta(seconds=int(self.cleaned_data["by"] or 0))
