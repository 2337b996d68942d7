"""Bluesky's own: who is behind a handle, keys that cannot double, facets in bytes, proofs, and our metadata."""

import json
import subprocess
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from apps.core.errors import ContentRejected, Invalid, Reconnect
from apps.social.providers.bluesky import identity, oauth, posts
from tests.peers.fixtures import require_node
from tests.peers.processes import PEERS
from tests.social.conftest import make_draft, make_picture

# -- identity


@pytest.mark.parametrize(
    ("typed", "handle"),
    [
        ("ada.bsky.social", "ada.bsky.social"),
        (" @Ada.BSKY.social ", "ada.bsky.social"),
        ("ada", "ada.bsky.social"),
        ("https://bsky.app/profile/cafe-ada.example.com/", "cafe-ada.example.com"),
        ("\u202acafe.example.org\u202c", "cafe.example.org"),
    ],
)
def test_handle_is_read_as_people_type_it(typed, handle):
    assert identity.clean_handle(typed) == handle


@pytest.mark.parametrize("typed", ["", "ada bsky social", "ada.local", "ada..com", "-a.com", "did:plc:x", "1.2"])
def test_what_is_no_handle_is_said_so(typed):
    with pytest.raises(Invalid):
        identity.clean_handle(typed)


class TestIdentity:
    pytestmark = pytest.mark.django_db

    def test_handle_leads_to_the_account_and_its_server(self, bluesky):
        person = bluesky.make_person()
        assert identity.identify(f"@{person.handle}") == identity.Identity(person.did, person.handle, bluesky.url)

    def test_unknown_handle_is_said_at_the_field(self, bluesky):
        with pytest.raises(Invalid) as refused:
            identity.identify("nobody-at-all.test", server=bluesky.url)
        assert list(refused.value.fields) == ["handle"]

    def test_handle_that_the_account_does_not_name_back_is_refused(self, bluesky):
        person = bluesky.make_person()
        bluesky.names.texts["_atproto.famous.test"] = f"did={person.did}"
        with pytest.raises(Invalid) as refused:
            identity.identify("famous.test")
        assert "does not belong" in refused.value.fields["handle"][0]

    def test_server_named_by_the_person_is_asked_last(self, bluesky):
        person = bluesky.make_person()
        del bluesky.names.texts[f"_atproto.{person.handle}"]
        with pytest.raises(Invalid):
            identity.identify(person.handle)
        assert identity.identify(person.handle, server=bluesky.url).did == person.did


# -- keys and records


def test_record_key_is_the_drafts_own():
    draft = make_draft(key="a")
    assert posts.record_key(draft) == posts.record_key(replace(draft, text="Other words"))
    assert posts.record_key(draft) != posts.record_key(replace(draft, key="b"))


def test_record_key_is_a_tid_of_the_drafts_second():
    at = datetime(2026, 11, 22, 9, 30, 15, tzinfo=UTC)
    key = posts.record_key(make_draft(created_at=at))
    number = 0
    for letter in key:
        number = number * 32 + posts._ALPHABET.index(letter)
    assert len(key) == 13
    assert (number >> 10) // 1_000_000 == int(at.timestamp())


def test_record_keys_of_one_second_do_not_meet():
    at = datetime(2026, 11, 22, tzinfo=UTC)
    assert len({posts.record_key(make_draft(key=str(n), created_at=at)) for n in range(5_000)}) == 5_000


KNOWN = {"ada.test": "did:plc:ada", "bob.example.com": "did:plc:bob"}


def facets_of(text: str) -> list[tuple[str, str]]:
    """Each facet as (the bytes it covers, what it means)."""
    data = text.encode()
    found = []
    for facet in posts.make_facets(text, KNOWN.get):
        (feature,) = facet["features"]
        meaning = feature.get("uri") or feature.get("did") or feature.get("tag")
        index = facet["index"]
        found.append((data[index["byteStart"] : index["byteEnd"]].decode(), meaning))
    return found


@pytest.mark.parametrize(
    ("text", "facets"),
    [
        ("Plain words", []),
        ("See https://example.com/menu.", [("https://example.com/menu", "https://example.com/menu")]),
        ("🥐🇫🇷 https://example.com/é", [("https://example.com/é", "https://example.com/é")]),
        ("Hello @ada.test and @nobody.test", [("@ada.test", "did:plc:ada")]),
        ("(@bob.example.com)", [("@bob.example.com", "did:plc:bob")]),
        ("mail ada@ada.test", []),
        ("#soup, #Brötchen! #2026 #", [("#soup", "soup"), ("#Brötchen", "Brötchen")]),
        ("https://example.com/#anchor", [("https://example.com/#anchor", "https://example.com/#anchor")]),
        ("a#b", []),
        ("👩‍🍳 @ada.test #à", [("@ada.test", "did:plc:ada"), ("#à", "à")]),
    ],
)
def test_facets_cover_links_mentions_and_tags_in_bytes(text, facets):
    assert facets_of(text) == facets


