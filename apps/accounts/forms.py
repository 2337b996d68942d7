"""Forms of people, organizations, workspaces, members."""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from allauth.account.forms import SignupForm as BaseSignupForm
from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from apps.accounts.catalog import PERMISSIONS, SCOPES, Kind, Permission, Role, Way, is_above
from apps.accounts.models import Membership, Organization, Team, User, Workspace, languages, time_zones

READING = (Permission.WORKSPACE_VIEW, Permission.ORGANIZATION_VIEW)  # what a new key may do unless more is ticked

# Zones offered in lists; any other name of the IANA database is taken too when a browser reports it.
LEGACY = ("Etc/", "SystemV/", "US/", "Canada/", "Brazil/", "Chile/", "Mexico/")


class TimeZoneField(forms.ChoiceField):
    """A zone of the IANA database. The page's script chooses the browser's own where the field is `data-guess`."""

    def __init__(self, **kwargs) -> None:
        super().__init__(choices=self.offered, **{"label": _("Time zone")} | kwargs)

    @staticmethod
    def offered() -> list[tuple[str, str]]:
        return [(name, label) for name, label in time_zones() if not name.startswith(LEGACY)]

    def valid_value(self, value: str) -> bool:
        return value in zoneinfo.available_timezones()


class SignupForm(BaseSignupForm):
    """E-mail and password; the name may come later."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ["email", "password1", "name"]


class OrganizationNewForm(forms.Form):
    """The first step after sign-up. Left out (`skip`), the business has the person's name until it is given another."""

    name = forms.CharField(
        label=_("Your business"),
        max_length=80,
        help_text=_("The name your customers know you by."),
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    time_zone = TimeZoneField(help_text=_("Days and weeks begin here, and times are shown in it."))

    def __init__(self, data: Mapping | None = None, *, user: User) -> None:
        skipped = {"name": str(user), "time_zone": user.time_zone} if data and "skip" in data else {}
        super().__init__(data and {**data.dict(), **skipped}, initial={"time_zone": user.time_zone})


class TenantForm(forms.ModelForm):
    """Name and zone of an organization or a workspace."""

    time_zone = TimeZoneField()

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        own = self.instance.time_zone
        field = self.fields["time_zone"]
        if own not in dict(field.choices):
            field.choices = [(own, own.replace("_", " ")), *field.choices]


class OrganizationForm(TenantForm):
    class Meta:
        model = Organization
        fields = ["name", "time_zone"]


class WorkspaceForm(TenantForm):
    class Meta:
        model = Workspace
        fields = ["name", "time_zone"]


class PersonForm(TenantForm):
    class Meta:
        model = User
        fields = ["name", "language", "time_zone"]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [("", _("As my browser asks")), *languages()]


class NoticesForm(forms.Form):
    """A tick for each kind and way; what is always told cannot be taken off. Gives `choices`: kind → ways."""

    def __init__(self, data: Mapping | None = None, *, user: User, kinds: Iterable[Kind]) -> None:
        super().__init__(data)
        self.kinds = list(kinds)
        for kind in self.kinds:
            chosen = user.ways(kind)
            for way in Way:
                self.fields[f"{kind.key}-{way}"] = forms.BooleanField(
                    label=way.label, required=False, initial=way in chosen, disabled=way in kind.always
                )

    def rows(self) -> Iterator[tuple[Kind, list[forms.BoundField]]]:
        for kind in self.kinds:
            yield kind, [self[f"{kind.key}-{way}"] for way in Way]

    def clean(self) -> dict:
        ticked = {name for name, is_ticked in self.cleaned_data.items() if is_ticked}
        return {"choices": {kind.key: [way for way in Way if f"{kind.key}-{way}" in ticked] for kind in self.kinds}}


class DeleteForm(forms.Form):
    """The typed name, and why (optional)."""

    typed = forms.CharField(label=_("Name"), max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class RoleForm(forms.Form):
    """A role no higher than the actor's own."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args, actor: Membership, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [choice for choice in Role.choices if not is_above(choice[0], actor.role)]


class InvitationForm(RoleForm):
    """Whom to ask in, as what, and into which teams."""

    field_order = ["email", "role", "teams"]
    email = forms.EmailField(label=_("E-mail"), max_length=254)
    teams = forms.ModelMultipleChoiceField(
        label=_("Teams"),
        queryset=Team.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
    )

    def __init__(self, *args, actor: Membership, with_teams: bool, **kwargs) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["role"].choices = [choice for choice in self.fields["role"].choices if choice[0] != Role.OWNER]
        self.fields["role"].initial = Role.MEMBER
        self.fields["teams"].queryset = actor.organization.teams.all()
        if not with_teams:
            del self.fields["teams"]


class KeyForm(forms.Form):
    """A key of the API: what it is for, what it may do (no more than its maker), how long it lives."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=60,
        help_text=_("For instance the name of the program that will use it."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), widget=forms.CheckboxSelectMultiple(attrs={"class": "choices"}), initial=READING
    )
    lives = forms.TypedChoiceField(
        label=_("It ends"),
        choices=[
            ("30", _("in 30 days")),
            ("90", _("in 90 days")),
            ("365", _("in a year")),
            ("", _("when it is revoked")),
        ],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
        initial="90",
    )

    def __init__(self, *args, actor: Membership, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        mine = [scope for scope in SCOPES if scope in PERMISSIONS[actor.role]]
        self.fields["scopes"].choices = [(scope.value, capfirst(scope.label)) for scope in mine]


class TeamForm(forms.ModelForm):
    """A team's name, who is in it, what it opens."""

    class Meta:
        model = Team
        fields = ["name", "members", "workspaces"]
        widgets = {
            "members": forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
            "workspaces": forms.CheckboxSelectMultiple(attrs={"class": "choices"}),
        }

    def __init__(self, *args, organization: Organization, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["members"].queryset = organization.memberships.select_related("user")
        self.fields["members"].label_from_instance = lambda membership: str(membership.user)
        self.fields["workspaces"].queryset = organization.workspaces.staying()
