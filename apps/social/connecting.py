"""Connecting and disconnecting profiles: to the network and back, choosing, verifying, taking off."""

from __future__ import annotations

import logging
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.catalog import CHANNEL_LOST
from apps.accounts.models import Organization, User, Workspace
from apps.accounts.telling import take_back
from apps.core import audit, crypto
from apps.core.errors import Invalid, LimitReached, NotFound, VendorError
from apps.core.networks import NETWORKS, Network
from apps.plans import entitlements
from apps.plans.catalog import Choice, Limit
from apps.social import providers, refreshing
from apps.social.models import Channel, ConnectState, ServerApp, Status, connect_deadline, hash_token, new_token
from apps.social.providers.base import Account, Profile, Provider
from apps.social.signals import channel_connected, channel_disconnected

log = logging.getLogger("lily.social")


@dataclass(frozen=True)
class Offer:
    """A network of this installation, and whether the plan opens it."""

    network: Network
    is_open: bool


def offers(organization: Organization) -> list[Offer]:
    """Every network that is offered here; those the plan lacks are there to say so before they are clicked."""
    return [
        Offer(
            NETWORKS[provider.key],
            not provider.capabilities.is_sold
            or entitlements.allows_choice(organization, Choice.NETWORKS, provider.key),
        )
        for provider in providers.offered()
    ]


def require_network(workspace: Workspace, provider: Provider) -> None:
    """Raises NotFound where this installation does not offer the network, FeatureNotInPlan where the plan does not."""
    if not provider.is_configured():
        raise NotFound
    if provider.capabilities.is_sold:
        entitlements.require_choice(workspace.organization, Choice.NETWORKS, provider.key)


def require_room(workspace: Workspace) -> None:
    """Raises LimitReached when the plan has no slot left, before anyone is sent to a network in vain."""
    with transaction.atomic():
        entitlements.slot(workspace.organization, Limit.CHANNELS)
        transaction.set_rollback(True)


def begin(
    *,
    provider: Provider,
    workspace: Workspace,
    user: User,
    server: str = "",
    hint: str = "",
    channel: Channel | None = None,
) -> str:
    """Start connecting a new profile, or `channel` again: the address at the network to send the person to.

    Raises Invalid for what they typed, TryLater, NotFound, FeatureNotInPlan, LimitReached.
    """
    require_network(workspace, provider)
    if channel is None:
        require_room(workspace)
    server, hint = provider.clean_server(server), hint or workspace.slug
    redirect_uri, token = redirect_uri_of(provider), new_token()
    app = _server_app(provider, server, redirect_uri) if provider.capabilities.registers_app else None
    url, remembered = provider.begin(server=server, hint=hint, redirect_uri=redirect_uri, state=token, app=app)
    ConnectState.objects.create(
        token_hash=hash_token(token),
        user=user,
        workspace=workspace,
        network=provider.key,
        server=server,
        channel=channel,
        remembered=remembered,
    )
    return url


def redirect_uri_of(provider: Provider) -> str:
    return settings.BASE_URL + reverse("channel_callback", kwargs={"network": provider.key})


def _server_app(provider: Provider, server: str, redirect_uri: str) -> dict[str, Any]:
    """How a server knows us; registered the first time anyone connects there, and again when its key was lost."""
    where = {"network": provider.key, "server": server, "redirect_uri": redirect_uri}
    known = ServerApp.objects.filter(**where).first()
    if known is not None and not crypto.opens(known, "app"):
        known.delete()
        known = None
    if known is None:
        app = provider.register_app(server=server, redirect_uri=redirect_uri)
        known, _created = ServerApp.objects.get_or_create(**where, defaults={"app": app})
    return known.app


def claim(*, network: str, user: User, token: str) -> ConnectState:
    """The connection a callback belongs to, once. Raises NotFound for a stranger's, a used or a lapsed one."""
    state = ConnectState.objects.claim(token, user=user, network=network)
    if state is None:
        raise NotFound(
            _("This sign-in was used already or took longer than ten minutes. Start again from your profiles.")
        )
    return state


def finish(state: ConnectState, query: dict[str, str]) -> list[Channel]:
    """End connecting with what the person brought back; an empty list when they must choose first.

    Raises Invalid, Reconnect, TryLater, FeatureNotInPlan, LimitReached; nothing is connected then.
    """
    provider = providers.get(state.network)
    profiles, account = provider.finish(
        remembered=state.remembered, query=query, redirect_uri=redirect_uri_of(provider)
    )
    if state.channel:
        profiles = [profile for profile in profiles if profile.account_id == state.channel.account_id]
        if not profiles:
            raise Invalid(
                _("You signed in to another profile than %(handle)s. Start again.") % {"handle": state.channel.handle}
            )
    if len(profiles) == 1:
        return connect(provider, state.workspace, state.user, profiles, account)
    state.remembered = {"profiles": [asdict(profile) for profile in profiles], "account": asdict(account)}
    state.expires_at = connect_deadline()
    state.save(update_fields=["remembered", "expires_at"])
    return []


