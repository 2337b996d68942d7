"""Teams: which members see which workspaces."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import access, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.accounts.forms import TeamForm
from apps.core.forms import page_status, submit
from apps.plans import entitlements
from apps.plans.catalog import Feature


@member_required(Permission.MEMBERS_MANAGE)
def team_list(request: HttpRequest) -> HttpResponse:
    context = {
        "teams": request.organization.teams.prefetch_related("members__user", "workspaces"),
        "has_teams": entitlements.allows(request.organization, Feature.TEAMS),
    }
    return render(request, "accounts/team_list.html", context)


@member_required(Permission.MEMBERS_MANAGE, methods=("GET", "HEAD", "POST"))
def team_new(request: HttpRequest) -> HttpResponse:
    entitlements.require(request.organization, Feature.TEAMS)
    form = TeamForm(request.POST or None, organization=request.organization)
    if submit(form, services.save_team, actor=request.access.membership, organization=request.organization, team=None):
        return redirect("team_list", organization=request.organization.slug)
    return render(request, "accounts/team_edit.html", {"form": form}, status=page_status(form))


@member_required(Permission.MEMBERS_MANAGE, methods=("GET", "HEAD", "POST"))
def team_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    team = access.find_team(request.organization, pk)
    form = TeamForm(request.POST or None, organization=request.organization, instance=team)
    if submit(form, services.save_team, actor=request.access.membership, organization=request.organization, team=team):
        messages.success(request, _("Saved."))
        return redirect("team_list", organization=request.organization.slug)
    return render(request, "accounts/team_edit.html", {"form": form, "team": team}, status=page_status(form))


@member_required(Permission.MEMBERS_MANAGE, methods=("POST",))
def team_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.delete_team(actor=request.access.membership, team=access.find_team(request.organization, pk))
    messages.success(request, _("The team is gone. Its members keep what other teams open."))
    return redirect("team_list", organization=request.organization.slug)
