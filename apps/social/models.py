"""Connected profiles, the connections being made, and the servers that know us."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Organization, User, Workspace
from apps.core import clock, crypto
from apps.core.crypto import EncryptedJSONField
from apps.core.errors import Reconnect, WrongState
from apps.core.ids import uuid7
from apps.core.networks import NETWORKS, Network
from apps.core.networks import choices as network_choices
from apps.social.providers.base import Account, Profile
from apps.social.providers.sandbox import SandboxFault, SandboxGrant, SandboxPicture, SandboxPost

__all__ = ["SandboxFault", "SandboxGrant", "SandboxPicture", "SandboxPost"]  # tables that live with their provider

CONNECT_LIFE = timedelta(minutes=10)
FORECAST = timedelta(days=30)
REFRESH_AHEAD = timedelta(minutes=5)


class Status(models.TextChoices):
    CONNECTED = "connected", _("Connected")
    RECONNECT = "reconnect", _("Needs reconnecting")
    DISCONNECTED = "disconnected", _("Disconnected")


class ChannelQuerySet(models.QuerySet["Channel"]):
    def connected(self) -> ChannelQuerySet:
        """Those the network lets us act for."""
        return self.filter(status=Status.CONNECTED)

    def counted(self) -> ChannelQuerySet:
        """Those that take a slot of the plan: all that were not taken off."""
        return self.exclude(status=Status.DISCONNECTED)

    def of_organization(self, organization: Organization | UUID) -> ChannelQuerySet:
        return self.filter(workspace__organization=organization)

    def locked(self) -> ChannelQuerySet:
        """Rows locked until the transaction ends, with their tenant (which is not)."""
        return self.select_for_update(of=("self",), no_key=True).select_related("workspace__organization")

    def locked_or_skipped(self) -> ChannelQuerySet:
        """The same without those that somebody else works on."""
        return self.select_for_update(of=("self",), no_key=True, skip_locked=True)

    def oldest_first(self) -> ChannelQuerySet:
        return self.order_by("created_at", "id")

    def of_network(self, network: str) -> ChannelQuerySet:
        return self.filter(network=network)

    def unchecked_since(self, at: datetime) -> ChannelQuerySet:
        """Those whose last look at the network's side is older than `at`; also those that wait for a person."""
        return self.counted().filter(Q(checked_at=None) | Q(checked_at__lt=at)).order_by("checked_at")

    def untold(self) -> ChannelQuerySet:
        """Those that need a person who has not been told yet."""
        return self.filter(status=Status.RECONNECT, told_at=None)

    def ending_before(self, at: datetime) -> ChannelQuerySet:
        """Connected ones whose connection the network ends before `at` whatever we do."""
        return self.connected().filter(ends_at__lt=at)


