"""The sandbox network's feed, its faults on request, and the clock that moves. Not there where it is not offered."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.core import clock
from apps.core.errors import NotFound
from apps.social.forms import ClockForm, FaultForm
from apps.social.providers import sandbox

FEED_LENGTH = 50


@member_required(Permission.WORKSPACE_VIEW)
def sandbox_feed(request: HttpRequest) -> HttpResponse:
    """What is live in the sandbox, with its switches for faults and the clock."""
    channels = _sandbox_channels(request)
    return render(request, "social/sandbox_feed.html", _feed(channels, FaultForm(channels=channels)))


@member_required(Permission.CHANNELS_MANAGE, methods=("POST",))
def sandbox_fault(request: HttpRequest) -> HttpResponse:
    channels = _sandbox_channels(request)
    form = FaultForm(request.POST, channels=channels)
    if not form.is_valid():
        return render(request, "social/sandbox_feed.html", _feed(channels, form), status=422)
    form.save()
    messages.success(request, _("The sandbox will do that next."))
    return redirect("sandbox_feed", workspace=request.workspace.slug)


@member_required(Permission.CHANNELS_MANAGE, methods=("POST",))
def sandbox_clock(request: HttpRequest) -> HttpResponse:
    """Move the clock of this machine's Lily; only where the clock may be moved."""
    _sandbox_channels(request)
    form = ClockForm(request.POST)
    if not settings.CLOCK_FILE or not form.is_valid():
        raise NotFound
    if by := form.cleaned_data["by"]:
        clock.move(by)
    else:
        clock.reset()
    return redirect("sandbox_feed", workspace=request.workspace.slug)


@member_required(Permission.WORKSPACE_VIEW)
def sandbox_picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    channels = _sandbox_channels(request)
    picture = sandbox.find_picture([channel.account_id for channel in channels], pk)
    return HttpResponse(bytes(picture.data), content_type=picture.mime)


def _sandbox_channels(request: HttpRequest):
    """The workspace's profiles in the sandbox. Raises NotFound where the sandbox is not offered."""
    if not settings.SANDBOX:
        raise NotFound
    return request.workspace.channels.of_network(sandbox.Sandbox.key)


def _feed(channels, form: FaultForm) -> dict:
    by_account = {channel.account_id: channel for channel in channels}
    posts = list(sandbox.feed(list(by_account))[:FEED_LENGTH])
    for post in posts:
        post.channel = by_account[post.account_id]
    return {
        "posts": posts,
        "channels": channels,
        "faults": sandbox.planned_faults(list(by_account)),
        "fault_form": form,
        "clock_form": ClockForm() if settings.CLOCK_FILE else None,
        "clock_now": clock.now(),
        "clock_offset": clock.offset(),
    }
