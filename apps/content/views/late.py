"""Late posts: the workspace's rule for them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content import services
from apps.content.forms import CatchUpForm
from apps.core.forms import page_status, submit


@member_required(Permission.WORKSPACES_MANAGE, methods=("GET", "HEAD", "POST"))
def catch_up_edit(request: HttpRequest) -> HttpResponse:
    """What happens to posts that could not go out in time."""
    form = CatchUpForm(request.POST or None, workspace=request.workspace)
    if submit(form, services.set_catch_up, actor=request.user, workspace=request.workspace):
        messages.success(request, _("Saved."))
        return redirect("catch_up_edit", workspace=request.workspace.slug)
    return render(request, "content/catch_up_edit.html", {"form": form}, status=page_status(form))
