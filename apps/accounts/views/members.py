"""Members of an organization: list, role, removal, leaving, handing over."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import access, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import confirm_identity, member_required
from apps.accounts.forms import InvitationForm, RoleForm
from apps.core.forms import page_status, submit
from apps.plans import entitlements
from apps.plans.catalog import Feature


@member_required(Permission.ORGANIZATION_VIEW)
def member_list(request: HttpRequest) -> HttpResponse:
    """Everyone who is in, and who was asked in; with the form to ask for those who may."""
    with_teams = entitlements.allows(request.organization, Feature.TEAMS)
    context = {
        "members": access.find_members(request.organization),
        "invitations": request.organization.invitations.filter(accepted_at=None).select_related("invited_by"),
        "form": InvitationForm(actor=request.access.membership, with_teams=with_teams),
    }
    return render(request, "accounts/member_list.html", context)


@member_required(Permission.MEMBERS_MANAGE, methods=("GET", "HEAD", "POST"))
def member_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = access.find_member(request.organization, pk)
    actor = request.access.membership
    form = RoleForm(request.POST or None, actor=actor, initial={"role": member.role})
    if submit(form, services.change_role, actor=actor, member=member):
        messages.success(request, _("Saved."))
        return redirect("member_list", organization=request.organization.slug)
    return render(request, "accounts/member_edit.html", {"form": form, "member": member}, status=page_status(form))


@member_required(Permission.MEMBERS_MANAGE, methods=("POST",))
def member_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    member = access.find_member(request.organization, pk)
    services.remove_member(actor=request.access.membership, member=member)
    messages.success(request, _("%(name)s is no longer a member.") % {"name": member.user})
    return redirect("member_list", organization=request.organization.slug)


@member_required(Permission.ORGANIZATION_DELETE, methods=("GET", "HEAD", "POST"))
def member_transfer(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Hand the organization over, after a page that says what it means."""
    member = access.find_member(request.organization, pk)
    confirm_identity(request)
    if request.method != "POST":
        return render(request, "accounts/member_transfer.html", {"member": member})
    services.transfer_ownership(actor=request.access.membership, member=member)
    messages.success(request, _("%(name)s owns this organization now.") % {"name": member.user})
    return redirect("member_list", organization=request.organization.slug)


@member_required(Permission.ORGANIZATION_LEAVE, methods=("GET", "HEAD", "POST"))
def member_leave(request: HttpRequest) -> HttpResponse:
    """Leave, after a page that says what it means."""
    if request.method != "POST":
        return render(request, "accounts/member_leave.html")
    services.leave_organization(member=request.access.membership)
    messages.success(request, _("You have left %(name)s.") % {"name": request.organization})
    return redirect("home")
