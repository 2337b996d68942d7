"""The seam between Lily and a network: what a provider can do, what it takes and gives, what it raises.

Every call raises only the kinds of `apps.core.errors`: TryLater, ContentRejected, Reconnect, OutcomeUnknown.
A provider never retries, never sleeps, never touches the database: `publishing` and `refreshing` do.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar


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
    """What is to be published on one channel. `key` is the same for every try of the same publication."""

    key: str
    text: str
    created_at: datetime
    pictures: tuple[Picture, ...] = ()
    language: str = "en"


@dataclass(frozen=True)
class Published:
    """The live post as the network names it."""

    remote_id: str
    url: str
    remote: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """A profile a connection opens, to be chosen and made a channel."""

    account_id: str
    handle: str
    name: str
    url: str
    avatar_url: str = ""


@dataclass(frozen=True)
class Account:
    """What a call needs to act for a channel: plain data, taken from the row by `Channel.account()`."""

    server: str  # https://… of the instance or PDS; empty where the network has one address
    account_id: str
    handle: str
    client_id: str
    credentials: dict[str, Any]


@dataclass(frozen=True)
class Capabilities:
    """What a network's API lets us promise."""

    idempotent: bool  # the same key twice makes one post
    can_find: bool  # a lost answer can be settled by looking
    can_delete: bool
    oauth: bool = True
    app_password: bool = False
    needs_server: bool = False  # the customer names an instance


class Provider(ABC):
    """One network. Instances are stateless; `key` is the network's key in `core.networks`."""

    key: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    @abstractmethod
    def is_configured(self) -> bool:
        """Whether this installation has what the network needs; without it the network is not offered."""

    @abstractmethod
    def begin(self, *, server: str, hint: str, redirect_uri: str, state: str) -> tuple[str, dict[str, Any]]:
        """Start connecting: the address to send the person to, and what to remember (encrypted) until they are back."""

    @abstractmethod
    def finish(
        self, *, remembered: dict[str, Any], query: dict[str, str], redirect_uri: str
    ) -> tuple[list[Profile], Account]:
        """End connecting with the callback's query: the profiles to choose from and the account they share."""

    @abstractmethod
    def refresh(self, account: Account) -> dict[str, Any]:
        """New credentials (the caller holds the row's lock). Includes `expires_at` (ISO) where the network says."""

    @abstractmethod
    def verify(self, account: Account) -> Profile:
        """A harmless authenticated call proving that this channel may publish."""

    @abstractmethod
    def publish(self, account: Account, draft: Draft) -> Published:
        """Send. Every time-out of all calls together stays under `publishing.SEND_BUDGET` seconds."""

    @abstractmethod
    def find(self, account: Account, draft: Draft) -> Published | None:
        """Look whether `draft` is live. None means: certainly not."""

    @abstractmethod
    def revoke(self, account: Account) -> None:
        """Give the permission back at the network. Best effort: the caller forgets the tokens whatever happens."""
