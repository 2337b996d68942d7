"""The kit page: five sections, its history, and the kit as a file."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.brand import services
from apps.brand.forms import SECTIONS, ImportForm, LookForm, PresetForm, SectionForm
from apps.core.errors import Invalid, Outdated
from apps.core.htmx import answer, go

HISTORY_SHOWN = 50


@member_required(Permission.WORKSPACE_VIEW)
def brand_edit(request: HttpRequest) -> HttpResponse:
    """The kit page, on its first section."""
    return _show(request, "look")


@member_required(Permission.WORKSPACE_VIEW)
def brand_section(request: HttpRequest, section: str) -> HttpResponse:
    """One section of the kit page."""
    return _show(request, section)


@member_required(Permission.BRAND_EDIT, methods=("POST",))
def brand_save(request: HttpRequest, section: str) -> HttpResponse:
    """Save a section as a new version; `preview` shows the sample card of what was typed and saves nothing."""
    form = _form(request, section, request.POST, request.FILES)
    is_good = form.is_valid()
    if not is_good or "preview" in request.POST:
        return _show(request, section, form=form, status=200 if is_good else 422)
    try:
        services.save_section(workspace=request.workspace, author=request.user, **form.said())
    except (Invalid, Outdated) as refusal:
        form.refuse(refusal)
        return _show(request, section, form=form, status=refusal.status)
    messages.success(request, _("Saved. New posts and pictures follow it from now on."))
    return go(request, f"brand_{section}", workspace=request.workspace.slug)


@member_required(Permission.BRAND_EDIT, methods=("POST",))
def brand_preset(request: HttpRequest) -> HttpResponse:
    """Fill what is still empty from a trade's preset."""
    services.apply_preset(workspace=request.workspace, author=request.user, key=request.POST.get("preset", ""))
    messages.success(request, _("Filled in what was empty. Change what does not fit."))
    return go(request, "brand_edit", workspace=request.workspace.slug)


@member_required(Permission.WORKSPACE_VIEW)
def brand_history(request: HttpRequest) -> HttpResponse:
    """Every version, newest first, with the kit as a file."""
    return _show_history(request, ImportForm())


@member_required(Permission.BRAND_EDIT, methods=("POST",))
def brand_restore(request: HttpRequest, number: int) -> HttpResponse:
    """Make an earlier version the present one."""
    version = get_object_or_404(
        request.workspace.brand_versions.select_related("workspace__organization"), number=number
    )
    kit = services.restore_version(version=version, author=request.user)
    messages.success(request, _("Version %(old)d is back, as version %(new)d.") % {"old": number, "new": kit.number})
    return go(request, "brand_history", workspace=request.workspace.slug)


@member_required(Permission.WORKSPACE_VIEW)
def brand_export(request: HttpRequest) -> HttpResponse:
    """The kit as a JSON file."""
    name = slugify(request.workspace.name) or "brand"
    data = services.export_kit(workspace=request.workspace)
    disposition = f'attachment; filename="{name}-brand-kit.json"'
    return HttpResponse(data, content_type="application/json", headers={"Content-Disposition": disposition})


@member_required(Permission.BRAND_EDIT, methods=("POST",))
def brand_import(request: HttpRequest) -> HttpResponse:
    """Take over an exported kit."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_history(request, form, status=422)
    data = form.cleaned_data["file"].read(services.FILE_BYTES_MAX + 1)
    try:
        services.import_kit(workspace=request.workspace, author=request.user, data=data)
    except Invalid as invalid:
        for sentence in invalid.fields.get("file", [str(invalid)]):
            form.add_error("file", sentence)
        return _show_history(request, form, status=422)
    messages.success(request, _("The kit was taken over."))
    return go(request, "brand_edit", workspace=request.workspace.slug)


def _form(request: HttpRequest, section: str, data: Any = None, files: Any = None) -> SectionForm:
    """The form of a section."""
    kit = services.find_kit(request.workspace)
    return SECTIONS[section][2](data, files, workspace=request.workspace, kit=kit)


def _show(request: HttpRequest, section: str, *, form: SectionForm | None = None, status: int = 200) -> HttpResponse:
    form = form or _form(request, section)
    label, help_text, _kind = SECTIONS[section]
    context = {
        "form": form,
        "section": section,
        "label": label,
        "save_url": reverse(f"brand_{section}_save", args=[request.workspace.slug]),
        "here_url": reverse(f"brand_{section}", args=[request.workspace.slug]),
        "help": help_text,
        "tabs": _tabs(request, section),
        "can_edit": Permission.BRAND_EDIT in request.access.permissions,
    }
    if isinstance(form, LookForm):
        context["preset_form"] = None if form.vault.industry else PresetForm()
        context["sample_url"] = _sample_url(request, form)
    return answer(request, "brand/brand_edit.html", context, partial="section", status=status)


def _show_history(request: HttpRequest, form: ImportForm, *, status: int = 200) -> HttpResponse:
    versions = request.workspace.brand_versions.select_related("author").defer("stored")[:HISTORY_SHOWN]
    context = {"versions": versions, "form": form, "tabs": _tabs(request, "history")}
    context["can_edit"] = Permission.BRAND_EDIT in request.access.permissions
    return answer(request, "brand/brand_history.html", context, partial="history", status=status)


def _tabs(request: HttpRequest, current: str) -> list[dict[str, Any]]:
    slug = request.workspace.slug
    tabs = [
        {"label": label, "url": reverse(f"brand_{key}", args=[slug]), "is_current": key == current}
        for key, (label, _help, _form_class) in SECTIONS.items()
    ]
    history = {"label": _("History"), "url": reverse("brand_history", args=[slug]), "is_current": current == "history"}
    return [*tabs, history]


def _sample_url(request: HttpRequest, form: LookForm) -> str:
    """The address of the sample card of what the form says, drawn by `imaging`; "" where that is not installed."""
    draft = form.draft()
    query = [("colour", draft[name]) for name in ("primary", "secondary", "accent")]
    names = {"visual_style": "style", "website": "signature", "heading_font": "heading_font", "body_font": "body_font"}
    query += [(parameter, draft[name]) for name, parameter in names.items() if draft[name]]
    try:
        return f"{reverse('image_sample', args=[request.workspace.slug])}?{urlencode(query)}"
    except NoReverseMatch:
        return ""
