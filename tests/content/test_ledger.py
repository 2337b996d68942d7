import csv
from datetime import timedelta
from io import StringIO

import pytest

from apps.content import ledger, listing, publishing, services, settling
from apps.content.catalog import Status
from apps.content.models import Publication
from apps.core import clock
from apps.social.models import SandboxPost
from apps.social.providers.sandbox import Fault
from tests.factories import make_brand, make_channel, make_due, make_fault, make_scheduled

pytestmark = pytest.mark.django_db


def explained(publication: Publication) -> ledger.Explanation:
    return ledger.explain(Publication.objects.select_related("post", "channel").get(pk=publication.pk))


def test_every_state_is_explained_in_words_with_what_can_be_done():
    publication = make_scheduled().publications.get()
    assert explained(publication).text == "Goes out to Sandbox at its time."
    for status in Status:
        Publication.objects.update(
            status=status, fence=publication.pk, lease_until=clock.now(), published_at=clock.now(), problem="Too rude"
        )
        explanation = explained(publication)
        assert explanation.text
        assert explanation.level in ("info", "success", "warning", "danger")


def test_a_retry_says_why_and_when():
    publication = make_due()
    make_fault(publication.channel, Fault.TRY_LATER, seconds=45)
    publishing.publish(publication.pk)
    assert explained(publication).text in (
        f"Sandbox did not take it yet: The sandbox is busy. We try again in {seconds} seconds." for seconds in (44, 45)
    )
    assert explained(publication).verbs == ("retry", "cancel")


def test_a_refusal_says_what_to_do():
    publication = make_due()
    make_fault(publication.channel, Fault.REJECT)
    publishing.publish(publication.pk)
    explanation = explained(publication)
    assert explanation.text.startswith("Sandbox refused this: The sandbox refuses this content")
    assert (explanation.level, explanation.verbs) == ("danger", ("retry", "dismiss"))


def test_words_the_brand_stopped_are_not_said_to_be_refused_by_the_network():
    post = make_scheduled(text="A miracle bread")
    make_brand(workspace=post.workspace, avoid=[{"term": "miracle", "mode": "block"}])
    explanation = explained(post.publications.get())
    assert explanation.text == (
        "Off the calendar: Your brand avoids “miracle”. Change it and send it again, or leave it."
    )
    assert explanation.verbs == ("retry", "dismiss")


def test_a_held_one_says_who_holds_it():
    publication = make_scheduled().publications.get()
    channel = publication.channel
    channel.pause()
    channel.save()
    services.review_channel(channel=channel)
    assert explained(publication).text == "Publishing is paused for this profile."


def test_the_timeline_tells_the_story_in_order_without_a_query(django_assert_num_queries):
    publication = make_due()
    make_fault(publication.channel, Fault.LOSE_ANSWER)
    publishing.publish(publication.pk)
    settling.settle(publication.pk)
    post = listing.find(publication.workspace, publication.post_id)
    with django_assert_num_queries(0):
        lines = ledger.timeline(post)
    name = str(publication.channel)
    assert [line.text for line in lines] == [
        "Written by Lily.",
        f"Sent to {name}, but no answer came.",
        f"Looked at {name}: it is there.",
    ]
    assert lines[-1].url.endswith(f"#post-{SandboxPost.objects.get().pk}")


def test_lateness_is_the_median_and_the_95th_percentile():
    channel = make_channel()
    for seconds in range(1, 12):
        row = make_due(channels=[channel])
        Publication.objects.filter(pk=row.pk).update(
            status=Status.PUBLISHED, due_at=clock.now(), published_at=clock.now() + timedelta(seconds=seconds)
        )
    late = ledger.lateness(channel.workspace, since=clock.now() - timedelta(days=1))
    assert (round(late.p50.total_seconds()), round(late.p95.total_seconds(), 1), late.count) == (6, 10.5, 11)


def test_lateness_of_nothing_is_nothing():
    late = ledger.lateness(make_channel().workspace, since=clock.now())
    assert late == ledger.Lateness(None, None, 0)


def test_the_export_has_one_row_per_publication():
    publication = make_due(text="Fresh bread")
    publishing.publish(publication.pk)
    file = StringIO()
    csv.writer(file).writerows(ledger.export_rows(publication.workspace))
    file.seek(0)
    (row,) = csv.DictReader(file)
    assert (row["network"], row["state"], row["text"]) == ("sandbox", "published", "Fresh bread")
