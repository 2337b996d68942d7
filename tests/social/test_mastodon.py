"""Mastodon's own: addresses as people type them, PKCE against a strict server, limits, and texts as they are shown."""

import pytest

from apps.core.errors import Invalid, Reconnect
from apps.social import providers
from apps.social.providers import mastodon
from apps.social.providers.base import Account
from tests.peers.fixtures import REDIRECT_URI
from tests.peers.oauth import CLIENT_ID, CLIENT_SECRET
from tests.social.conftest import make_draft, make_picture

provider = providers.get("mastodon")


@pytest.mark.parametrize("typed", ["mastodon.social", " https://Mastodon.Social/ ", "@ada@mastodon.social"])
def test_server_is_read_as_people_type_it(typed):
    assert provider.clean_server(typed) == "https://mastodon.social"


@pytest.mark.parametrize("typed", ["", "mastodon", "ftp://mastodon.social", "a b.c", "http://"])
def test_what_is_no_server_is_said_so(typed):
    with pytest.raises(Invalid) as refused:
        provider.clean_server(typed)
    assert list(refused.value.fields) == ["server"]


def test_plain_http_only_where_the_installation_allows_it(settings):
    assert provider.clean_server("http://mastodon.social") == "https://mastodon.social"
    settings.OUTBOUND_ALLOW = ["127.0.0.1:3000"]
    assert provider.clean_server("http://127.0.0.1:3000") == "http://127.0.0.1:3000"


def test_address_without_a_mastodon_is_said_at_the_field(recorder):
    with pytest.raises(Invalid) as refused:
        provider.register_app(server=recorder.url, redirect_uri=REDIRECT_URI)
    assert list(refused.value.fields) == ["server"]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("<p>Soup</p>", "Soup"),
        ("<p>One<br />two</p><p>three &amp; &lt;four&gt;</p>", "One two three & <four>"),
        (
            '<p><a href="https://x.org/a"><span class="a">https://</span><span class="b">x.org/a</span></a>',
            "https://x.org/a",
        ),
        ('<p>Hi <span class="h-card"><a href="https://x/@ada">@<span>ada</span></a></span></p>', "Hi @ada"),
    ],
)
def test_status_is_read_back_as_text(content, text):
    assert mastodon.plain_text(content) == text


def test_mention_is_compared_as_it_is_shown():
    assert mastodon._as_shown("Hi @ada@example.social") == "Hi @ada"


class TestStrictServer:
    """The OAuth half, judged by a certified server that refuses what it should."""

    @pytest.fixture
    def app(self, strict_oauth) -> dict:
        ends = {"authorize": "/auth", "token": "/token", "revoke": "/token/revocation"}
        return {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            **{name: strict_oauth.url + path for name, path in ends.items()},
        }

    @pytest.fixture
    def back(self, strict_oauth, app) -> tuple[dict, dict]:
        url, remembered = provider.begin(
            server="http://x", hint="", redirect_uri=REDIRECT_URI, state="state-1", app=app
        )
        return strict_oauth.consent(url), remembered

    def test_code_is_exchanged_with_its_verifier(self, app, back):
        query, remembered = back
        assert query["state"] == "state-1"
        tokens = mastodon.exchange(app, code=query["code"], verifier=remembered["verifier"], redirect_uri=REDIRECT_URI)
        assert tokens["access_token"]

    def test_wrong_verifier_is_refused(self, app, back):
        query, remembered = back
        with pytest.raises(Invalid):
            mastodon.exchange(app, code=query["code"], verifier=remembered["verifier"] + "x", redirect_uri=REDIRECT_URI)

    def test_code_works_once(self, app, back):
        query, remembered = back
        fields = {"code": query["code"], "verifier": remembered["verifier"], "redirect_uri": REDIRECT_URI}
        mastodon.exchange(app, **fields)
        with pytest.raises(Invalid):
            mastodon.exchange(app, **fields)

    def test_refresh_token_works_once(self, app, back):
        query, remembered = back
        tokens = mastodon.exchange(app, code=query["code"], verifier=remembered["verifier"], redirect_uri=REDIRECT_URI)
        credentials = mastodon._credentials(app, tokens)
        account = Account("http://x", "1@x", "@ada", CLIENT_ID, credentials)
        renewed = provider.refresh(account)
        assert renewed["access_token"] != credentials["access_token"]
        assert renewed["expires_at"]
        with pytest.raises(Reconnect):
            provider.refresh(account)


@pytest.mark.django_db
def test_picture_keeps_its_description(mastodon_world):
    _profile, account = mastodon_world.connect()
    mastodon_world.provider.publish(account, make_draft(pictures=(make_picture("Soup in a blue bowl"),)))
    (status,) = mastodon_world.peer.statuses(mastodon_world.person)
    assert [each["description"] for each in status["media_attachments"]] == ["Soup in a blue bowl"]


@pytest.mark.django_db
def test_server_says_its_limits(mastodon_world):
    profile, _account = mastodon_world.connect()
    assert profile.limits == {"max_characters": 500, "pictures_max": 4, "picture_bytes_max": 10_485_760}
