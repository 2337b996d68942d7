"""The seam between Lily and a network: what a provider can do, what it takes and gives, what it raises.

Every call raises only the kinds of `apps.core.errors`: TryLater, ContentRejected, Reconnect, OutcomeUnknown
(and Invalid for what a person typed while connecting). A provider never retries and never touches our tables:
`connecting`, `refreshing` and `publishing` do. It waits only inside `SEND_BUDGET` (a picture being processed).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar

SEND_BUDGET = 40.0
"""Seconds that all time-outs of one `publish` may add up to; well under the lease of a claim (60 s)."""


@dataclass(frozen=True)
class Picture:
    """One picture as it goes out: bytes ready for this network (rendered, stripped), with its alt text."""

    data: bytes
    mime: str
    width: int
    height: int
    alt: str


@dataclass(frozen=True)
class Draft:
    """What is to be published on one channel. `key` and `created_at` are the same for every try of a publication.

    `created_at` is when the post was due: networks that take a time show it. `taken` are the remote ids of other
    publications of this channel, so that looking for this one never finds another with the same words.
    """

    key: str
    text: str
    created_at: datetime
    pictures: tuple[Picture, ...] = ()
    language: str = "en"
    taken: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Published:
    """The live post as the network names it."""

    remote_id: str
    url: str
    remote: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A profile a connection opens, to be chosen and made a channel.

    `limits` are the facts of this one profile or server that differ from `core.networks` (max_characters, …).
    """

    account_id: str
    handle: str
    name: str
    url: str
    avatar_url: str = ""
    limits: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Account:
    """What a call needs to act for a channel: plain data, taken from the row by `Channel.account()`."""

    server: str  # https://… of the instance or PDS; empty where the network has one address
    account_id: str
    handle: str
    client_id: str
    credentials: dict[str, Any]  # may state `expires_at` (access) and `ends_at` (the whole connection), ISO, UTC


@dataclass(frozen=True)
class Capabilities:
    """What a network's API lets us promise, and what it asks of the person who connects."""

    idempotent: bool  # the same key twice makes one post
    can_find: bool  # a lost answer can be settled by looking
    can_delete: bool
    oauth: bool = True
    app_password: bool = False  # a handle and a password made for us do as well
    needs_server: bool = False  # the customer names an instance
    needs_handle: bool = False  # the customer names the profile first
    registers_app: bool = False  # Lily registers itself at each server (`register_app`)
    is_sold: bool = True  # a plan must state the network; tools of the installation itself are not sold


class Provider(ABC):
    """One network. Instances are stateless; `key` is the network's key in `core.networks`."""

    key: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    @abstractmethod
    def is_configured(self) -> bool:
        """Whether this installation has what the network needs; without it the network is not offered."""

    def register_app(self, *, server: str, redirect_uri: str) -> dict[str, Any]:
        """Make Lily known to a server; the answer is kept (encrypted) per server and handed to `begin` as `app`."""
        raise NotImplementedError

    @abstractmethod
    def begin(
        self, *, server: str, hint: str, redirect_uri: str, state: str, app: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        """Start connecting: the address to send the person to, and what to remember (encrypted) until they are back.

        Raises Invalid where `server` or `hint` is not what the network knows.
        """

    @abstractmethod
    def finish(
        self, *, remembered: dict[str, Any], query: dict[str, str], redirect_uri: str
    ) -> tuple[list[Profile], Account]:
        """End connecting with the callback's query: the profiles to choose from and the account they share."""

    def account_of(self, profile: Profile, account: Account) -> Account:
        """The account of one chosen profile. Networks whose pages have tokens of their own get them here."""
        return replace(account, account_id=profile.account_id, handle=profile.handle)

    def clean_server(self, text: str) -> str:
        """The address of the server a person named, as we keep it; empty stays empty. Raises Invalid."""
        return text.strip()

    def finish_with_password(self, *, server: str, hint: str, password: str) -> tuple[list[Profile], Account]:
        """Connect with a password made for us (`capabilities.app_password`)."""
        raise NotImplementedError

    @abstractmethod
    def refresh(self, account: Account) -> dict[str, Any]:
        """New credentials (the caller holds the row's lock). Includes `expires_at` (ISO) where the network says."""

    @abstractmethod
    def verify(self, account: Account) -> Profile:
        """A harmless authenticated call proving that this channel may publish."""

    @abstractmethod
    def publish(self, account: Account, draft: Draft) -> Published:
        """Send. Every time-out of all calls together stays under `SEND_BUDGET` seconds."""

    @abstractmethod
    def find(self, account: Account, draft: Draft) -> Published | None:
        """Look whether `draft` is live. None means: certainly not."""

    @abstractmethod
    def revoke(self, account: Account) -> None:
        """Give the permission back at the network. Best effort: the caller forgets the tokens whatever happens."""
