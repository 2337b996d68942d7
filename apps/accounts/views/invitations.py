"""Asking people in, and their answer."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.accounts import access, adapters, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required, public
from apps.accounts.forms import InvitationForm
from apps.core.forms import page_status, submit
from apps.plans import entitlements
from apps.plans.catalog import Feature


@member_required(Permission.MEMBERS_MANAGE, methods=("GET", "HEAD", "POST"))
def invitation_new(request: HttpRequest) -> HttpResponse:
    with_teams = entitlements.allows(request.organization, Feature.TEAMS)
    form = InvitationForm(request.POST or None, actor=request.access.membership, with_teams=with_teams)
    if invitation := submit(form, services.invite_member, actor=request.access.membership):
        messages.success(request, _("An invitation is on its way to %(email)s.") % {"email": invitation.email})
        return redirect("member_list", organization=request.organization.slug)
    return render(request, "accounts/invitation_new.html", {"form": form}, status=page_status(form))


@member_required(Permission.MEMBERS_MANAGE, methods=("POST",))
def invitation_resend(request: HttpRequest, pk: UUID) -> HttpResponse:
    invitation = access.find_open_invitation(request.organization, pk)
    services.resend_invitation(actor=request.user, invitation=invitation)
    messages.success(request, _("A new mail is on its way to %(email)s.") % {"email": invitation.email})
    return redirect("member_list", organization=request.organization.slug)


@member_required(Permission.MEMBERS_MANAGE, methods=("POST",))
def invitation_take_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    invitation = access.find_open_invitation(request.organization, pk)
    services.take_back_invitation(actor=request.user, invitation=invitation)
    messages.success(request, _("The invitation to %(email)s is void.") % {"email": invitation.email})
    return redirect("member_list", organization=request.organization.slug)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a mailed link: log in or sign up as the invited address, then join."""
    invitation = services.find_invitation(token)
    if request.method == "POST" and request.user.is_authenticated:
        membership = services.accept_invitation(user=request.user, token=token)
        messages.success(request, _("Welcome to %(name)s.") % {"name": membership.organization})
        return redirect("home")
    if request.user.is_anonymous:
        request.session[adapters.INVITATION] = token
    is_own = request.user.is_authenticated and request.user.has_verified(invitation.email)
    return render(request, "accounts/invitation_accept.html", {"invitation": invitation, "is_own": is_own})
