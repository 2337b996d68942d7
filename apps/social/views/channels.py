"""Connected profiles: the list, connecting, choosing, and what can be done with each."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.accounts import access
from apps.accounts.catalog import Permission, Setup
from apps.accounts.decorators import member_required, signed_in
from apps.core.errors import DomainError, Invalid, LimitReached, NotFound, VendorError
from apps.core.networks import NETWORKS
from apps.plans import entitlements
from apps.plans.catalog import Limit
from apps.social import connecting, providers, refreshing, services
from apps.social.forms import ChooseForm, ConnectForm, PasswordForm
from apps.social.models import Channel, ConnectState, Status
from apps.social.providers.base import Provider

CONNECT, MANAGE = Permission.CHANNELS_CONNECT, Permission.CHANNELS_MANAGE


@member_required(Permission.WORKSPACE_VIEW)
def channel_list(request: HttpRequest) -> HttpResponse:
    """Every connected profile, how it is, and what will break within thirty days."""
    channels = list(request.workspace.channels.counted().oldest_first())
    open_ones = entitlements.unlocked(request.organization, Limit.CHANNELS) if channels else set()
    for channel in channels:
        channel.workspace = request.workspace
        channel.is_locked = bool(request.access.lock) or channel.pk not in open_ones
    values = {
        "channels": channels,
        "waiting": [channel for channel in channels if channel.status == Status.RECONNECT],
        "ending": [channel for channel in channels if channel.ends_soon],
    }
    return render(request, "social/channel_list.html", values)


@member_required(CONNECT)
def channel_new(request: HttpRequest) -> HttpResponse:
    """Which network? Those the plan lacks say so before they are clicked."""
    values = {"networks": connecting.offers(request.organization)}
    try:
        connecting.require_room(request.workspace)
    except LimitReached as error:
        values["full"] = error
    return render(request, "social/channel_new.html", values)


@member_required(CONNECT, methods=("GET", "HEAD", "POST"))
def channel_connect(request: HttpRequest, network: str) -> HttpResponse:
    """Ask what the network must know, then send the person there."""
    provider = providers.get(network)
    connecting.require_network(request.workspace, provider)
    return _connect_page(request, provider)


@member_required(CONNECT, methods=("GET", "HEAD", "POST"))
def channel_reconnect(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The same for a profile whose permission has ended; its row, posts and plans stay."""
    channel = _channel(request, pk)
    return _connect_page(request, providers.get(channel.network), channel)


@member_required(CONNECT, methods=("POST",))
def channel_password(request: HttpRequest, network: str) -> HttpResponse:
    """The second way to connect: an app password."""
    provider = providers.get(network)
    if not provider.capabilities.app_password:
        raise NotFound
    form = PasswordForm(request.POST, provider=provider)
    channel = _channel(request, request.POST["channel"]) if request.POST.get("channel") else None
    if form.is_valid():
        typed = {"server": form.cleaned_data["server"], "hint": form.cleaned_data["handle"]}
        secret = form.cleaned_data["password"]
        try:
            done = connecting.connect_with_password(
                provider=provider, **_who(request), **typed, password=secret, channel=channel
            )
            return _connected(request, done)
        except (Invalid, VendorError) as error:
            return _refused(request, provider, channel, form, error)
    return _show_connect(request, provider, channel, password_form=form, status=422)


@signed_in
def channel_callback(request: HttpRequest, network: str) -> HttpResponse:
    """Where networks send people back to. The tenant comes from the single-use state, through the usual access."""
    state = connecting.claim(network=network, user=request.user, token=request.GET.get("state", ""))
    found = access.find_workspace(request.user, state.workspace.slug)
    found.require(CONNECT)
    try:
        channels = connecting.finish(state, request.GET.dict())
    except (Invalid, VendorError) as error:
        messages.error(request, str(error))
        return redirect("channel_list", workspace=state.workspace.slug)
    if not channels:
        return redirect("channel_choose", workspace=state.workspace.slug, pk=state.pk)
    request.workspace = state.workspace
    return _connected(request, channels)


