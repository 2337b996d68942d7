"""The recorder as tests see it: a network without idempotency keys (see `recorder_server.py`)."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx2

from tests.peers.processes import PEERS, Process, free_port


class Recorder:
    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file, self.port = folder / "posts.jsonl", free_port()
        command = [sys.executable, str(PEERS / "recorder_server.py"), str(self.port), str(self.file)]
        self.process = Process(command, log=folder / "log")
        self.url = json.loads(self.process.first_line())["url"]

    @property
    def allow(self) -> list[str]:
        return [urlsplit(self.url).netloc]

    def posts(self, account: str = "") -> list[dict]:
        """Every post it ever took (of one account), from its file."""
        taken = [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []
        return [post for post in taken if post["account"] == account or not account]

    def fail(self, match: str = "POST /api/v1/statuses", **fault) -> None:
        """Ask for a fault; see `recorder_server.py` for what there is."""
        self._ask("POST", "/faults", {"match": match, **fault})

    def honour_keys(self, seconds: float) -> None:
        self._ask("POST", "/keys", {"seconds": seconds})

    def forget(self) -> None:
        """Forget posts, keys and faults; the file keeps its lines."""
        self._ask("DELETE", "", None)

    def stop(self) -> None:
        self.process.stop()

    def _ask(self, method: str, path: str, body: dict | None) -> None:
        httpx2.request(method, f"{self.url}/_recorder{path}", json=body, timeout=10).raise_for_status()
