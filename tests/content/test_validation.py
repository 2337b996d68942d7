from datetime import timedelta

import pytest

from apps.brand.services import save_kit
from apps.content import validation
from apps.content.validation import PictureChoice
from apps.core import clock
from apps.media.models import Asset
from tests.factories import make_channel, make_organization, make_workspace

pytestmark = pytest.mark.django_db


def channel(network: str = "bluesky", **fields):
    return make_channel(network=network, **fields)


def picture(
    workspace, *, mime="image/jpeg", width=1600, height=900, size=100_000, state="ready", frames=1, alt="A loaf"
):
    asset = Asset(
        workspace=workspace,
        mime=mime,
        width=width,
        height=height,
        bytes=size,
        frames=frames,
        state=state,
        problem="",
    )
    return PictureChoice(asset, alt)


def codes(channels, **content) -> list[tuple[str, str]]:
    """(field, code) of every problem."""
    content = {"text": "Fresh bread", **content}
    found = validation.check(workspace=channels[0].workspace, channels=channels, **content)
    return [(problem.field, problem.code) for problem in found]


@pytest.mark.parametrize(
    ("network", "text", "expected"),
    [
        ("bluesky", "a" * 300, []),
        ("bluesky", "a" * 301, [("text", "too_long")]),
        ("bluesky", "👩‍👩‍👧‍👦" * 120, [("text", "too_long")]),  # 120 graphemes, 3,000 bytes: one more would be too many
        ("mastodon", "a" * 500, []),
        ("mastodon", "https://example.com/" + "a" * 600, []),  # a link counts 23
        ("mastodon", "a" * 501, [("text", "too_long")]),
        ("x", "字" * 140, []),
        ("x", "字" * 141, [("text", "too_long")]),
        ("bluesky", "  ", [("text", "empty")]),
    ],
)
def test_the_words_are_counted_as_the_network_counts(network, text, expected):
    if text.startswith("👩"):
        text, expected = text + "👩‍👩‍👧‍👦", expected
    assert codes([channel(network)], text=text) == expected


def test_a_servers_own_limit_wins():
    assert codes([channel("mastodon", limits={"max_characters": 1000})], text="a" * 800) == []


def test_a_problem_of_a_networks_own_words_stands_at_its_field():
    assert codes([channel()], text="fine", variants={"bluesky": "a" * 301}) == [("variant_bluesky", "too_long")]


def test_words_may_be_left_out_where_there_is_a_picture():
    one = channel()
    assert codes([one], text="", pictures=[picture(one.workspace)]) == []


@pytest.mark.parametrize(
    ("network", "change", "expected"),
    [
        ("bluesky", {"mime": "image/gif", "frames": 2}, "picture_kind"),
        ("mastodon", {"mime": "image/gif", "frames": 2, "size": 20_000_000}, "picture_bytes"),
        ("instagram", {"width": 500, "height": 1000}, "picture_ratio"),
        ("bluesky", {"state": "pending"}, "picture_pending"),
        ("bluesky", {"state": "refused"}, "picture_refused"),
        ("mastodon", {"alt": "a" * 1501}, "alt_too_long"),
        ("bluesky", {"alt": " "}, "alt_missing"),
    ],
)
def test_what_is_wrong_with_a_picture_stands_at_that_picture(network, change, expected):
    one = channel(network)
    pictures = [picture(one.workspace), picture(one.workspace, **change)]
    assert codes([one], pictures=pictures) == [("picture_2", expected)]


def test_a_picture_that_can_be_made_smaller_or_another_kind_is_no_problem():
    one = channel("bluesky")
    pictures = [
        picture(one.workspace, size=9_000_000, width=6000, height=4000),
        picture(one.workspace, mime="image/gif"),
    ]
    assert codes([one], pictures=pictures) == []


def test_what_the_brand_blocks_stops_the_post_and_what_it_replaces_or_avoids_is_said():
    one = channel()
    rules = (
        {"term": "cheap", "mode": "block"},
        {"term": "buy", "mode": "replace", "instead": "come for"},
        {"term": "rolls", "mode": "negative"},
    )
    save_kit(workspace=one.workspace, author=None, avoid=rules)
    found = validation.check(workspace=one.workspace, channels=[one], text="Buy cheap rolls")
    assert [(row.field, row.code, row.is_error, row.message) for row in found] == [
        ("text", "brand_blocks", True, "Your brand avoids “cheap”."),
        ("text", "brand_replaces", False, "“Buy” will go out as “Come for”."),
        ("text", "brand_avoids", False, "Your brand avoids “rolls”."),
    ]


def test_words_are_measured_as_they_go_out():
    one = channel()
    save_kit(workspace=one.workspace, author=None, avoid=[{"term": "NY", "mode": "replace", "instead": "New York"}])
    assert codes([one], text="NY" + " a" * 149) == [("text", "too_long"), ("text", "brand_replaces")]
    assert codes([one], text="ok", variants={"bluesky": "NY" + " a" * 149}) == [
        ("variant_bluesky", "too_long"),
        ("variant_bluesky", "brand_replaces"),
    ]


def test_the_number_of_pictures_is_the_networks():
    one, other = channel("bluesky"), channel("instagram")
    assert codes([one], pictures=[picture(one.workspace)] * 5) == [("pictures", "pictures_too_many")]
    assert codes([other]) == [("pictures", "picture_missing")]


def test_a_missing_description_is_a_warning_and_too_long_words_an_error():
    one = channel()
    found = validation.check(
        workspace=one.workspace, channels=[one], text="a" * 301, pictures=[picture(one.workspace, alt="")]
    )
    assert validation.errors(found) == {"text": ["1 character too long for Bluesky (301 of 300)."]}
    assert [problem.is_error for problem in found] == [True, False]


def test_profiles_that_cannot_publish_are_named():
    workspace = make_workspace()
    gone = channel(workspace=workspace)
    gone.disconnect()
    new = channel(workspace=workspace, verified=False)
    paused = channel(workspace=workspace, is_paused=True)
    found = validation.check(workspace=workspace, channels=[gone, new, paused], text="x")
    assert [(row.code, row.is_error, row.channel) for row in found] == [
        ("not_connected", True, gone),
        ("not_verified", True, new),
        ("paused", False, paused),
    ]


def test_a_network_outside_the_plan_and_a_surplus_profile_are_refused_but_our_own_tool_is_not_sold():
    workspace = make_workspace(organization=make_organization(plan="free"))
    first = channel("linkedin", workspace=workspace)
    second = channel("sandbox", workspace=workspace)
    assert codes([first]) == [("channels", "feature_not_in_plan")]
    assert codes([second]) == [("channels", "locked")]


def test_times_are_ahead_and_within_the_plans_horizon():
    one = channel()
    assert codes([one], at=clock.now() - timedelta(seconds=80)) == []
    assert codes([one], at=clock.now() - timedelta(minutes=2)) == [("due_at", "in_the_past")]
    assert codes([one], at=clock.now() + timedelta(days=89)) == []
    assert codes([one], at=clock.now() + timedelta(days=91)) == [("due_at", "limit_reached")]
