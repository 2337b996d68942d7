"""The same job over Mastodon, by services and a real worker: connect, picture, schedule, publish, read back, once."""

import time
from datetime import timedelta

import pytest

from apps.content import services
from apps.content.models import Attempt, Publication
from apps.content.validation import PictureChoice
from apps.core import clock, valkey
from apps.social import connecting, providers
from apps.social.providers.mastodon import plain_text
from tests.e2e.test_main_job import wait_until
from tests.e2e.workers import Worker
from tests.factories import make_asset, make_organization, make_user, make_workspace

pytestmark = pytest.mark.django_db(transaction=True)

WORDS = "Soup & bread <today>\n\nhttps://cafe-linden.example #lunch"


@pytest.fixture
def worker(transactional_db, mastodon, tmp_path):
    worker = Worker(tmp_path, {"OUTBOUND_ALLOW": ",".join(mastodon.allow)})
    yield worker
    worker.stop()
    clock.reset()
    valkey.connection().flushdb()


def test_post_with_a_picture_is_live_once_at_its_minute(mastodon, worker):
    owner, person = make_user(), mastodon.make_person()
    workspace = make_workspace(organization=make_organization(owner=owner))
    url = connecting.begin(provider=providers.get("mastodon"), workspace=workspace, user=owner, server=mastodon.url)
    query = mastodon.consent(url, person)
    state = connecting.claim(network="mastodon", user=owner, token=query["state"])
    (channel,) = connecting.finish(state, query)

    picture = PictureChoice(make_asset(workspace=workspace, user=owner), "A blue bowl of soup")
    post = services.create_post(workspace=workspace, author=owner, text=WORDS, channels=[channel], pictures=[picture])
    services.schedule_post(post=post, at=clock.now() + timedelta(minutes=1))
    assert mastodon.statuses(person) == []
    clock.move(timedelta(minutes=1))
    wait_until(lambda: Publication.objects.get().status == "published", worker)

    time.sleep(3)  # the beat goes on sweeping
    (status,) = mastodon.statuses(person)
    assert plain_text(status["content"]) == " ".join(WORDS.split())
    assert [each["description"] for each in status["media_attachments"]] == ["A blue bowl of soup"]
    publication = Publication.objects.get()
    assert (publication.remote_id, publication.url) == (status["id"], status["url"])
    assert Attempt.objects.count() == 1

    assert connecting.disconnect(channel, actor=owner) is True
