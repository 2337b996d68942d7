"""What arrives at a server that takes Sentry's envelopes, sent by a process of its own: the SDK stays in it."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings

from apps.core import reporting
from tests.core.conftest import Peer

pytestmark = pytest.mark.django_db

BREAK = """
import django; django.setup()
from django.conf import settings
from django.test import Client
settings.ROOT_URLCONF = "tests.core.pages"
client = Client(raise_request_exception=False, HTTP_HOST="localhost", HTTP_AUTHORIZATION="Bearer s3cret")
client.cookies["sessionid"] = "s3cret"
client.get("/test/broken/", HTTP_HOST="forged.example.com")
client.post("/test/broken/?token=s3cret", {"password": "s3cret"})
from tests.core.tasks import break_with
break_with.apply(("anna@example.com",))
import sentry_sdk; sentry_sdk.flush(10)
"""
QUIET = "import django, sys; django.setup(); print('sentry_sdk' in sys.modules)"


def run(program: str, **environment: str) -> str:
    told = os.environ | {"SENTRY_DSN": "", "SENTRY_RELEASE": ""} | environment
    return subprocess.run(
        [sys.executable, "-c", program], cwd=settings.BASE_DIR, env=told, check=True, capture_output=True, text=True
    ).stdout


def events(peer: Peer) -> list[dict[str, Any]]:
    """The event of each envelope: a line of headers, then for each item a line of headers and its payload."""
    return [json.loads(gzip.decompress(body).splitlines()[2]) for body in peer.bodies]


def test_what_breaks_arrives_without_secrets(peer):
    run(BREAK, SENTRY_DSN=f"http://key@127.0.0.1:{peer.port}/1")
    page, task = events(peer)
    assert [call[:2] for call in peer.calls] == [("POST", "/api/1/envelope/")] * 2
    assert (page["transaction"], task["transaction"]) == ("/test/broken/", "tests.core.tasks.break_with")
    assert [event["exception"]["values"][-1]["type"] for event in (page, task)] == ["RuntimeError", "ValueError"]
    assert task["exception"]["values"][-1]["value"] == "Nobody is called [hidden]"
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=settings.BASE_DIR, check=True, capture_output=True)
    assert {page["release"], task["release"]} == {commit.stdout.decode().strip()}
    assert len(page["tags"]["request"]) == 32
    assert re.findall("s3cret|anna@example.com", json.dumps([page, task])) == []
    assert {"request", "user", "breadcrumbs", "extra"} & (page.keys() | task.keys()) == set()


def test_release_can_be_named(peer):
    run(BREAK, SENTRY_DSN=f"http://key@127.0.0.1:{peer.port}/1", SENTRY_RELEASE="2026.11")
    assert [event["release"] for event in events(peer)] == ["2026.11"] * 2


def test_sdk_is_not_read_without_an_address():
    assert run(QUIET) == "False\n"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Key (name)=(Anna B.) already exists.", "Key (name)=([hidden]) already exists."),
        ("Failing row contains (1, Anna, null).", "Failing row contains ([hidden])."),
        ("no mailbox <anna@example.com>", "no mailbox <[hidden]>"),
        ("GET https://example.com/a?code=1&b=2 broke", "GET https://example.com/a?[hidden] broke"),
        ("/invitations/AbCdEf0123456789AbCdEf0123/", "/invitations/[hidden]/"),
        ("'NoneType' object has no attribute 'organization'", "'NoneType' object has no attribute 'organization'"),
        ("apps.content.tasks.publish_due", "apps.content.tasks.publish_due"),
    ],
)
def test_messages_keep_what_tells_nothing_about_people(text, kept):
    assert reporting.without_secrets(text) == kept
