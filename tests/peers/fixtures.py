"""Counterpart servers as fixtures: started when the first test asks, ended with the run.

The servers live as long as the pytest process (with xdist: one set for each worker whose files ask). What a machine
cannot run is skipped with its reason; with CI=true `bin/test` turns that into a failure.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

import pytest
from django.db import connections
from environ import Env

from house import places
from tests.peers.bluesky import Bluesky
from tests.peers.mastodon import PYTHON, Mastodon
from tests.peers.oauth import StrictOAuth
from tests.peers.postgres import Postgres
from tests.peers.processes import PEERS
from tests.peers.recorder import Recorder

__all__ = [
    "bluesky",
    "bluesky_server",
    "mastodon",
    "mastodon_server",
    "oauth_server",
    "own_postgres",
    "recorder",
    "recorder_server",
    "strict_oauth",
]

REDIRECT_URI = "http://127.0.0.1:8000/oauth/mastodon/callback"


def require_node() -> None:
    """Skips where Node or its packages are not installed (`tests/peers/install`)."""
    if not shutil.which("node") or not (PEERS / "node_modules" / "@atproto").exists():
        pytest.skip("needs Node 20 or 22 and tests/peers/install")


@pytest.fixture(scope="session")
def bluesky_server(tmp_path_factory) -> Iterator[Bluesky]:
    require_node()
    server = Bluesky(tmp_path_factory.mktemp("bluesky"))
    yield server
    server.stop()


@pytest.fixture
def bluesky(bluesky_server, settings) -> Bluesky:
    """The real PDS, let through the guard of our client."""
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *bluesky_server.allow]
    settings.BLUESKY_PLC = bluesky_server.plc
    settings.BLUESKY_NAMESERVERS = [bluesky_server.names.address]
    return bluesky_server


@pytest.fixture(scope="session")
def mastodon_server(tmp_path_factory) -> Iterator[Mastodon]:
    if not PYTHON.exists():
        pytest.skip("needs tests/peers/install")
    server = Mastodon(tmp_path_factory.mktemp("mastodon"))
    yield server
    server.stop()


@pytest.fixture
def mastodon(mastodon_server, settings) -> Iterator[Mastodon]:
    """mastodon-mock, let through the guard of our client, without faults."""
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *mastodon_server.allow]
    yield mastodon_server
    mastodon_server.forget_faults()


@pytest.fixture(scope="session")
def recorder_server(tmp_path_factory) -> Iterator[Recorder]:
    server = Recorder(tmp_path_factory.mktemp("recorder"))
    yield server
    server.stop()


@pytest.fixture
def recorder(recorder_server, settings) -> Iterator[Recorder]:
    """A network of ours without idempotency keys, let through the guard of our client, without faults."""
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *recorder_server.allow]
    recorder_server.forget()
    yield recorder_server


@pytest.fixture(scope="session")
def oauth_server(tmp_path_factory) -> Iterator[StrictOAuth]:
    require_node()
    server = StrictOAuth(tmp_path_factory.mktemp("oauth"), redirect_uri=REDIRECT_URI)
    yield server
    server.stop()


@pytest.fixture
def strict_oauth(oauth_server, settings) -> StrictOAuth:
    settings.OUTBOUND_ALLOW = [*settings.OUTBOUND_ALLOW, *oauth_server.allow]
    return oauth_server


@pytest.fixture
def own_postgres(transactional_db) -> Iterator[Postgres]:
    """This process works on a PostgreSQL of its own, which may be wrecked; programs it starts need its `url`."""
    used = connections["default"].settings_dict
    usual = dict(used)
    with places.temporary() as folder:
        server = Postgres(folder, source=os.environ["DATABASE_URL"])
        connections.close_all()
        used.update(Env.db_url_config(server.url))
        yield server
        connections.close_all()
        used.update(usual)
        server.stop()
