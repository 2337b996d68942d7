"""A person's notices, and how they want to be told."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access, services
from apps.accounts.decorators import signed_in
from apps.accounts.forms import NoticesForm
from apps.core.forms import submit


@signed_in
@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Newest first, a page at a time by key."""
    after = request.GET.get("before", "")
    return render(request, "accounts/notice_list.html", {"page": access.find_notices(request.user, after)})


@signed_in
@require_safe
def notice_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """On to what it is about; that it was opened is kept."""
    notice = access.find_notice(request.user, pk)
    services.read_notice(notice=notice)
    if access.is_concerned(notice):
        return redirect(notice.get_page_url())
    messages.info(request, _("You can no longer open this: your role or your teams have changed since."))
    return redirect("notice_list")


@signed_in
@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    services.read_notices(user=request.user)
    return redirect("notice_list")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def person_notices(request: HttpRequest) -> HttpResponse:
    """Which kinds are told, and how."""
    data = request.POST if request.method == "POST" else None
    form = NoticesForm(data, user=request.user, kinds=access.find_kinds(request.user))
    if submit(form, services.choose_ways, user=request.user):
        messages.success(request, _("Saved."))
        return redirect("person_notices")
    return render(request, "accounts/person_notices.html", {"form": form})
