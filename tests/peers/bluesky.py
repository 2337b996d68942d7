"""The real Bluesky on loopback, and a headless person who signs in and consents on its pages."""

from __future__ import annotations

import itertools
import json
import secrets
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx2

from tests.peers.names import Names
from tests.peers.processes import PEERS, Process, free_port

POSTS = "app.bsky.feed.post"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """An account of the PDS."""

    handle: str
    password: str
    did: str


class Bluesky:
    """A PDS, its directory and the names of its people.

    `lasting` runs PDS and directory apart, so that the PDS can be killed and started again.
    """

    def __init__(self, folder: Path, *, rate_limits: bool = False, lasting: bool = False) -> None:
        self.folder, self.processes = folder, []
        folder.mkdir(parents=True, exist_ok=True)
        self._env = {"RATE_LIMITS": "1"} if rate_limits else {}
        if lasting:
            plc = self._start({"PLC_ONLY": "1"}, 0)
            self._env["PLC_URL"] = json.loads(plc.first_line())["plc"]
        self.port, self.names = free_port(), Names()
        self.start()

    def start(self) -> None:
        """Start the PDS (again), on the same port with the same data."""
        self.process = self._start(self._env, self.port)
        addresses = json.loads(self.process.first_line())
        self.url, self.plc = addresses["pds"], addresses["plc"]

    def _start(self, env: dict[str, str], port: int) -> Process:
        command = ["node", str(PEERS / "bluesky.mjs"), str(self.folder), str(port)]
        process = Process(command, log=self.folder / "log", env=env)
        self.processes.append(process)
        return process

    @property
    def allow(self) -> list[str]:
        """What the guard of our client must let through: host:port."""
        return [urlsplit(self.url).netloc, urlsplit(self.plc).netloc]

    def stop(self) -> None:
        for process in reversed(self.processes):
            if process.popen.poll() is None:
                process.stop()
        self.names.stop()

    # -- people and what they have, by the server's own API

    def make_person(self, name: str = "") -> Person:
        handle = f"{name or 'ada'}{next(_numbers)}{secrets.token_hex(2)}.test"
        password = secrets.token_urlsafe(12)
        body = {"handle": handle, "email": f"{handle}@example.com", "password": password}
        made = self.call("POST", "com.atproto.server.createAccount", json=body)
        self.names.texts[f"_atproto.{handle}"] = f"did={made['did']}"
        return Person(handle, password, made["did"])

    def make_app_password(self, person: Person, name: str = "Lily") -> str:
        token = self.session(person)["accessJwt"]
        made = self.call("POST", "com.atproto.server.createAppPassword", token=token, json={"name": name})
        return made["password"]

    def session(self, person: Person) -> dict:
        body = {"identifier": person.handle, "password": person.password}
        return self.call("POST", "com.atproto.server.createSession", json=body)

    def posts(self, person: Person) -> list[dict]:
        """Every post of a person: `uri`, `cid`, `value`."""
        listed = self.call(
            "GET", "com.atproto.repo.listRecords", params={"repo": person.did, "collection": POSTS, "limit": 100}
        )
        return listed["records"]

    def picture(self, person: Person, cid: str) -> bytes:
        """The bytes of a picture as they lie on the server."""
        address = f"{self.url}/xrpc/com.atproto.sync.getBlob"
        return httpx2.get(address, params={"did": person.did, "cid": cid}).raise_for_status().content

    def call(self, method: str, name: str, *, token: str = "", **request) -> dict:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = httpx2.request(method, f"{self.url}/xrpc/{name}", headers=headers, timeout=30, **request)
        assert answer.status_code == 200, answer.text
        return answer.json() if answer.content else {}

    # -- the person in front of the browser

    def consent(
        self, authorize_url: str, person: Person, *, accept: bool = True, cookies: dict[str, str] | None = None
    ) -> dict[str, str]:
        """Sign in and consent on the PDS's pages, as a browser would; the query the browser brings to the callback.

        `cookies` are those of a browser that stands on the page already: the PDS lets nobody else go on with its visit.
        """
        with httpx2.Client(timeout=30) as browser:
            return _Visit(browser, self.url, authorize_url, cookies or {}).consent(person, accept=accept)


NAVIGATION = {
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Site": "none",
    "Accept": "text/html",
    "User-Agent": "Mozilla/5.0",
}


class _Visit:
    """One visit to the authorization page. Its cookies are `Secure`, so that on plain http we carry them by hand."""

    def __init__(self, browser: httpx2.Client, url: str, authorize_url: str, cookies: dict[str, str]) -> None:
        self.browser, self.url, self.authorize_url, self.cookies = browser, url, authorize_url, dict(cookies)
        page = browser.get(authorize_url, headers={**NAVIGATION, **self._cookie()})
        assert page.status_code == 200, page.text
        self._keep(page)

    def consent(self, person: Person, *, accept: bool) -> dict[str, str]:
        scope = "atproto transition:generic"
        sign_in = {"locale": "en", "username": person.handle, "password": person.password, "remember": True}
        signed_in = self._api("/sign-in", sign_in)
        did = signed_in["account"].get("sub") or signed_in["account"]["did"]
        step = self._api("/consent", {"sub": did, "scope": scope}) if accept else self._api("/reject", {})
        back = self.browser.get(
            step["url"],
            headers={**NAVIGATION, **self._cookie(), "Referer": self.authorize_url, "Sec-Fetch-Site": "same-origin"},
        )
        return dict(parse_qsl(urlsplit(back.headers["location"]).query))

    def _api(self, path: str, body: dict) -> dict:
        headers = {
            **self._cookie(),
            "x-csrf-token": self.cookies["csrf-token"],
            "Origin": self.url,
            "Referer": self.authorize_url,
            "Sec-Fetch-Mode": "same-origin",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Dest": "empty",
        }
        answer = self.browser.post(f"{self.url}/@atproto/oauth-provider/~api{path}", json=body, headers=headers)
        assert answer.status_code == 200, answer.text
        self._keep(answer)
        return answer.json()

    def _keep(self, answer: httpx2.Response) -> None:
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value

    def _cookie(self) -> dict[str, str]:
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
