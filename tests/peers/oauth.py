"""The strict OAuth 2 server as tests see it, with a headless person who logs in and consents."""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from tests.peers.processes import PEERS, Process, free_port

CLIENT_ID, CLIENT_SECRET = "lily", "secret-on-loopback"


class StrictOAuth:
    def __init__(self, folder: Path, *, redirect_uri: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.redirect_uri = redirect_uri
        command = ["node", str(PEERS / "oauth.mjs"), str(free_port()), CLIENT_ID, CLIENT_SECRET, redirect_uri]
        self.process = Process(command, log=folder / "log")
        self.url = json.loads(self.process.first_line())["url"]

    @property
    def allow(self) -> list[str]:
        return [urlsplit(self.url).netloc]

    def consent(self, authorize_url: str, *, name: str = "ada") -> dict[str, str]:
        """Log in and consent; the query the browser brings to the callback."""
        with httpx2.Client(timeout=10) as browser:
            page = self._follow(browser, browser.get(authorize_url))
            while page.status_code == 200:
                action = re.search(r'action="([^"]+)"', page.text).group(1)
                prompt = re.search(r'name="prompt" value="([^"]+)"', page.text).group(1)
                form = {"prompt": prompt, "login": name, "password": "x"}
                page = self._follow(browser, browser.post(urljoin(str(page.url), action), data=form))
            return dict(parse_qsl(urlsplit(page.headers["location"]).query))

    def _follow(self, browser: httpx2.Client, page: httpx2.Response) -> httpx2.Response:
        while page.status_code in (302, 303) and not page.headers["location"].startswith(self.redirect_uri):
            page = browser.get(urljoin(str(page.url), page.headers["location"]))
        return page

    def stop(self) -> None:
        self.process.stop()
