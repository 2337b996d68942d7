"""Facts of each network, as data: what it takes and how it counts. Behaviour is in `apps.social.providers`.

`sources` names the vendor's pages a network's facts come from. Where a vendor states no limit, the field says so in
its comment and holds the value we keep to. Bluesky's are also compared with its own server by the tests.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.core import counting

JPEG, PNG, WEBP, GIF = "image/jpeg", "image/png", "image/webp", "image/gif"
MB = 1_000_000
MIB = 1024 * 1024


class Placement(TextChoices):
    """Where on a network a picture stands; each has its own pixel size."""

    SQUARE = "square", _("square")
    PORTRAIT = "portrait", _("portrait")
    LANDSCAPE = "landscape", _("landscape")
    STORY = "story", _("story")
    BANNER = "banner", _("banner")


@dataclass(frozen=True)
class Network:
    """One network. Sizes of `placements` are (width, height) in pixels, the first is the usual one of a post."""

    key: str
    label: str
    colour: str  # of the small mark only, as #rrggbb
    max_characters: int
    placements: dict[str, tuple[int, int]]
    sources: tuple[str, ...]
    counter: Callable[[str], int] = counting.code_points
    max_bytes: int | None = None  # UTF-8 bytes of the text
    url_length: int | None = None  # what a link counts, where it is not its own length
    pictures_min: int = 0
    pictures_max: int = 4
    picture_bytes_max: int = 5 * MB
    picture_mimes: tuple[str, ...] = (JPEG, PNG)
    picture_pixels_max: tuple[int, int] | None = None  # width, height
    ratio_min: float | None = None  # width / height
    ratio_max: float | None = None
    alt_max: int = 1000
    hashtags_max: int | None = None
    title_max: int | None = None
    extra: dict[str, int] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def placement(self) -> str:
        """The usual placement of a picture in a post."""
        return next(iter(self.placements))

    def count(self, text: str) -> int:
        """How many characters the network sees in `text`."""
        return self.counter(text)

    def fits(self, text: str) -> bool:
        """Whether the network takes a text of this length, in its characters and in bytes."""
        return self.count(text) <= self.max_characters and (
            self.max_bytes is None or counting.utf8_bytes(text) <= self.max_bytes
        )


_TABLE = (
    Network(
        key="x",
        label="X",
        colour="#000000",
        max_characters=280,
        counter=counting.weighted,
        url_length=23,
        pictures_max=4,
        picture_bytes_max=5 * MB,
        picture_mimes=(JPEG, PNG, WEBP, GIF),
        alt_max=1000,
        placements={
            Placement.LANDSCAPE: (1600, 900),
            Placement.SQUARE: (1080, 1080),
            Placement.PORTRAIT: (1080, 1350),
            Placement.BANNER: (1500, 500),
        },
        sources=(
            "https://docs.x.com/fundamentals/counting-characters",
            "https://docs.x.com/x-api/media/quickstart/best-practices",
            "https://docs.x.com/x-api/media/create-media-metadata",
        ),
    ),
    Network(
        key="facebook",
        label="Facebook",
        colour="#0866ff",
        max_characters=63_206,
        pictures_max=10,  # none stated for attached_media; the page composer's own habit
        picture_bytes_max=10 * MB,
        picture_mimes=(JPEG, PNG, GIF),
        alt_max=1000,  # none stated
        placements={
            Placement.LANDSCAPE: (1200, 630),
            Placement.SQUARE: (1080, 1080),
            Placement.PORTRAIT: (1080, 1350),
            Placement.STORY: (1080, 1920),
            Placement.BANNER: (1640, 624),
        },
        sources=(
            "https://developers.facebook.com/docs/graph-api/reference/page/photos/",
            "https://developers.facebook.com/docs/pages-api/posts/",
        ),
    ),
    Network(
        key="instagram",
        label="Instagram",
        colour="#d6249f",
        max_characters=2200,
        pictures_min=1,
        pictures_max=10,
        picture_bytes_max=8 * MB,
        picture_mimes=(JPEG,),
        ratio_min=4 / 5,
        ratio_max=1.91,
        alt_max=1000,
        hashtags_max=30,
        placements={
            Placement.PORTRAIT: (1080, 1350),
            Placement.SQUARE: (1080, 1080),
            Placement.LANDSCAPE: (1080, 566),
            Placement.STORY: (1080, 1920),
        },
        sources=(
            "https://developers.facebook.com/docs/instagram-platform/instagram-graph-api/reference/ig-user/media/",
        ),
    ),
    Network(
        key="linkedin",
        label="LinkedIn",
        colour="#0a66c2",
        max_characters=3000,
        pictures_max=20,
        picture_bytes_max=8 * MB,  # stated in pixels (36,152,320), not in bytes
        picture_mimes=(JPEG, PNG, GIF),
        alt_max=4086,
        placements={
            Placement.LANDSCAPE: (1200, 627),
            Placement.SQUARE: (1200, 1200),
            Placement.PORTRAIT: (1080, 1350),
            Placement.BANNER: (1128, 191),
        },
        sources=(
            "https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api",
            "https://learn.microsoft.com/linkedin/marketing/community-management/shares/multiimage-post-api",
            "https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api",
        ),
    ),
    Network(
        key="threads",
        label="Threads",
        colour="#000000",
        max_characters=500,
        counter=counting.emoji_as_bytes,
        pictures_max=20,
        picture_bytes_max=8 * MB,
        picture_mimes=(JPEG, PNG),
        ratio_min=1 / 10,
        ratio_max=10.0,
        alt_max=1000,
        hashtags_max=1,
        placements={
            Placement.PORTRAIT: (1080, 1350),
            Placement.SQUARE: (1080, 1080),
            Placement.LANDSCAPE: (1440, 810),
        },
        sources=(
            "https://developers.facebook.com/docs/threads/overview",
            "https://developers.facebook.com/docs/threads/posts",
        ),
    ),
    Network(
        key="bluesky",
        label="Bluesky",
        colour="#1185fe",
        max_characters=300,
        counter=counting.graphemes,
        max_bytes=3000,
        pictures_max=4,
        picture_bytes_max=1_000_000,
        picture_mimes=(JPEG, PNG, WEBP),
        picture_pixels_max=(2000, 2000),  # what the app itself scales to
        alt_max=2000,  # none in the lexicon; the app's own field stops here
        placements={
            Placement.LANDSCAPE: (1600, 900),
            Placement.SQUARE: (1080, 1080),
            Placement.PORTRAIT: (1080, 1350),
            Placement.BANNER: (1500, 500),
        },
        sources=(
            "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json",
            "https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/embed/images.json",
        ),
    ),
    Network(
        key="mastodon",
        label="Mastodon",
        colour="#6364ff",
        max_characters=500,  # an instance may allow more and says so in /api/v2/instance; this is the software's own
        counter=counting.mastodon,
        url_length=23,
        pictures_max=4,
        picture_bytes_max=16 * MIB,
        picture_mimes=(JPEG, PNG, WEBP, GIF),
        alt_max=1500,
        placements={
            Placement.LANDSCAPE: (1600, 900),
            Placement.SQUARE: (1080, 1080),
            Placement.PORTRAIT: (1080, 1350),
            Placement.BANNER: (1500, 500),
        },
        sources=(
            "https://docs.joinmastodon.org/user/posting/",
            "https://docs.joinmastodon.org/entities/Instance/",
            "https://github.com/mastodon/mastodon/blob/main/app/validators/status_length_validator.rb",
        ),
    ),
    Network(
        key="tiktok",
        label="TikTok",
        colour="#fe2c55",
        max_characters=4000,
        counter=counting.utf16_units,
        pictures_min=1,
        pictures_max=35,
        picture_bytes_max=20 * MB,
        picture_mimes=(JPEG, WEBP),
        picture_pixels_max=(1080, 1920),
        alt_max=0,  # the API takes none
        title_max=90,
        placements={Placement.STORY: (1080, 1920), Placement.PORTRAIT: (1080, 1350), Placement.SQUARE: (1080, 1080)},
        sources=(
            "https://developers.tiktok.com/doc/content-posting-api-reference-photo-post",
            "https://developers.tiktok.com/doc/content-posting-api-media-transfer-guide",
        ),
    ),
    Network(
        key="youtube",
        label="YouTube",
        colour="#ff0033",
        max_characters=5000,
        counter=counting.utf8_bytes,
        max_bytes=5000,
        pictures_max=1,  # the thumbnail of a video
        picture_bytes_max=2 * MB,
        picture_mimes=(JPEG, PNG),
        alt_max=0,  # the API takes none
        title_max=100,
        placements={Placement.LANDSCAPE: (1280, 720), Placement.BANNER: (2560, 1440)},
        sources=(
            "https://developers.google.com/youtube/v3/docs/videos",
            "https://developers.google.com/youtube/v3/docs/thumbnails/set",
        ),
    ),
    Network(
        key="pinterest",
        label="Pinterest",
        colour="#bd081c",
        max_characters=800,
        pictures_min=1,
        pictures_max=5,
        picture_bytes_max=20 * MB,
        picture_mimes=(JPEG, PNG),
        alt_max=500,
        title_max=100,
        placements={Placement.PORTRAIT: (1000, 1500), Placement.SQUARE: (1000, 1000)},
        sources=("https://developers.pinterest.com/docs/api/v5/pins-create",),
    ),
    Network(
        key="sandbox",
        label="Sandbox",
        colour="#6b7280",
        max_characters=500,
        pictures_max=4,
        picture_bytes_max=5 * MB,
        picture_mimes=(JPEG, PNG, WEBP),
        alt_max=1000,
        placements={
            Placement.LANDSCAPE: (1600, 900),
            Placement.SQUARE: (1080, 1080),
            Placement.PORTRAIT: (1080, 1350),
            Placement.STORY: (1080, 1920),
        },
        sources=("Lily's own trial network: apps/social/providers/sandbox.py",),
    ),
)

NETWORKS: dict[str, Network] = {network.key: network for network in _TABLE}


def choices() -> list[tuple[str, str]]:
    """For model fields, as a callable: adding a network makes no migration."""
    return [(network.key, network.label) for network in _TABLE]


def count(network_key: str, text: str) -> int:
    """How many characters the network sees in `text`. Raises KeyError for a network we do not know."""
    return NETWORKS[network_key].count(text)
