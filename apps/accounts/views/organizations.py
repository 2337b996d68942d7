"""An organization's own pages: usage, settings, brake, audit log, export, deletion."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import access, belongings, brakes, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import confirm_identity, member_required
from apps.accounts.forms import DeleteForm, OrganizationForm
from apps.core import audit, paging
from apps.core.forms import page_status, submit
from apps.core.htmx import answer
from apps.plans import entitlements


@member_required(Permission.ORGANIZATION_VIEW)
def usage(request: HttpRequest) -> HttpResponse:
    """A bar per limit, and when each counts anew."""
    context = {
        "lines": entitlements.usage(request.organization),
        "workspaces_elsewhere": access.find_workspaces_elsewhere(request.organization),
    }
    return render(request, "accounts/organization_usage.html", context)


@member_required(Permission.ORGANIZATION_MANAGE, methods=("GET", "HEAD", "POST"))
def organization_settings(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None, instance=request.organization)
    if submit(form, services.update_organization, actor=request.user, organization=request.organization):
        messages.success(request, _("Saved."))
        return redirect("organization_settings", organization=request.organization.slug)
    context = {
        "form": form,
        "workspaces": access.find_workspaces(request.organization),
        "on_resume": brakes.foretell(request.organization) if request.organization.is_paused else [],
    }
    return render(request, "accounts/organization_settings.html", context, status=page_status(form))


@member_required(Permission.ORGANIZATION_MANAGE)
def audit_list(request: HttpRequest) -> HttpResponse:
    """Who did what, newest first; the next page starts after the entry `after`."""
    page = paging.newest_first(audit.entries(request.organization), after=request.GET.get("after", ""))
    return render(request, "accounts/audit_list.html", {"page": page})


@member_required(Permission.ORGANIZATION_MANAGE, methods=("POST",))
def organization_pause(request: HttpRequest) -> HttpResponse:
    services.pause_organization(actor=request.user, organization=request.organization)
    messages.success(request, _("Nothing of %(name)s goes out until you resume.") % {"name": request.organization})
    return redirect("organization_settings", organization=request.organization.slug)


@member_required(Permission.ORGANIZATION_MANAGE, methods=("POST",))
def organization_resume(request: HttpRequest) -> HttpResponse:
    services.resume_organization(actor=request.user, organization=request.organization)
    messages.success(request, _("%(name)s goes on.") % {"name": request.organization})
    return redirect("organization_settings", organization=request.organization.slug)


@member_required(Permission.ORGANIZATION_DELETE, methods=("GET", "HEAD", "POST"))
def organization_export(request: HttpRequest) -> HttpResponse:
    """Have everything of the organization put into a zip; the page lists the person's exports of it."""
    if request.method == "POST":
        services.request_export(user=request.user, organization=request.organization)
        messages.success(request, _("We are putting it together. A mail tells you when it is ready."))
        return redirect("organization_export", organization=request.organization.slug)
    exports = request.user.exports.filter(organization=request.organization)
    return answer(request, "accounts/organization_export.html", {"exports": exports}, partial="exports")


@member_required(Permission.ORGANIZATION_DELETE, methods=("GET", "HEAD", "POST"))
def organization_delete(request: HttpRequest) -> HttpResponse:
    """What would go, and the field to type the name into."""
    confirm_identity(request)
    form = DeleteForm(request.POST or None)
    if submit(form, services.delete_organization, actor=request.user, organization=request.organization):
        return redirect("organization_delete", organization=request.organization.slug)
    context = {"form": form, "belongings": belongings.summarize(request.organization)}
    return render(request, "accounts/organization_delete.html", context, status=page_status(form))


@member_required(Permission.ORGANIZATION_DELETE, methods=("POST",))
def organization_keep(request: HttpRequest) -> HttpResponse:
    services.keep_organization(actor=request.user, organization=request.organization)
    messages.success(request, _("%(name)s stays.") % {"name": request.organization})
    return redirect("organization_settings", organization=request.organization.slug)
