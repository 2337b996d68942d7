"""Setting up a new workspace after its business was named: brand, profile, first post. Each step can be left out, and a
later visit goes on where the last one ended (`Workspace.setup`)."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.catalog import SETUP_STEPS, Permission, Setup
from apps.accounts.decorators import member_required
from apps.brand.forms import StartForm
from apps.brand.services import begin_brand
from apps.content import services
from apps.core.forms import page_status, submit
from apps.social import connecting


@member_required(Permission.BRAND_EDIT, methods=("GET", "HEAD", "POST"))
def start_brand(request: HttpRequest) -> HttpResponse:
    """The brand in four answers, with a sample card; `show` shows the card of what was typed and keeps nothing."""
    if request.workspace.setup != Setup.BRAND:
        return redirect(request.workspace)
    form = StartForm(request.POST or None, workspace=request.workspace)
    if "show" in request.POST:
        return _show_brand(request, form)
    if "skip" in request.POST or submit(form, begin_brand, workspace=request.workspace, author=request.user):
        request.workspace.finish_setup(Setup.BRAND)
        return redirect("start_profile", workspace=request.workspace.slug)
    return _show_brand(request, form)


@member_required(Permission.CHANNELS_CONNECT)
def start_profile(request: HttpRequest) -> HttpResponse:
    """Where the brand posts: the networks to choose from, and what is connected already."""
    if request.workspace.setup != Setup.PROFILE:
        return redirect(request.workspace)
    context = {
        "networks": connecting.offers(request.organization),
        "channels": request.workspace.channels.counted().oldest_first(),
        "steps": SETUP_STEPS,
    }
    return render(request, "content/start_profile.html", context)


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def start_post(request: HttpRequest) -> HttpResponse:
    """The end of setting up: the composer, with words of the brand in it."""
    if not request.workspace.setup:
        return redirect(request.workspace)
    post = services.begin_first_post(workspace=request.workspace, author=request.user)
    messages.success(request, _("Your first post is written. Change what you like; nothing goes out by itself."))
    return redirect("post_edit", workspace=request.workspace.slug, pk=post.pk)


def _show_brand(request: HttpRequest, form: StartForm) -> HttpResponse:
    asked = {"colour" if name == "primary" else name: value for name, value in form.sample.items()}
    sample = f"{reverse('image_sample', args=[request.workspace.slug])}?{urlencode(asked)}"
    context = {"form": form, "sample_url": sample, "steps": SETUP_STEPS}
    return render(request, "content/start_brand.html", context, status=page_status(form))
