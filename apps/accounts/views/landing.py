"""Where a person lands, and the first step after sign-up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts import access, services
from apps.accounts.catalog import SETUP_STEPS, Permission
from apps.accounts.decorators import member_required, public, signed_in
from apps.accounts.forms import OrganizationNewForm
from apps.core.forms import page_status, submit
from apps.plans import catalog, offers


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The landing page for strangers; the last open workspace, or the next sensible page, for people we know. One that
    the plan locks is shown only to those who have no other."""
    if not request.user.is_authenticated:
        trial_days = catalog.TRIAL_LENGTH.days
        return render(request, "accounts/landing.html", {"offers": offers.on_sale(), "trial_days": trial_days})
    if workspaces := access.find_open_workspaces(request.user):
        usable = [workspace for workspace in workspaces if not workspace.lock]
        last = [workspace for workspace in usable if workspace.pk == request.user.last_workspace_id]
        return redirect((last or usable or workspaces)[0])
    if membership := request.user.memberships.select_related("organization").first():
        return redirect("usage", organization=membership.organization.slug)
    return redirect("organization_new")


@member_required(Permission.WORKSPACE_VIEW)
def workspace_home(request: HttpRequest) -> HttpResponse:
    """The calendar; for its owner, the step of setting up that they left."""
    if step := request.access.setup:
        return redirect(f"start_{step}", workspace=request.workspace.slug)
    return redirect("calendar", workspace=request.workspace.slug)


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def organization_new(request: HttpRequest) -> HttpResponse:
    """The first step: name the business. Open invitations to the person's own address are offered before."""
    form = OrganizationNewForm(request.POST or None, user=request.user)
    if workspace := submit(form, services.create_organization, user=request.user):
        return redirect(workspace)
    invitations = access.find_own_invitations(request.user)
    context = {"form": form, "invitations": invitations, "steps": SETUP_STEPS}
    return render(request, "accounts/organization_new.html", context, status=page_status(form))
