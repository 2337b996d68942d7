"""The ceiling of publishing: the very SQL of one publication and its HTTP call, in bare loops without Django or Celery.

The statements are taken from one real publication as it is sent, with its transactions; for the others the keys in
them are exchanged.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID, uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Workspace
from apps.content import publishing
from apps.content.models import Publication
from apps.core.ids import uuid7
from benchmarks.bare_loop import CALL

KEY = re.compile(r"\b[0-9a-f]{32}\b|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")  # as drivers write them
ROOT = Path(__file__).resolve().parents[1]


def measure(workspace: Workspace, processes: int) -> float:
    """Publications a second in so many bare loops."""
    rows = list(Publication.objects.filter(workspace=workspace).select_related("post", "channel").order_by("pk"))
    first, others = rows[0], rows[1:]
    statements = _statements(first)
    jobs = [_job(statements, first, row) for row in others]
    with TemporaryDirectory() as folder:
        loops = [_start(Path(folder) / str(number), jobs[number::processes]) for number in range(processes)]
        spans = [json.loads(loop.communicate(timeout=300)[0]) for loop in loops]
    began, ended = min(began for began, _ended in spans), max(ended for _began, ended in spans)
    return len(jobs) / (ended - began)


def _start(file: Path, jobs: list[tuple[list[str], str, str, str]]) -> subprocess.Popen:
    file.write_text("\n".join(json.dumps(job) for job in jobs))
    command = [sys.executable, "-m", "benchmarks.bare_loop", os.environ["DATABASE_URL"], str(file)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def _statements(publication: Publication) -> list[str]:
    """What sending this one executes, in order, with a mark where the call is made."""
    with CaptureQueriesContext(connection) as captured:
        publishing.publish(publication.pk)
    statements = [query["sql"] for query in captured.captured_queries]
    recorded = max(number for number, sql in enumerate(statements) if "INSERT INTO" in sql and "attempt" in sql)
    return [*statements[: recorded + 1], CALL, *statements[recorded + 1 :]]


def _job(statements: list[str], model: Publication, row: Publication) -> tuple[list[str], str, str, str]:
    """The statements for another publication: its own keys, and new ones where the model's were made on the way."""
    keys = {model.pk: row.pk, model.post_id: row.post_id, model.channel_id: row.channel_id}
    kept = {model.workspace_id, model.channel.workspace.organization_id, model.post.author_id}
    remote = Publication.objects.get(pk=model.pk).remote_id

    def exchange(found: re.Match) -> str:
        key = UUID(found.group())
        if key not in kept:
            keys.setdefault(key, uuid7() if key.version == 7 else uuid4())
        key = keys.get(key, key)
        return str(key) if "-" in found.group() else key.hex

    texts = [KEY.sub(exchange, sql).replace(f"'{remote}'", f"'{row.pk.hex}'") for sql in statements]
    return texts, row.channel.server, row.channel.credentials["access_token"], row.post.text
