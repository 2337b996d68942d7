"""Plans and standings for operators: states are read-only, every change is an action with its reason on record."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.core.admin import OperatorAdmin, ReadOnlyAdmin
from apps.core.errors import DomainError, Invalid
from apps.plans import catalog, services
from apps.plans.models import Override, Plan, Reservation, Spend, Standing, Trial, Usage


class ReasonForm(ActionForm):
    """What every action of an operator asks for."""

    reason = forms.CharField(label=_("Why"), required=False, max_length=300)


class StandingForm(ReasonForm):
    plan = forms.ChoiceField(label=_("Plan"), required=False, choices=[(seed.key, seed.name) for seed in catalog.SEED])
    until = forms.SplitDateTimeField(label=_("Until (UTC)"), required=False, widget=forms.SplitDateTimeWidget)


def _each(modeladmin: admin.ModelAdmin, request: HttpRequest, rows: Iterable, work) -> None:
    """Do the work for each row and say what came of it; a refusal leaves the others alone."""
    done = 0
    for row in rows:
        try:
            work(row)
        except DomainError as refused:
            sentences = [text for texts in getattr(refused, "fields", {}).values() for text in texts]
            modeladmin.message_user(request, f"{row}: {' '.join(sentences) or refused}", messages.ERROR)
        else:
            done += 1
    if done:
        modeladmin.message_user(request, _("Done for %(count)d.") % {"count": done}, messages.SUCCESS)


def _answers(request: HttpRequest, form_class: type[ActionForm]) -> dict:
    """What the operator typed beside the action."""
    form = form_class(request.POST)
    form.fields.pop("action")
    if not form.is_valid():
        raise Invalid(fields={name: list(errors) for name, errors in form.errors.items()})
    return form.cleaned_data


@admin.register(Plan)
class PlanAdmin(OperatorAdmin):
    list_display = ("name", "key", "month_cents", "year_cents", "is_public", "is_popular", "is_edited")
    readonly_fields = ("key", "seeded")

    @admin.display(boolean=True, description=_("edited since the seed"))
    def is_edited(self, plan: Plan) -> bool:
        return plan.statement() != plan.seeded

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(Standing)
class StandingAdmin(ReadOnlyAdmin):
    list_display = ("organization", "plan", "source", "trial_ends_at", "comped_until", "grace_until")
    list_select_related = ("organization", "plan")
    list_filter = ("source", "plan")
    search_fields = ("organization__name", "organization__slug")
    action_form = StandingForm
    actions = ("comp_plan", "extend_trial", "end_standing")

    @admin.action(description=_("Give a plan for nothing (plan, until or for good, why)"), permissions=["operate"])
    def comp_plan(self, request: HttpRequest, rows: QuerySet[Standing]) -> None:
        def give(row: Standing) -> None:
            said = _answers(request, StandingForm)
            services.comp_plan(
                organization=row.organization,
                plan=said["plan"],
                until=said["until"],
                actor=request.user,
                reason=said["reason"],
            )

        _each(self, request, rows, give)

    @admin.action(description=_("Let the trial run until (until, why)"), permissions=["operate"])
    def extend_trial(self, request: HttpRequest, rows: QuerySet[Standing]) -> None:
        def extend(row: Standing) -> None:
            said = _answers(request, StandingForm)
            if said["until"] is None:
                raise Invalid(fields={"until": [str(_("Say until when."))]})
            services.extend_trial(
                organization=row.organization, until=said["until"], actor=request.user, reason=said["reason"]
            )

        _each(self, request, rows, extend)

    @admin.action(description=_("End trial or given plan now (why)"), permissions=["operate"])
    def end_standing(self, request: HttpRequest, rows: QuerySet[Standing]) -> None:
        def end(row: Standing) -> None:
            reason = _answers(request, StandingForm)["reason"]
            services.end_standing(organization=row.organization, actor=request.user, reason=reason)

        _each(self, request, rows, end)


@admin.register(Override)
class OverrideAdmin(OperatorAdmin):
    list_display = ("organization", "kind", "key", "value", "ends_at", "reason", "created_by")
    list_select_related = ("organization", "created_by")
    list_filter = ("kind", "key")
    search_fields = ("organization__name", "organization__slug", "reason")
    fields = ("organization", "kind", "key", "value", "ends_at", "reason")
    raw_id_fields = ("organization",)
    action_form = ReasonForm
    actions = ("end_override",)

    def save_model(self, request: HttpRequest, obj: Override, form: forms.ModelForm, change: bool) -> None:
        """Through the service, so that it is on record; the row it makes or replaces is the one shown."""
        names = ("organization", "kind", "key", "value", "reason", "ends_at")
        obj.pk = services.set_override(actor=request.user, **{name: getattr(obj, name) for name in names}).pk

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description=_("End the override now (why)"), permissions=["add"])
    def end_override(self, request: HttpRequest, rows: QuerySet[Override]) -> None:
        def end(row: Override) -> None:
            reason = _answers(request, ReasonForm)["reason"]
            services.end_override(override=row, actor=request.user, reason=reason)

        _each(self, request, rows.select_related("organization"), end)


@admin.register(Usage)
class UsageAdmin(ReadOnlyAdmin):
    list_display = ("organization", "limit", "period_start", "used", "told")
    list_select_related = ("organization",)
    list_filter = ("limit",)
    search_fields = ("organization__name", "organization__slug")


@admin.register(Reservation)
class ReservationAdmin(ReadOnlyAdmin):
    list_display = ("organization", "limit", "state", "due_at", "expires_at", "subject_type", "subject_id")
    list_select_related = ("organization",)
    list_filter = ("state", "limit")
    search_fields = ("organization__slug", "subject_id")


@admin.register(Trial)
class TrialAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "organization", "user")
    list_select_related = ("organization", "user")


@admin.register(Spend)
class SpendAdmin(ReadOnlyAdmin):
    list_display = ("day", "microdollars")
