"""mastodon-mock: a stateful stand-in of Mastodon that others wrote, and the person in front of its consent page."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.peers.processes import PEERS, Process, free_port, listens

PYTHON = PEERS / ".mastodon" / "bin" / "python"


@dataclass(frozen=True)
class Person:
    """An account of the instance, with a token of its own for looking from outside."""

    id: str
    username: str
    token: str


class Mastodon:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        where = ["--host", "127.0.0.1", "--port", str(port), "--domain", f"127.0.0.1:{port}"]
        command = [str(PYTHON), "-m", "mastodon_mock", "serve", "--in-memory", *where, "--log-level", "warning"]
        self.process = Process(command, log=folder / "log", cwd=folder)
        self.process.wait_until(listens(port))

    @property
    def allow(self) -> list[str]:
        return [urlsplit(self.url).netloc]

    def make_person(self, username: str = "") -> Person:
        name = username or f"ada{secrets.token_hex(4)}"
        made = self._post("/api/v1/_mock/dev_user", {"username": name})
        return Person(made["id"], made["username"], made["access_token"])

    def statuses(self, person: Person) -> list[dict]:
        address = f"{self.url}/api/v1/accounts/{person.id}/statuses"
        answer = httpx2.get(
            address, headers={"Authorization": f"Bearer {person.token}"}, params={"limit": 40}, timeout=10
        )
        return answer.raise_for_status().json()

    def fail(self, path: str, *, effect: dict, methods: tuple[str, ...] = ("POST",), count: int | None = 1) -> None:
        """Ask for a fault: effect {"type": status|ratelimit|latency|timeout|malformed, …}, so many times."""
        self._post(
            "/api/v1/_mock/faults", {"match": {"methods": methods, "path": path}, "effect": effect, "count": count}
        )

    def forget_faults(self) -> None:
        httpx2.delete(f"{self.url}/api/v1/_mock/faults", timeout=10).raise_for_status()

    def consent(self, authorize_url: str, person: Person) -> dict[str, str]:
        """Choose the account on the consent page; the query the browser brings to the callback."""
        asked = dict(parse_qsl(urlsplit(authorize_url).query))
        page = httpx2.get(authorize_url, timeout=10)
        assert page.status_code == 200, page.text
        names = ("redirect_uri", "client_id", "scope", "state")
        form = {name: asked[name] for name in names} | {"username": person.username}
        back = httpx2.post(authorize_url.partition("?")[0], data=form, timeout=10)
        return dict(parse_qsl(urlsplit(back.headers["location"]).query))

    def stop(self) -> None:
        self.process.stop()

    def _post(self, path: str, body: dict) -> dict:
        return httpx2.post(self.url + path, json=body, timeout=10).raise_for_status().json()
