"""A tiny network that keeps no idempotency keys and writes down every post it takes: a blind resend shows as two.

It speaks the part of Mastodon's API that our provider uses, so that nothing of ours knows it is talking to a test.
Only the standard library: it must be quick enough to measure us by (about 5,000 posts a second on one core).

    python recorder_server.py PORT FILE

Every post is one line of JSON in FILE (`at`, `account`, `text`, `key`, `id`, `media`), written before it is answered.
Faults are asked for at `POST /_recorder/faults` with {"match": "POST /api/v1/statuses", "times": 1, …} and

    "status": 503, "headers": {…}   answers that (and "body", where given) and does nothing
    "before": 2.5                   waits so many seconds, then works
    "after": 2.5                    works, waits so many seconds, then answers
    "drop": "before" | "after"      closes the connection without an answer, before or after working
    "body": "…"                     works and answers this text instead

`GET /_recorder/posts` lists the posts; `POST /_recorder/keys {"seconds": 3600}` makes it honour Idempotency-Key for so
long; `DELETE /_recorder` forgets all of it.
"""

from __future__ import annotations

import asyncio
import html
import json
import sys
import time
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import parse_qs

REASONS = {200: "OK", 202: "Accepted", 206: "Partial Content", 401: "Unauthorized", 404: "Not Found"}
INSTANCE = {
    "domain": "recorder.test",
    "title": "Recorder",
    "version": "4.5.0",
    "configuration": {
        "statuses": {"max_characters": 500, "max_media_attachments": 4, "characters_reserved_per_url": 23},
        "media_attachments": {
            "supported_mime_types": ["image/jpeg", "image/png", "image/webp"],
            "description_limit": 1500,
            "image_size_limit": 16_777_216,
        },
    },
}


class Dropped(Exception):
    """The connection is to be closed without an answer."""


class Recorder:
    def __init__(self, url: str, file: Path) -> None:
        self.url, self.lines = url, file.open("a", buffering=1)
        self.forget()

    def forget(self) -> None:
        self.posts: list[dict] = []
        self.media: dict[str, dict] = {}
        self.faults: list[dict] = []
        self.revoked: set[str] = set()
        self.keys: dict[tuple[str, str], tuple[float, dict]] = {}
        self.key_seconds = 0.0

    async def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict, object]:
        """Status, headers and JSON value (or text) for one request. Raises Dropped."""
        path, _, query = target.partition("?")
        if path.startswith("/_recorder"):
            return 200, {}, self.control(method, path, body)
        fault = self.take_fault(f"{method} {path}")
        await asyncio.sleep(fault.get("before", 0))
        if fault.get("drop") == "before":
            raise Dropped
        if "status" in fault:
            return fault["status"], fault.get("headers", {}), fault.get("body", {"error": "As you asked."})
        status, value = self.work(method, path, parse_qs(query), headers, body)
        await asyncio.sleep(fault.get("after", 0))
        if fault.get("drop") == "after":
            raise Dropped
        return status, fault.get("headers", {}), fault.get("body", value)

    def control(self, method: str, path: str, body: bytes) -> object:
        match method, path.removeprefix("/_recorder"):
            case "POST", "/faults":
                self.faults.append({"times": 1, **json.loads(body)})
            case "POST", "/keys":
                self.key_seconds = float(json.loads(body)["seconds"])
            case "GET", "/posts":
                return self.posts
            case "DELETE", "":
                self.forget()
        return {}

    def take_fault(self, call: str) -> dict:
        for fault in self.faults:
            if fault["match"] == call:
                fault["times"] -= 1
                if fault["times"] <= 0:
                    self.faults.remove(fault)
                return fault
        return {}

    def work(self, method: str, path: str, query: dict, headers: dict[str, str], body: bytes) -> tuple[int, object]:
        if (method, path) == ("GET", "/api/v2/instance"):
            return 200, INSTANCE
        if path == "/oauth/revoke":
            self.revoked.add(fields(headers, body).get("token", ""))
            return 200, {}
        account = headers.get("authorization", "").removeprefix("Bearer ")
        if not account or account in self.revoked:
            return 401, {"error": "The access token is invalid"}
        match method, path.strip("/").split("/"):
            case "GET", ["api", "v1", "accounts", "verify_credentials"]:
                return 200, self.account(account)
            case "GET", ["api", "v1", "accounts", name, "statuses"]:
                return 200, self.listed(name, query)
            case "POST", ["api", "v2", "media"]:
                return 200, self.upload(headers, body)
            case "GET", ["api", "v1", "media", pk] if pk in self.media:
                return 200, self.media[pk]
            case "POST", ["api", "v1", "statuses"]:
                return 200, self.post(account, headers, fields(headers, body))
            case "GET", ["api", "v1", "statuses", pk]:
                found = [post for post in self.posts if post["id"] == pk]
                return (200, self.status(found[0])) if found else (404, {"error": "Record not found"})
        return 404, {"error": "Record not found"}

    def account(self, name: str) -> dict:
        return {"id": name, "acct": name, "username": name, "display_name": name, "url": f"{self.url}/@{name}"}

    def listed(self, name: str, query: dict) -> list[dict]:
        limit, before = int(query.get("limit", ["20"])[0]), query.get("max_id", ["9" * 20])[0]
        mine = [post for post in reversed(self.posts) if post["account"] == name and int(post["id"]) < int(before)]
        return [self.status(post) for post in mine[:limit]]

    def upload(self, headers: dict[str, str], body: bytes) -> dict:
        part = multipart(headers, body)
        medium = {"id": str(len(self.media) + 1), "type": "image", "url": f"{self.url}/media/{len(self.media) + 1}"}
        self.media[medium["id"]] = medium | {"description": part.get("description", "")}
        return self.media[medium["id"]]

    def post(self, account: str, headers: dict[str, str], values: dict) -> dict:
        key = (account, headers.get("idempotency-key", ""))
        made, post = self.keys.get(key, (0.0, {}))
        if post and time.time() - made < self.key_seconds:
            return self.status(post)
        post = {
            "id": str(len(self.posts) + 1),
            "at": datetime.now(UTC).isoformat(),
            "account": account,
            "text": values.get("status", ""),
            "key": key[1],
            "media": values.get("media_ids", []),
        }
        self.lines.write(json.dumps(post) + "\n")
        self.posts.append(post)
        self.keys[key] = (time.time(), post)
        return self.status(post)

    def status(self, post: dict) -> dict:
        return {
            "id": post["id"],
            "created_at": post["at"],
            "url": f"{self.url}/@{post['account']}/{post['id']}",
            "content": f"<p>{html.escape(post['text'], quote=False).replace(chr(10), '<br />')}</p>",
            "account": self.account(post["account"]),
            "media_attachments": [self.media[pk] for pk in post["media"] if pk in self.media],
        }


