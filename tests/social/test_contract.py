"""What every provider promises, shown on each network: the sandbox, a real PDS, mastodon-mock."""

import pytest

from apps.core import clock
from apps.core.errors import DomainError, Reconnect
from tests.social.conftest import make_draft, make_picture

pytestmark = pytest.mark.django_db


def test_connecting_gives_a_profile_that_can_be_verified(world):
    profile, account = world.connect()
    assert profile.account_id == account.account_id
    assert profile.handle.startswith("@")
    assert profile.url.startswith("http")
    assert world.provider.verify(account) == profile


def test_callback_of_another_sign_in_is_refused(world):
    _url, remembered = world.begin()
    with pytest.raises(DomainError):
        world.provider.finish(remembered=remembered, query={"code": "made-up"}, redirect_uri=world.redirect_uri)


def test_publishing_twice_with_one_key_makes_one_post(world):
    _profile, account = world.connect()
    draft = make_draft(pictures=(make_picture(),))
    first, second = (world.provider.publish(account, draft) for _ in range(2))
    assert first.remote_id == second.remote_id
    assert first.url.startswith("http")
    assert world.live(account) == ["Soup of the day"]


def test_two_publications_with_the_same_words_are_two_posts(world):
    _profile, account = world.connect()
    first = world.provider.publish(account, make_draft())
    second = make_draft(taken=frozenset([first.remote_id]))
    assert world.provider.find(account, second) is None
    assert world.provider.publish(account, second).remote_id != first.remote_id
    assert world.live(account) == ["Soup of the day"] * 2


def test_finding_says_what_is_live_and_what_certainly_is_not(world):
    _profile, account = world.connect()
    draft = make_draft("Soup & bread <today> https://example.com/menu?day=1 #soup @nobody.example\n\nCome in")
    assert world.provider.find(account, draft) is None
    published = world.provider.publish(account, draft)
    found = world.provider.find(account, draft)
    assert (found.remote_id, found.url) == (published.remote_id, published.url)
    assert world.provider.find(account, make_draft("Something else")) is None


def test_refreshed_credentials_work(world):
    _profile, account = world.connect()
    renewed = type(account)(**{**vars(account), "credentials": world.provider.refresh(account)})
    assert world.provider.verify(renewed).account_id == account.account_id
    assert world.provider.publish(renewed, make_draft()).remote_id
    if "expires_at" in renewed.credentials:
        assert renewed.credentials["expires_at"] > clock.now().isoformat()


def test_revoked_permission_is_a_reconnect(world):
    _profile, account = world.connect()
    world.provider.revoke(account)
    with pytest.raises(Reconnect):
        world.provider.verify(account)
    with pytest.raises(Reconnect):
        world.provider.publish(account, make_draft())
    assert world.live(account) == []
