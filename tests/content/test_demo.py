"""The demonstration command: the whole main job, here with no worker running."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from apps.content.models import Attempt, Publication
from apps.media.models import Asset
from apps.social.providers.sandbox import SandboxPost
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def owner():
    user = factories.make_user(email="owner@example.com")
    factories.make_organization(owner=user, plan="pro")
    return user


def run(tmp_path, **options) -> str:
    said = StringIO()
    picture = tmp_path / "demo.png"
    call_command("demo", email="owner@example.com", seconds=1, picture=picture, stdout=said, **options)
    return said.getvalue()


def test_the_main_job_from_a_topic_to_a_live_post(owner, tmp_path):
    said = run(tmp_path, topic="2 for 1 on all teas today. Come by.")

    steps = [line.split(maxsplit=1)[0] for line in said.splitlines()]
    assert list(dict.fromkeys(steps)) == [
        *("brand", "profile", "contract", "candidate", "drawn", "picture", "alt", "words", "post"),
        *("scheduled", "published", "live", "ledger", "done"),
    ]
    assert "no imaging worker runs" in said
    assert "Lily's own words" in said
    post = SandboxPost.objects.get()
    assert post.text.startswith("2 for 1 on all teas today.")
    assert post.pictures.count() == 1
    assert Attempt.objects.count() == 1
    assert Publication.objects.get().url in said
    with Image.open(tmp_path / "demo.png") as picture:
        assert picture.size == (1080, 1080)


def test_a_second_run_uses_the_same_brand_and_profile(owner, tmp_path):
    run(tmp_path)
    run(tmp_path)

    assert SandboxPost.objects.count() == 2
    assert Publication.objects.values("channel").distinct().count() == 1
    assert Asset.objects.values("workspace").distinct().count() == 1


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"network": "nowhere"}, "There is no network 'nowhere' here."),
        ({"network": "bluesky"}, "Give --url, --handle and --password"),
    ],
)
def test_what_is_missing_is_one_sentence(owner, tmp_path, options, why):
    with pytest.raises(CommandError, match=why):
        run(tmp_path, **options)


def test_without_anybody_it_says_what_to_do(tmp_path):
    with pytest.raises(CommandError, match="Run seed_demo first"):
        run(tmp_path)


def test_it_posts_to_a_real_bluesky_server(owner, tmp_path, bluesky):
    person = bluesky.make_person()
    secret = bluesky.make_app_password(person)

    said = run(tmp_path, network="bluesky", url=bluesky.url, handle=person.handle, password=secret)

    (record,) = bluesky.posts(person)
    picture = record["value"]["embed"]["images"][0]
    assert picture["alt"].startswith("Offer card by Lemon Tree Café: 20 % off every cake this weekend.")
    assert picture["image"]["size"] < 1_000_000
    assert "https://bsky.app/profile/" in said
