"""What a post is on Bluesky: its key, its record, and the facets that make links, mentions and tags work.

Sources: https://atproto.com/specs/tid, https://docs.bsky.app/docs/advanced-guides/post-richtext, and the lexicons
app.bsky.feed.post, app.bsky.richtext.facet, app.bsky.embed.images.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC
from typing import Any

import regex

from apps.core.counting import LINK
from apps.social.providers.base import Draft, Picture

COLLECTION = "app.bsky.feed.post"
MENTIONS_MAX = 5  # look-ups within one post; further ones stay plain text
TAG_MAX = 64  # graphemes of one tag, by the lexicon

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_MENTION = regex.compile(
    r"(?<=^|\s|\()@(([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?)", regex.IGNORECASE
)
# bluesky-social/atproto packages/api/src/rich-text/util.ts, TAG_REGEX and TRAILING_PUNCTUATION_REGEX.
_TAG = regex.compile(r"(?<=^|\s)[#＃](?!\uFE0F)([^\s\u00AD\u2060\u200A-\u200D\u20E2]+)")  # noqa: RUF001
_TRAILING = regex.compile(r"\p{P}+$")


def record_key(draft: Draft) -> str:
    """The record's key (a TID), the same for every try of a publication: a second `putRecord` changes nothing.

    53 bits of microseconds and 10 bits of a clock's number; the last 20 bits of time and number come from the key,
    so that two publications of the same second do not meet.
    """
    digest = int.from_bytes(hashlib.sha256(draft.key.encode()).digest()[:8])
    microseconds = int(draft.created_at.timestamp()) * 1_000_000 + digest % 1_000_000
    number = (microseconds << 10) | ((digest // 1_000_000) % 1024)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


def make_record(draft: Draft, blobs: list[dict[str, Any]], resolve: Callable[[str], str | None]) -> dict[str, Any]:
    """The record of a post. `blobs` are the uploaded pictures in order; `resolve` turns a handle into a DID."""
    record: dict[str, Any] = {
        "$type": COLLECTION,
        "text": draft.text,
        "createdAt": draft.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
        "langs": [draft.language],
    }
    if facets := make_facets(draft.text, resolve):
        record["facets"] = facets
    if blobs:
        images = [_image(blob, picture) for blob, picture in zip(blobs, draft.pictures, strict=True)]
        record["embed"] = {"$type": "app.bsky.embed.images", "images": images}
    return record


def _image(blob: dict[str, Any], picture: Picture) -> dict[str, Any]:
    size = {"width": picture.width, "height": picture.height}
    return {"image": blob, "alt": picture.alt, "aspectRatio": size}


def make_facets(text: str, resolve: Callable[[str], str | None]) -> list[dict[str, Any]]:
    """Links, mentions and tags with their places in UTF-8 bytes. A mention nobody answers to stays plain text."""
    facets = [
        _facet(text, found.span(), {"$type": f"{_FEATURE}#link", "uri": found[0]}) for found in LINK.finditer(text)
    ]
    links = [found.span() for found in LINK.finditer(text)]
    known: dict[str, str | None] = {}
    for found in _MENTION.finditer(text):
        handle = found[1].lower()
        if handle not in known and len(known) < MENTIONS_MAX:
            known[handle] = resolve(handle)
        if known.get(handle) and not _inside(found.start(), links):
            facets.append(_facet(text, found.span(), {"$type": f"{_FEATURE}#mention", "did": known[handle]}))
    for found in _TAG.finditer(text):
        tag = _TRAILING.sub("", found[1])
        if tag and not tag.isdecimal() and len(tag) <= TAG_MAX and not _inside(found.start(), links):
            end = found.start(1) + len(tag)
            facets.append(_facet(text, (found.start(), end), {"$type": f"{_FEATURE}#tag", "tag": tag}))
    return sorted(facets, key=lambda facet: facet["index"]["byteStart"])


_FEATURE = "app.bsky.richtext.facet"


def _inside(position: int, spans: list[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def _facet(text: str, span: tuple[int, int], feature: dict[str, str]) -> dict[str, Any]:
    index = {"byteStart": len(text[: span[0]].encode()), "byteEnd": len(text[: span[1]].encode())}
    return {"index": index, "features": [feature]}
