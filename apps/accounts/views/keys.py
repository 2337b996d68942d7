"""Keys of the API: which there are, a new one, the end of one."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from apps.accounts import access, services
from apps.accounts.catalog import Permission
from apps.accounts.decorators import confirm_identity, member_required
from apps.accounts.forms import KeyForm
from apps.core.forms import page_status, submit
from apps.plans import entitlements
from apps.plans.catalog import Limit


@member_required(Permission.API_MANAGE)
def key_list(request: HttpRequest) -> HttpResponse:
    context = {
        "keys": access.find_keys(request.organization),
        "requests_an_hour": entitlements.plan_of(request.organization).allowed(Limit.API_HOUR),
    }
    return render(request, "accounts/key_list.html", context)


@never_cache
@member_required(Permission.API_MANAGE, methods=("GET", "HEAD", "POST"))
def key_new(request: HttpRequest) -> HttpResponse:
    """The form, and then the new token on the only page that ever shows it."""
    entitlements.require_some(request.organization, Limit.API_HOUR)
    confirm_identity(request)
    actor = request.access.membership
    form = KeyForm(request.POST or None, actor=actor)
    if made := submit(form, services.create_key, actor=actor):
        return render(request, "accounts/key_made.html", {"key": made[0], "token": made[1]})
    return render(request, "accounts/key_new.html", {"form": form}, status=page_status(form))


@member_required(Permission.API_MANAGE, methods=("POST",))
def key_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    key = access.find_own_key(request.organization, pk)
    services.revoke_key(actor=request.user, key=key)
    messages.success(request, _("%(name)s opens nothing any more.") % {"name": key})
    return redirect("key_list", organization=request.organization.slug)
