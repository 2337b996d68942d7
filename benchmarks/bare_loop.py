"""`python -m benchmarks.bare_loop DATABASE_URL FILE`: a bare loop over statements and calls, without Django or Celery.

FILE holds one JSON list a line: statements (the word HTTP among them is the call), server, token, text. Prints when it
began and ended, by the machine's clock.
"""

import http.client
import json
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

CALL = "HTTP"


def main(address: str, file: Path) -> None:
    jobs = [json.loads(line) for line in file.read_text().splitlines()]
    with psycopg.connect(address, autocommit=True) as server:
        began = time.time()
        for statements, url, token, text in jobs:
            for sql in statements:
                _call(url, token, text) if sql == CALL else server.execute(sql)
        print(json.dumps([began, time.time()]))


def _call(url: str, token: str, text: str) -> None:
    peer = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    body = json.dumps({"status": text, "media_ids": [], "language": "en", "visibility": "public"})
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    peer.request("POST", "/api/v1/statuses", body, headers)
    answer = peer.getresponse()
    if answer.status != 200:
        raise RuntimeError(answer.read())
    answer.read()
    peer.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