class Channel(models.Model):
    """One connected profile of a workspace. The row outlives disconnecting: what was published points at it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="channels")
    network = models.CharField(_("network"), max_length=20, choices=network_choices)
    server = models.CharField(max_length=255, blank=True, help_text=_("https://… of the instance or host."))
    account_id = models.CharField(max_length=255, help_text=_("The network's own unchanging name of the profile."))
    handle = models.CharField(_("handle"), max_length=255)
    name = models.CharField(_("name"), max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    avatar_url = models.URLField(max_length=1000, blank=True)
    client_id = models.CharField(max_length=1000, blank=True, help_text=_("Who we were at the network then."))
    credentials = EncryptedJSONField(default=dict, blank=True)
    limits = models.JSONField(default=dict, blank=True, help_text=_("Where this server's limits differ."))
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CONNECTED)
    is_paused = models.BooleanField(default=False, help_text=_("The brake: nothing is published on this profile."))
    problem = models.CharField(max_length=300, blank=True, help_text=_("What the last check found, for people."))
    connected_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    expires_at = models.DateTimeField(null=True, blank=True, help_text=_("When the access token needs refreshing."))
    ends_at = models.DateTimeField(null=True, blank=True, help_text=_("When the network ends the connection."))
    verified_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text=_("When people were told to reconnect."))
    created_at = models.DateTimeField(default=clock.now, editable=False)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("profile"), _("profiles")
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "network", "account_id"], name="channel_once"),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="channel_status_known"),
        ]
        indexes = [models.Index(fields=["checked_at"], condition=~Q(status="disconnected"), name="channel_to_check")]

    def __str__(self) -> str:
        return f"{self.get_network_display()} · {self.handle}"

    def get_absolute_url(self) -> str:
        return reverse("channel_list", kwargs={"workspace": self.workspace.slug})

    @property
    def facts(self) -> Network:
        """What the network allows, as data."""
        return NETWORKS[self.network]

    @property
    def language(self) -> str:
        """That of whoever connected it; empty where they chose none or are gone."""
        return self.connected_by.language if self.connected_by else ""

    @property
    def max_characters(self) -> int:
        """Characters a post may have here: the server's own limit, else the network's."""
        return self.limits.get("max_characters") or self.facts.max_characters

    @property
    def is_ready(self) -> bool:
        """Connected, checked once, and not on the brake: what is scheduled here will be sent."""
        return self.status == Status.CONNECTED and self.verified_at is not None and not self.is_paused

    @property
    def needs_refresh(self) -> bool:
        """Whether the access token ends so soon that a call must not be begun with it."""
        return self.expires_at is not None and self.expires_at < clock.now() + REFRESH_AHEAD

    @property
    def ends_soon(self) -> bool:
        """Whether the connection ends within the forecast of 30 days."""
        return self.status == Status.CONNECTED and self.ends_at is not None and self.ends_at < clock.now() + FORECAST

    @property
    def has_readable_tokens(self) -> bool:
        """False once the key that they were stored under is lost."""
        return crypto.opens(self, "credentials")

    def account(self) -> Account:
        """What a provider needs to act for this channel. Raises WrongState (disconnected), Reconnect (tokens lost)."""
        if self.status == Status.DISCONNECTED:
            raise WrongState(_("This profile was disconnected."))
        if not self.has_readable_tokens:
            raise Reconnect(_("What this profile was connected with can no longer be read. Connect it again."))
        return Account(self.server, self.account_id, self.handle, self.client_id, self.credentials)

    # -- verbs: each guards its own transition

    def connect(self, profile: Profile, account: Account, *, by: User | None) -> None:
        """Take (new) credentials; the channel publishes only after `mark_verified`."""
        self.status, self.problem, self.connected_by = Status.CONNECTED, "", by
        self.server, self.client_id = account.server, account.client_id
        self.verified_at = self.told_at = None
        self._describe(profile)
        self.renew(account.credentials)

    def renew(self, credentials: dict[str, Any]) -> None:
        """Keep refreshed credentials and when they end."""
        self._refuse_disconnected()
        self.credentials = credentials
        self.expires_at, self.ends_at = _moment(credentials.get("expires_at")), _moment(credentials.get("ends_at"))

    def mark_verified(self, profile: Profile) -> None:
        """The network answered for this profile: it may publish."""
        if self.status != Status.CONNECTED:
            raise WrongState(_("Connect this profile again first."))
        self.verified_at = self.checked_at = clock.now()
        self.problem = ""
        self._describe(profile)

    def heal(self, profile: Profile) -> None:
        """The network takes our permission after all."""
        self._refuse_disconnected()
        self.status, self.told_at = Status.CONNECTED, None
        self.mark_verified(profile)

    def mark_trouble(self, problem: str) -> None:
        """A check failed for a reason that may pass by itself: said to people, changes no state."""
        self._refuse_disconnected()
        self.checked_at, self.problem = clock.now(), problem[:300]

    def need_reconnect(self, problem: str) -> None:
        """The network said that our permission is gone."""
        self._refuse_disconnected()
        if self.status == Status.CONNECTED:
            self.told_at = None
        self.status, self.problem, self.checked_at = Status.RECONNECT, problem[:300], clock.now()

    def disconnect(self) -> None:
        """Forget the tokens; nothing more is sent."""
        self._refuse_disconnected()
        self.status, self.problem = Status.DISCONNECTED, ""
        self.credentials, self.expires_at, self.ends_at, self.verified_at = {}, None, None, None

    def pause(self) -> None:
        self._refuse_disconnected()
        self.is_paused = True

    def resume(self) -> None:
        self._refuse_disconnected()
        self.is_paused = False

    def _refuse_disconnected(self) -> None:
        if self.status == Status.DISCONNECTED:
            raise WrongState(_("This profile was disconnected."))

    def _describe(self, profile: Profile) -> None:
        self.handle, self.name, self.url = profile.handle, profile.name[:255], profile.url
        self.avatar_url, self.limits = profile.avatar_url[:1000], profile.limits


def _moment(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


class ConnectStateQuerySet(models.QuerySet["ConnectState"]):
    def open(self) -> ConnectStateQuerySet:
        return self.filter(returned_at=None, expires_at__gt=clock.now())

    def choosing(self) -> ConnectStateQuerySet:
        """Back from the network, waiting for the person to choose profiles."""
        return self.filter(returned_at__isnull=False, finished_at=None, expires_at__gt=clock.now())

    def claim(self, token: str, *, user: User, network: str) -> ConnectState | None:
        """The state a callback's token names, if this call is the first to bring it back in time; else None."""
        mine = self.open().filter(token_hash=hash_token(token), user=user, network=network)
        if not mine.update(returned_at=clock.now()):
            return None
        return self.select_related("workspace__organization", "channel").get(token_hash=hash_token(token))

    def claim_choice(self, pk: object, *, user: User, workspace: Workspace) -> ConnectState | None:
        """The state whose profiles are being chosen, once."""
        mine = self.choosing().filter(pk=pk, user=user, workspace=workspace)
        return self.get(pk=pk) if mine.update(finished_at=clock.now()) else None

    def lapsed(self) -> ConnectStateQuerySet:
        return self.filter(expires_at__lt=clock.now())


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    return secrets.token_urlsafe(32)


def connect_deadline() -> datetime:
    return clock.now() + CONNECT_LIFE


class ConnectState(models.Model):
    """A connection being made: single use, ten minutes, bound to a person, a workspace and a network.

    The token is stored only as its hash; `remembered` (verifiers, keys, then waiting tokens) is encrypted.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    workspace = models.ForeignKey(Workspace, on_delete=models.CASCADE, related_name="+")
    network = models.CharField(max_length=20, choices=network_choices)
    server = models.CharField(max_length=255, blank=True)
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    remembered = EncryptedJSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField(default=connect_deadline)
    returned_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = ConnectStateQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("sign-in under way"), _("sign-ins under way")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.get_network_display()} · {self.user}"


class ServerApp(models.Model):
    """How one server of a network of many knows Lily (a Mastodon instance's client id and secret)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    network = models.CharField(max_length=20, choices=network_choices)
    server = models.CharField(max_length=255)
    redirect_uri = models.CharField(max_length=500)
    app = EncryptedJSONField(default=dict)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        ordering = ["network", "server"]
        constraints = [
            models.UniqueConstraint(fields=["network", "server", "redirect_uri"], name="server_app_once"),
        ]

    def __str__(self) -> str:
        return self.server
