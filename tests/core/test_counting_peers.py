"""Our counting against what the networks' own servers take, at the edges."""

from __future__ import annotations

import httpx2
import pytest

from apps.core import networks
from apps.core.networks import NETWORKS
from tests.peers.bluesky import Bluesky, Person

CLUSTERS = {
    "letter": "a",
    "accent": "é",
    "combining": "e\u0301",
    "emoji": "🥐",
    "skin": "👋🏽",
    "heart": "❤️",
    "keycap": "1️⃣",
    "flag": "🇩🇪",
    "region": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "family": "👨‍👩‍👧‍👦",
    "hangul": "\u1112\u1161\u11ab",
    "thai": "ก็",
    "tamil": "நி",
    "line": "\n",
    "windows line": "\r\n",
}
LINK = "https://example.com/bakery?menu=today"


@pytest.fixture(scope="module")
def writer(bluesky_server: Bluesky) -> tuple[Bluesky, Person, str]:
    person = bluesky_server.make_person()
    return bluesky_server, person, bluesky_server.session(person)["accessJwt"]


def takes(writer: tuple[Bluesky, Person, str], text: str) -> bool:
    """Whether the PDS stores a post of this text."""
    server, person, token = writer
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": "2026-11-22T12:00:00Z"}
    answer = httpx2.post(
        f"{server.url}/xrpc/com.atproto.repo.createRecord",
        json={"repo": person.did, "collection": "app.bsky.feed.post", "record": record},
        headers={"Authorization": f"Bearer {token}"},
        timeout=30,
    )
    assert answer.status_code in (200, 400), answer.text
    return answer.status_code == 200


@pytest.mark.parametrize("cluster", CLUSTERS.values(), ids=CLUSTERS.keys())
def test_pds_agrees_at_the_edges(writer, cluster):
    """299, 300 and 301 graphemes: as many of the cluster as their bytes allow, then letters."""
    for wanted in (299, 300, 301):
        many = min(wanted, 2600 // len(cluster.encode()))
        text = cluster * many + "a" * (wanted - many)
        assert networks.count("bluesky", text) == wanted
        assert takes(writer, text) == NETWORKS["bluesky"].fits(text) == (wanted <= 300)


@pytest.mark.parametrize("extra", [-1, 0, 1])
def test_pds_counts_links_by_their_letters(writer, extra):
    text = f"{LINK} ".ljust(300 + extra, "a")
    assert takes(writer, text) == NETWORKS["bluesky"].fits(text) == (extra < 1)


@pytest.mark.parametrize(("families", "letters"), [(119, 25), (120, 0), (119, 26), (120, 1)])
def test_pds_minds_the_bytes_too(writer, families, letters):
    text = CLUSTERS["family"] * families + "a" * letters
    assert takes(writer, text) == NETWORKS["bluesky"].fits(text) == (25 * families + letters <= 3000)
