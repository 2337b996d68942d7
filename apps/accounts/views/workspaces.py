"""A workspace's own pages: add, settings, brake, deletion."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import belongings, brakes, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.accounts.forms import DeleteForm, WorkspaceForm
from apps.accounts.models import Workspace
from apps.core.forms import page_status, submit


@member_required(Permission.WORKSPACES_MANAGE, methods=("GET", "HEAD", "POST"))
def workspace_new(request: HttpRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None, instance=Workspace(time_zone=request.organization.time_zone))
    if workspace := submit(form, services.create_workspace, actor=request.user, organization=request.organization):
        return redirect(workspace)
    return render(request, "accounts/workspace_new.html", {"form": form}, status=page_status(form))


@member_required(Permission.WORKSPACES_MANAGE, methods=("GET", "HEAD", "POST"))
def workspace_settings(request: HttpRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None, instance=request.workspace)
    if submit(form, services.update_workspace, actor=request.user, workspace=request.workspace):
        messages.success(request, _("Saved."))
        return redirect("workspace_settings", workspace=request.workspace.slug)
    is_paused = request.workspace.is_paused
    on_resume = brakes.foretell(request.organization, request.workspace) if is_paused else []
    context = {"form": form, "on_resume": on_resume}
    return render(request, "accounts/workspace_settings.html", context, status=page_status(form))


@member_required(Permission.CHANNELS_MANAGE, methods=("POST",))
def workspace_pause(request: HttpRequest) -> HttpResponse:
    services.pause_workspace(actor=request.user, workspace=request.workspace)
    messages.success(request, _("Nothing of %(name)s goes out until you resume.") % {"name": request.workspace})
    return redirect(request.workspace)


@member_required(Permission.CHANNELS_MANAGE, methods=("POST",))
def workspace_resume(request: HttpRequest) -> HttpResponse:
    services.resume_workspace(actor=request.user, workspace=request.workspace)
    messages.success(request, _("%(name)s goes on.") % {"name": request.workspace})
    return redirect(request.workspace)


@member_required(Permission.WORKSPACES_MANAGE, methods=("GET", "HEAD", "POST"))
def workspace_delete(request: HttpRequest) -> HttpResponse:
    """What would go, and the field to type the name into."""
    form = DeleteForm(request.POST or None)
    if submit(form, services.delete_workspace, actor=request.user, workspace=request.workspace):
        return redirect("workspace_delete", workspace=request.workspace.slug)
    context = {"form": form, "belongings": belongings.summarize(request.workspace)}
    return render(request, "accounts/workspace_delete.html", context, status=page_status(form))


@member_required(Permission.WORKSPACES_MANAGE, methods=("POST",))
def workspace_keep(request: HttpRequest) -> HttpResponse:
    services.keep_workspace(actor=request.user, workspace=request.workspace)
    messages.success(request, _("%(name)s stays.") % {"name": request.workspace})
    return redirect("workspace_settings", workspace=request.workspace.slug)
