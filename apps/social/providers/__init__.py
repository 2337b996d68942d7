"""The table of networks Lily speaks. Adding one is one file and one line here."""

from __future__ import annotations

from apps.core.errors import NotFound
from apps.social.providers.base import Provider
from apps.social.providers.bluesky import Bluesky
from apps.social.providers.mastodon import Mastodon
from apps.social.providers.sandbox import Sandbox

PROVIDERS: dict[str, Provider] = {
    "bluesky": Bluesky(),
    "mastodon": Mastodon(),
    "sandbox": Sandbox(),
}


def get(key: str) -> Provider:
    """The provider of a network. Raises NotFound for one we do not speak."""
    try:
        return PROVIDERS[key]
    except KeyError:
        raise NotFound from None


def offered() -> list[Provider]:
    """Those this installation has what it takes for, in the order of the table."""
    return [provider for provider in PROVIDERS.values() if provider.is_configured()]