@member_required(CONNECT, methods=("GET", "HEAD", "POST"))
def channel_choose(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The sign-in opened more than one profile: which ones?"""
    state = connecting.waiting(pk, **_who(request))
    form = ChooseForm(request.POST if request.method == "POST" else None, profiles=connecting.profiles_of(state))
    if request.method == "POST" and form.is_valid():
        return _connected(request, connecting.choose(state, form.cleaned_data["profiles"]))
    status = 422 if form.is_bound else 200
    return render(request, "social/channel_choose.html", _choices(state, form), status=status)


@member_required(MANAGE, methods=("GET", "HEAD", "POST"))
def channel_disconnect(request: HttpRequest, pk: UUID) -> HttpResponse:
    channel = _channel(request, pk)
    if request.method != "POST":
        return render(request, "social/channel_disconnect.html", {"channel": channel})
    if connecting.disconnect(channel, actor=request.user):
        messages.success(request, _("%(handle)s is disconnected.") % {"handle": channel.handle})
    else:
        words = _("%(handle)s is disconnected here. %(network)s did not answer: take Lily's permission away there too.")
        messages.warning(request, words % {"handle": channel.handle, "network": channel.facts.label})
    return _back(request)


@member_required(MANAGE, methods=("POST",))
def channel_verify(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Look at the network now."""
    channel = refreshing.check_health(_channel(request, pk).pk)
    if channel.problem:
        messages.warning(request, channel.problem)
    else:
        messages.success(request, _("%(handle)s is fine.") % {"handle": channel.handle})
    return _back(request)


@member_required(MANAGE, methods=("POST",))
def channel_pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    channel = services.pause_channel(_channel(request, pk), actor=request.user)
    messages.success(request, _("%(handle)s is paused: nothing goes out there.") % {"handle": channel.handle})
    return _back(request)


@member_required(MANAGE, methods=("POST",))
def channel_resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    channel = services.resume_channel(_channel(request, pk), actor=request.user)
    messages.success(request, _("%(handle)s goes on.") % {"handle": channel.handle})
    return _back(request)


# -- shared by the pages above


def _channel(request: HttpRequest, pk: UUID | str) -> Channel:
    """One of the workspace's profiles that was not taken off. Raises NotFound."""
    channel = next((row for row in request.workspace.channels.counted() if str(row.pk) == str(pk)), None)
    if channel is None:
        raise NotFound
    channel.workspace = request.workspace
    return channel


def _who(request: HttpRequest) -> dict:
    return {"workspace": request.workspace, "user": request.user}


def _connect_page(request: HttpRequest, provider: Provider, channel: Channel | None = None) -> HttpResponse:
    if request.method != "POST":
        return _show_connect(request, provider, channel)
    form = ConnectForm(request.POST, provider=provider)
    if not form.is_valid():
        return _show_connect(request, provider, channel, form=form, status=422)
    typed = {"server": form.cleaned_data["server"], "hint": form.cleaned_data["handle"]}
    try:
        return redirect(connecting.begin(provider=provider, **_who(request), **typed, channel=channel))
    except (Invalid, VendorError) as error:
        return _refused(request, provider, channel, form, error)


def _known(channel: Channel | None) -> dict:
    return {"handle": channel.handle.removeprefix("@"), "server": channel.server} if channel else {}


def _refused(request: HttpRequest, provider: Provider, channel, form: ConnectForm, error: DomainError) -> HttpResponse:
    """The page again with what the network said at its fields."""
    form.take(error if isinstance(error, Invalid) else Invalid(str(error)))
    name = "password_form" if isinstance(form, PasswordForm) else "form"
    return _show_connect(request, provider, channel, **{name: form}, status=error.status)


def _show_connect(
    request: HttpRequest,
    provider: Provider,
    channel: Channel | None,
    *,
    status: int = 200,
    form=None,
    password_form=None,
) -> HttpResponse:
    initial = _known(channel)
    values = {
        "network": NETWORKS[provider.key],
        "capabilities": provider.capabilities,
        "channel": channel,
        "form": form or ConnectForm(provider=provider, initial=initial),
        "password_form": password_form or PasswordForm(provider=provider, initial=initial),
        "is_password_open": password_form is not None,
    }
    return render(request, "social/channel_connect.html", values, status=status)


def _choices(state: ConnectState, form: ChooseForm) -> dict:
    return {"state": state, "form": form, "network": NETWORKS[state.network]}


def _connected(request: HttpRequest, channels: list[Channel]) -> HttpResponse:
    for channel in channels:
        if channel.problem:
            messages.warning(request, f"{channel.handle}: {channel.problem}")
        else:
            messages.success(request, _("%(handle)s is connected.") % {"handle": channel.handle})
    if request.workspace.setup == Setup.PROFILE:
        return redirect("start_profile", workspace=request.workspace.slug)
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    return redirect("channel_list", workspace=request.workspace.slug)