class TestPublishing:
    pytestmark = pytest.mark.django_db

    def test_record_is_what_the_network_shows(self, bluesky_world):
        _profile, account = bluesky_world.connect()
        friend = bluesky_world.peer.make_person()
        text = f"🥐 Fresh at https://example.com with @{friend.handle} #bakery"
        draft = make_draft(text, pictures=(make_picture("Croissants on a tray"),), language="de")
        published = bluesky_world.provider.publish(account, draft)
        (record,) = bluesky_world.peer.posts(bluesky_world.person)
        value = record["value"]
        assert (record["uri"], record["cid"]) == (published.remote_id, published.remote["cid"])
        assert (value["text"], value["langs"], value["createdAt"][:19]) == (
            text,
            ["de"],
            draft.created_at.isoformat()[:19],
        )
        meanings = [next(v for k, v in facet["features"][0].items() if k != "$type") for facet in value["facets"]]
        assert meanings == ["https://example.com", friend.did, "bakery"]
        (image,) = value["embed"]["images"]
        assert (image["alt"], image["aspectRatio"]) == ("Croissants on a tray", {"width": 1, "height": 1})
        stored = bluesky_world.peer.picture(bluesky_world.person, image["image"]["ref"]["$link"])
        assert stored == draft.pictures[0].data

    def test_too_long_text_is_refused_with_the_networks_reason(self, bluesky_world):
        _profile, account = bluesky_world.connect()
        with pytest.raises(ContentRejected, match="300"):
            bluesky_world.provider.publish(account, make_draft("👩‍🍳" * 301))
        assert bluesky_world.provider.publish(account, make_draft("👩‍🍳" * 60 + "🇫🇷" * 240)).remote_id

    def test_wrong_answers_of_the_sign_in_are_refused(self, bluesky_world):
        url, remembered = bluesky_world.begin()
        query = bluesky_world.consent(url)
        finish = bluesky_world.provider.finish
        for wrong in (
            query | {"iss": "https://evil.example"},
            {"error": "access_denied", "state": "state-1", "iss": query["iss"]},
            query | {"code": "cod-made-up"},
        ):
            with pytest.raises((Invalid, Reconnect)):
                finish(remembered=remembered, query=wrong, redirect_uri=bluesky_world.redirect_uri)

    def test_signing_in_to_another_profile_is_refused(self, bluesky_world):
        other = bluesky_world.peer.make_person()
        url, remembered = bluesky_world.begin()
        query = bluesky_world.peer.consent(url, other)
        with pytest.raises(Invalid, match="another profile"):
            bluesky_world.provider.finish(remembered=remembered, query=query, redirect_uri=bluesky_world.redirect_uri)


# -- who we are in production


@pytest.fixture
def in_production(settings) -> None:
    settings.BASE_URL = "https://lily.example"
    settings.ALLOWED_HOSTS = ["lily.example"]
    settings.BLUESKY_CLIENT_KEY = json.dumps(oauth.new_key())


def test_metadata_is_not_there_on_a_machine_of_ones_own(client):
    assert client.get("/oauth/bluesky/client-metadata.json").status_code == 404
    assert client.get("/oauth/bluesky/jwks.json").status_code == 404


def test_bluesky_is_not_offered_without_its_key(settings):
    settings.BASE_URL, settings.BLUESKY_CLIENT_KEY = "https://lily.example", ""
    assert oauth.is_configured() is False


def test_metadata_is_what_the_reference_server_takes(client, in_production):
    require_node()
    metadata = client.get("/oauth/bluesky/client-metadata.json", headers={"host": "lily.example"}).json()
    assert (
        metadata["client_id"] == oauth.client_id("ignored") == "https://lily.example/oauth/bluesky/client-metadata.json"
    )
    program = (
        "import('@atproto/oauth-types').then(({ oauthClientMetadataSchema }) => "
        "oauthClientMetadataSchema.parse(JSON.parse(process.argv[1])))"
    )
    subprocess.run(["node", "-e", program, json.dumps(metadata)], cwd=PEERS, check=True, timeout=60)


def test_assertion_opens_with_the_published_key_only(client, in_production):
    published = client.get("/oauth/bluesky/jwks.json", headers={"host": "lily.example"}).json()
    assert all("d" not in key for key in published["keys"])
    name = oauth.client_id("ignored")
    fields = oauth._client_fields(name, "https://bsky.social")
    claims = jwt.decode(fields["client_assertion"], KeySet.import_key_set(published), algorithms=["ES256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == (name, name, "https://bsky.social")
    assert 0 < claims["exp"] - claims["iat"] <= 60
