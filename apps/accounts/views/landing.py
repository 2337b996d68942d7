"""Where a person lands, and the first step after sign-up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import access, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required, public, signed_in
from apps.accounts.forms import OrganizationNewForm
from apps.core.forms import page_status, submit


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page for strangers; the last open workspace, or the next sensible page, for people we know. One that
    the plan locks is shown only to those who have no other."""
    if not request.user.is_authenticated:
        return render(request, "accounts/landing.html")
    if workspaces := access.find_open_workspaces(request.user):
        usable = [workspace for workspace in workspaces if not workspace.lock]
        last = [workspace for workspace in usable if workspace.pk == request.user.last_workspace_id]
        return redirect((last or usable or workspaces)[0])
    if membership := request.user.memberships.select_related("organization").first():
        return redirect("usage", organization=membership.organization.slug)
    return redirect("organization_new")


@member_required(Permission.WORKSPACE_VIEW)
def workspace_home(request: HttpRequest) -> HttpResponse:
    return redirect("calendar", workspace=request.workspace.slug)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def organization_new(request: HttpRequest) -> HttpResponse:
    """Name the business and the first brand; open invitations to the person's own address are offered first."""
    form = OrganizationNewForm(request.POST or None, initial={"time_zone": request.user.time_zone})
    if workspace := submit(form, services.create_organization, user=request.user):
        messages.success(request, _("%(name)s is ready.") % {"name": workspace.organization})
        return redirect(workspace)
    context = {"form": form, "invitations": access.find_own_invitations(request.user)}
    return render(request, "accounts/organization_new.html", context, status=page_status(form))