def fields(headers: dict[str, str], body: bytes) -> dict:
    """The fields of a JSON or form body."""
    if "json" in headers.get("content-type", ""):
        return json.loads(body)
    return {name: values[-1] for name, values in parse_qs(body.decode()).items()}


def multipart(headers: dict[str, str], body: bytes) -> dict[str, str]:
    """The text fields of a multipart body."""
    head = f"Content-Type: {headers.get('content-type', '')}\r\n\r\n".encode()
    message: Message = BytesParser().parsebytes(head + body)
    parts = message.get_payload() if message.is_multipart() else []
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True).decode()
        for part in parts
        if part.get_filename() is None
    }


async def serve(recorder: Recorder, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection: requests one after another until it is closed."""
    try:
        while line := await reader.readline():
            method, target, _version = line.decode().split()
            headers = {}
            while (header := await reader.readline()) not in (b"\r\n", b""):
                name, _, value = header.decode("latin-1").partition(":")
                headers[name.strip().lower()] = value.strip()
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            status, more, value = await recorder.answer(method, target, headers, body)
            data = value.encode() if isinstance(value, str) else json.dumps(value).encode()
            head = [f"HTTP/1.1 {status} {REASONS.get(status, 'Answer')}", "Content-Type: application/json"]
            head += [f"Content-Length: {len(data)}", *(f"{name}: {text}" for name, text in more.items())]
            writer.write("\r\n".join([*head, "", ""]).encode() + data)
            await writer.drain()
    except (Dropped, ConnectionError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def main(port: int, file: Path) -> None:
    recorder = Recorder(f"http://127.0.0.1:{port}", file)
    server = await asyncio.start_server(lambda r, w: serve(recorder, r, w), "127.0.0.1", port, backlog=512)
    print(json.dumps({"url": recorder.url}), flush=True)  # noqa: T201
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), Path(sys.argv[2])))
