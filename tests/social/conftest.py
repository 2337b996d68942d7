"""One set of hands per network, so that every provider passes the same contract."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from apps.core import clock
from apps.social import providers
from apps.social.providers.base import Account, Draft, Picture, Profile, Provider
from apps.social.providers.sandbox import SandboxPost
from tests.factories import make_workspace

CALLBACK = "http://127.0.0.1:8000/oauth/{}/callback"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)  # a PNG of one pixel


def make_picture(alt: str = "A bowl of soup") -> Picture:
    return Picture(PIXEL, "image/png", 1, 1, alt)


_drafts = iter(range(1, 10_000))


def make_draft(text: str = "Soup of the day", **fields: Any) -> Draft:
    return Draft(**{"key": f"publication-{next(_drafts)}", "text": text, "created_at": clock.now(), **fields})


@dataclass
class World:
    """A network with a person on it."""

    provider: Provider
    server: str
    hint: str
    consent: Any  # authorize url → query of the callback
    live: Any  # account → list of the texts that are live
    peer: Any = None
    person: Any = None
    app: dict | None = None

    @property
    def redirect_uri(self) -> str:
        return CALLBACK.format(self.provider.key)

    def begin(self, state: str = "state-1") -> tuple[str, dict]:
        return self.provider.begin(
            server=self.server, hint=self.hint, redirect_uri=self.redirect_uri, state=state, app=self.app
        )

    def connect(self) -> tuple[Profile, Account]:
        """Through the whole sign-in; the first profile and its account."""
        url, remembered = self.begin()
        query = self.consent(url)
        profiles, account = self.provider.finish(remembered=remembered, query=query, redirect_uri=self.redirect_uri)
        return profiles[0], self.provider.account_of(profiles[0], account)


@pytest.fixture
def sandbox_world(db) -> World:
    from urllib.parse import parse_qsl, urlsplit

    return World(
        providers.get("sandbox"),
        server="",
        hint=make_workspace().slug,
        consent=lambda url: dict(parse_qsl(urlsplit(url).query)),
        live=lambda account: list(
            SandboxPost.objects.filter(account_id=account.account_id).values_list("text", flat=True)
        ),
    )


@pytest.fixture
def bluesky_world(bluesky) -> World:
    person = bluesky.make_person()
    return World(
        providers.get("bluesky"),
        server="",
        hint=person.handle,
        consent=lambda url: bluesky.consent(url, person),
        live=lambda account: [post["value"]["text"] for post in bluesky.posts(person)],
        peer=bluesky,
        person=person,
    )


@pytest.fixture
def mastodon_world(mastodon) -> World:
    person, provider = mastodon.make_person(), providers.get("mastodon")
    return World(
        provider,
        server=mastodon.url,
        hint="",
        consent=lambda url: mastodon.consent(url, person),
        live=lambda account: [status["text"] for status in map(_with_text, mastodon.statuses(person))],
        peer=mastodon,
        person=person,
        app=provider.register_app(server=mastodon.url, redirect_uri=CALLBACK.format("mastodon")),
    )


def _with_text(status: dict) -> dict:
    from apps.social.providers.mastodon import plain_text

    return status | {"text": plain_text(status["content"])}


@pytest.fixture(params=["sandbox", "bluesky", "mastodon"])
def world(request) -> World:
    return request.getfixturevalue(f"{request.param}_world")
