"""Addresses people give us: none leads a call of ours to a machine inside."""

from __future__ import annotations

import logging
import select
import socket
from collections.abc import Iterator

import pytest
from django.urls import reverse

from apps.core.logs import JsonLines, ShortLines
from tests import factories
from tests.architecture import table

pytestmark = pytest.mark.django_db

INSIDE = ["127.0.0.1", "localhost", "[::1]", "169.254.169.254", "0x7f.1", "2130706433", "10.0.0.1", "user@127.0.0.1"]


def connect(client, network: str, **form: str):
    scene = table.make_scene()
    client.force_login(scene.owner)
    return client.post(reverse("channel_connect", args=[scene.workspace.slug, network]), form)


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """A port of this machine that takes whoever connects, by either kind of address."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as listener:
        listener.setblocking(False)
        yield listener


def is_untouched(door: socket.socket) -> bool:
    return not select.select([door], [], [], 0)[0]


@pytest.mark.parametrize("scheme", ["", "http://", "https://"])
@pytest.mark.parametrize("host", INSIDE)
def test_server_inside_is_not_called(client, door, host, scheme):
    answer = connect(client, "mastodon", server=f"{scheme}{host}:{door.getsockname()[1]}")
    assert (answer.status_code in (422, 503), is_untouched(door)) == (True, True)


@pytest.mark.parametrize("formatter", [JsonLines(), ShortLines()], ids=["json", "short"])
def test_nobody_writes_lines_into_our_log(client, caplog, formatter):
    forged = 'x\r\n{"level": "ERROR", "message": "forged"}\u2028\x1b[31m'
    user = factories.make_user()
    with caplog.at_level(logging.INFO):
        client.post("/account/login/", {"login": forged, "password": forged})
        client.post("/account/password/reset/", {"email": f"{user.email}{forged}"})
        client.get(f"/nothing/{forged.replace('/', '')}/", {"next": forged}, headers={"User-Agent": forged})
    lines = [formatter.format(record) for record in caplog.records]
    assert len(lines) >= 3
    assert [line for line in lines if len(line.splitlines()) > 1 or "\x1b" in line or "forged" in line] == []
