"""How each network counts the characters of a text. `networks.count` picks the counter; these are the algorithms."""

from __future__ import annotations

import unicodedata

import regex

# A link as people paste it: http(s), up to white space or a quote. Trailing punctuation belongs to the sentence.
LINK = regex.compile(r"https?://[^\s<>\"“”]*[^\s<>\"“”.,;:!?')\]}…]", regex.IGNORECASE)
BARE_DOMAIN = regex.compile(
    r"(?<![\w@.$#/-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?:[a-z]{2}|com|net|org|edu|gov|info|biz|app|dev|blog|shop|store|site|online|social|news|agency|cafe|restaurant)"
    r"(?![\w.-]*[\w@])(?:/[^\s<>]*)?",
    regex.IGNORECASE,
)
# mastodon/mastodon, Account::MENTION_RE: "@user@domain", not inside a word or an address.
MENTION = regex.compile(r"(?<![=/\w])@(([a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+[\w]+)", regex.IGNORECASE)
# One emoji as a reader sees it: a cluster that starts as a picture, is made one (U+FE0F), a keycap or a flag.
EMOJI = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}.*[\uFE0F\u200D]|[0-9#*]\uFE0F?\u20E3|\p{RI}{2}"
)
GRAPHEME = regex.compile(r"\X")


def code_points(text: str) -> int:
    """Unicode code points: what vendors mean by "characters" when they say no more."""
    return len(text)


def graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX #29) by the Unicode version of the `regex` package.

    A network's own segmenter may know an older or newer Unicode: a cluster added between the two versions (a new
    emoji sequence, an Indic conjunct) can count differently there by one.
    """
    return len(GRAPHEME.findall(text))


def utf8_bytes(text: str) -> int:
    return len(text.encode())


def utf16_units(text: str) -> int:
    """UTF-16 code units (an emoji outside the first plane counts two)."""
    return len(text.encode("utf-16-le")) // 2


def emoji_as_bytes(text: str) -> int:
    """Threads: every character one, emoji by the number of their UTF-8 bytes."""
    return sum(len(cluster.encode()) if EMOJI.match(cluster) else len(cluster) for cluster in GRAPHEME.findall(text))


def mastodon(text: str) -> int:
    """Mastodon: a link counts 23 whatever its length, `@user@domain` counts as `@user`, the rest by grapheme.

    Source: mastodon/mastodon app/validators/status_length_validator.rb (URL_PLACEHOLDER_CHARS, countable_text).
    """
    return graphemes(MENTION.sub(r"@\2", LINK.sub("x" * 23, text)))


def weighted(text: str) -> int:
    """X: twitter-text's third configuration. Links 23, emoji 2, Latin and its neighbours 1, everything else 2.

    X also makes links of bare domains; those are found by country or by the commonest general endings.
    Source: github.com/twitter/twitter-text config/v3.json, docs.x.com/fundamentals/counting-characters.
    """
    rest, links = LINK.subn("", unicodedata.normalize("NFC", text))
    rest, domains = BARE_DOMAIN.subn("", rest)
    clusters = (2 if EMOJI.match(cluster) else _weight(cluster) for cluster in GRAPHEME.findall(rest))
    return 23 * (links + domains) + sum(clusters)


def _weight(cluster: str) -> int:
    return sum(1 if _is_light(ord(character)) else 2 for character in cluster)


def _is_light(point: int) -> bool:
    return point <= 4351 or 8192 <= point <= 8205 or 8208 <= point <= 8223 or 8242 <= point <= 8247
