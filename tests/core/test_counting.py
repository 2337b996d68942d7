"""Edges of counting. The vectors of X are those of twitter-text's own conformance suite (third configuration)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import counting, networks
from apps.core.networks import NETWORKS

FAMILY = "👨‍👩‍👧‍👦"
FLAG = "🇩🇪"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("Hi http://test.co", 26),
        ("http://test.co", 23),
        (" ".join(["https://www.twitter.com/aloha"] * 10) + " ", 240),
        ("故人西辞黄鹤楼去" * 20, 320),
        ("😷" * 160, 320),
        ("the" + "故" * 160, 323),
        ("A\u0301B", 2),
        (f"H🐱☺{FAMILY}", 7),
        ("😷👾😡🔥💩", 10),
        ("🙋🏽👨‍🎤", 4),
        (FLAG, 2),
        ("1️⃣ ❤️", 5),
        ("See example.com/menu for bread", 23 + 14),
        ("ada@example.com", 15),
        ("Fresh bread.Come in", 19),
    ],
)
def test_x_weighs(text, expected):
    assert counting.weighted(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 0),
        ("https://example.com/" + "a" * 400, 23),
        ("Look: https://x.co.", 6 + 23 + 1),
        ("example.com/menu", 16),
        ("@ada@social.example hello", 10),
        ("@ada hello", 10),
        ("ada@example.com", 15),
        (FAMILY + FLAG, 2),
    ],
)
def test_mastodon_counts(text, expected):
    assert counting.mastodon(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a" * 300, True), ("a" * 301, False), (FAMILY * 120, True), (FAMILY * 121, False), (FLAG * 300, True)],
)
def test_bluesky_minds_graphemes_and_bytes(text, expected):
    """A family is one grapheme and 25 bytes: 120 of them are 3,000 bytes."""
    assert NETWORKS["bluesky"].fits(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("bread", 5), ("é", 1), ("🚀", 4), ("Hi 🚀", 7), (FAMILY, 25), ("Größe", 5)]
)
def test_threads_counts_emoji_by_bytes(text, expected):
    assert counting.emoji_as_bytes(text) == expected


def test_tiktok_counts_utf16():
    assert networks.count("tiktok", "a🚀é") == 4


def test_count_of_an_unknown_network_is_an_error():
    with pytest.raises(KeyError):
        networks.count("myspace", "x")


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_counter_is_negative_or_grows_by_joining_lines(left, right):
    """Two texts on lines of their own count at most their sum and the line break."""
    for network in NETWORKS.values():
        assert 0 <= network.count(f"{left}\n{right}") <= network.count(left) + network.count(right) + 1


@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda network: network.key)
def test_facts_are_whole(network):
    assert network.colour.startswith("#") and len(network.colour) == 7
    assert network.sources and network.placements and network.picture_mimes
    assert 0 <= network.pictures_min <= network.pictures_max
    for width, height in network.placements.values():
        assert network.picture_pixels_max is None or (
            width <= network.picture_pixels_max[0] and height <= network.picture_pixels_max[1]
        )


@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda network: network.key)
def test_placements_of_posts_keep_the_ratio(network):
    for name, (width, height) in network.placements.items():
        if name not in ("story", "banner"):
            assert (network.ratio_min or 0) <= width / height <= (network.ratio_max or 100)


def test_networks_of_the_product_are_all_there():
    names = "x facebook instagram linkedin threads bluesky mastodon tiktok youtube pinterest sandbox"
    assert set(NETWORKS) == set(names.split())