def profiles_of(state: ConnectState) -> list[Profile]:
    """What there is to choose from."""
    return [Profile(**values) for values in state.remembered.get("profiles", [])]


def waiting(pk: UUID, *, workspace: Workspace, user: User) -> ConnectState:
    """The connection whose profiles this person is to choose. Raises NotFound."""
    state = ConnectState.objects.choosing().filter(pk=pk, user=user, workspace=workspace).first()
    if state is None:
        raise NotFound(_("This sign-in was used already or took longer than ten minutes. Start again."))
    return state


def choose(state: ConnectState, account_ids: list[str]) -> list[Channel]:
    """Connect the chosen ones, once. Raises NotFound the second time, FeatureNotInPlan, LimitReached, TryLater.

    A plan without room for as many leaves the choice open, so that fewer can be chosen.
    """
    chosen = [profile for profile in profiles_of(state) if profile.account_id in account_ids]
    provider = providers.get(state.network)
    require_network(state.workspace, provider)
    if not ConnectState.objects.claim_choice(state.pk, user=state.user, workspace=state.workspace):
        raise NotFound
    try:
        return connect(provider, state.workspace, state.user, chosen, Account(**state.remembered["account"]))
    except LimitReached:
        ConnectState.objects.filter(pk=state.pk).update(finished_at=None)
        raise


def connect_with_password(
    *,
    provider: Provider,
    workspace: Workspace,
    user: User,
    server: str,
    hint: str,
    password: str,
    channel: Channel | None = None,
) -> list[Channel]:
    """Connect with a password made for us at the network. Raises as `begin` and `finish` do."""
    require_network(workspace, provider)
    if channel is None:
        require_room(workspace)
    profiles, account = provider.finish_with_password(
        server=provider.clean_server(server), hint=hint, password=password
    )
    if channel and profiles[0].account_id != channel.account_id:
        raise Invalid(fields={"handle": [_("This is another profile than %(handle)s.") % {"handle": channel.handle}]})
    return connect(provider, workspace, user, profiles, account)


def connect(
    provider: Provider, workspace: Workspace, user: User, profiles: list[Profile], account: Account
) -> list[Channel]:
    """Make these profiles channels, each in its slot of the plan, and verify them. A known one keeps its row."""
    accounts = {profile.account_id: provider.account_of(profile, account) for profile in profiles}
    with transaction.atomic():
        require_network(workspace, provider)
        locked = Channel.objects.select_for_update().of_network(provider.key)
        known = {row.account_id: row for row in locked.filter(workspace=workspace, account_id__in=list(accounts))}
        adding = sum(
            profile.account_id not in known or known[profile.account_id].status == Status.DISCONNECTED
            for profile in profiles
        )
        if adding:
            entitlements.slot(workspace.organization, Limit.CHANNELS, adding)
        channels = []
        for profile in profiles:
            row = known.get(profile.account_id) or Channel(
                workspace=workspace, network=provider.key, account_id=profile.account_id
            )
            action = "channel.connected" if row._state.adding else "channel.reconnected"
            row.connect(profile, accounts[profile.account_id], by=user)
            row.save()
            _record(action, row, user)
            take_back(CHANNEL_LOST, tenant=workspace, key=str(row.pk))
            channel_connected.send(Channel, channel=row, actor=user)
            channels.append(row)
    return [refreshing.check_health(row.pk) for row in channels]


def disconnect(channel: Channel, *, actor: User | None, reason: str = "") -> bool:
    """Take a profile off: forget its tokens now, whatever happens, then give the permission back at the network.

    False when the network could not be told; the person can take the permission away there.
    """
    with transaction.atomic():
        row = (
            Channel.objects.select_for_update(of=("self",)).select_related("workspace__organization").get(pk=channel.pk)
        )
        account = row.account() if row.has_readable_tokens else None
        row.disconnect()
        row.save()
        _record("channel.disconnected", row, actor, reason)
        take_back(CHANNEL_LOST, tenant=row.workspace, key=str(row.pk))
        channel_disconnected.send(Channel, channel=row, actor=actor)
    if account is None:
        return False
    try:
        providers.get(row.network).revoke(account)
    except (VendorError, KeyError) as error:
        log.warning("permission was not given back", extra={"channel": str(row.pk), "problem": type(error).__name__})
        return False
    return True


def _record(action: str, channel: Channel, actor: User | None, reason: str = "") -> None:
    workspace = channel.workspace
    audit.record(
        action,
        organization=workspace.organization,
        actor=actor,
        workspace=workspace,
        target=channel,
        reason=reason,
        network=channel.network,
        handle=channel.handle,
    )
