"""The networks of the kill table: each makes a channel, hangs in the call, and says what is live."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

from apps.core import clock
from apps.social.models import Channel, SandboxPost
from apps.social.providers.sandbox import Fault
from tests.factories import make_channel, make_fault


class OnSandbox:
    """The network inside Lily."""

    environment: dict[str, str] = {}
    keyless = False

    def make_channel(self) -> Channel:
        self.channel = make_channel()
        return self.channel

    @contextmanager
    def hanging(self):
        """Calls hang while the block runs; whether what was sent arrives afterwards is the network's own affair."""
        make_fault(self.channel, Fault.HANG, seconds=30)
        yield

    def live(self) -> list[str]:
        return list(SandboxPost.objects.filter(account_id=self.channel.account_id).values_list("text", flat=True))


class OnBluesky:
    """A real PDS, stopped in the call."""

    keyless = False

    def __init__(self, server) -> None:
        self.server = server
        self.environment = {"OUTBOUND_ALLOW": ",".join(server.allow), "BLUESKY_PLC": server.plc}

    def make_channel(self) -> Channel:
        self.person = self.server.make_person()
        session = self.server.session(self.person)
        credentials = {
            "kind": "password",
            "access_token": session["accessJwt"],
            "refresh_token": session["refreshJwt"],
            "expires_at": (clock.now() + timedelta(hours=2)).isoformat(),
        }
        return make_channel(
            network="bluesky", server=self.server.url, account_id=self.person.did, credentials=credentials
        )

    @contextmanager
    def hanging(self):
        self.server.process.freeze()
        try:
            yield
        finally:
            self.server.process.thaw()

    def live(self) -> list[str]:
        return [post["value"]["text"] for post in self.server.posts(self.person)]


class OnMastodon:
    """mastodon-mock, which keeps its keys for good."""

    keyless = False

    def __init__(self, server) -> None:
        self.server = server
        self.environment = {"OUTBOUND_ALLOW": ",".join(server.allow)}

    def make_channel(self) -> Channel:
        self.person = self.server.make_person()
        return self._channel(self.person.id, self.person.token)

    def _channel(self, account_id: str, token: str) -> Channel:
        credentials = {"app": {"client_id": "x", "client_secret": "x"}, "access_token": token, "scope": "write"}
        host = urlsplit(self.server.url).netloc
        return make_channel(
            network="mastodon", server=self.server.url, account_id=f"{account_id}@{host}", credentials=credentials
        )

    @contextmanager
    def hanging(self):
        self.server.fail("/api/v1/statuses", effect={"type": "latency", "delay_ms": 2000})
        yield

    def live(self) -> list[str]:
        return [
            status["content"].removeprefix("<p>").removesuffix("</p>") for status in self.server.statuses(self.person)
        ]


class OnRecorder(OnMastodon):
    """A server of ours that speaks Mastodon; `key_seconds` is how long it honours Idempotency-Key, None for never."""

    def __init__(self, server, *, key_seconds: float | None) -> None:
        super().__init__(server)
        self.key_seconds, self.keyless = key_seconds, key_seconds is None

    def make_channel(self) -> Channel:
        if self.key_seconds:
            self.server.honour_keys(self.key_seconds)
        channel = self._channel("", "")
        self.account = f"ada{channel.pk.hex}"
        channel.account_id = f"{self.account}@{urlsplit(self.server.url).netloc}"
        channel.credentials["access_token"] = self.account
        channel.save()
        return channel

    @contextmanager
    def hanging(self):
        self.server.fail(before=2.0)
        yield

    def live(self) -> list[str]:
        return [post["text"] for post in self.server.posts(self.account)]
