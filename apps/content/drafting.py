"""From our rows to what a provider takes: the words for the network and the pictures' bytes."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from apps.brand.moderation import moderate_words
from apps.brand.vault import StyleVault
from apps.content.models import Post, PostPicture, Publication, PublicationQuerySet
from apps.core.errors import ContentRejected
from apps.core.networks import NETWORKS
from apps.imaging.models import Rendition
from apps.media.models import Asset
from apps.social.providers.base import Draft, Picture


def words_of(post: Post, network: str, vault: StyleVault) -> str:
    """The post's words for a network as they go out: with the brand's replacements made."""
    return moderate_words(post.text_for(network), vault).text


def draft_of(publication: Publication, *, taken: frozenset[str] = frozenset()) -> Draft:
    """What to send, or with `taken` (the remote ids of others) what to look for.

    The same for every try of a publication, whatever becomes of the brand's rules meanwhile: its words were written
    down when it was put on the calendar. Only who edits the post changes them, and nobody may while it is under way.

    Raises ContentRejected when a picture cannot go out as it is.
    """
    post = publication.post
    return Draft(
        key=publication.key,
        text=publication.words,
        created_at=publication.started_at,
        pictures=tuple(_picture(use, publication.channel.network) for use in _uses(publication)),
        language=post.language,
        taken=taken,
    )


def lacks_renditions(publication: Publication) -> bool:
    """Whether a picture is still being made ready for the network (`imaging.tasks.make_rendition`)."""
    network = publication.channel.network
    return any(_rendition(use.asset, network) is None and not fits(use.asset, network) for use in _uses(publication))


def missing_renditions(publications: PublicationQuerySet) -> set[tuple[UUID, str]]:
    """(asset, network) of every picture of these that is not ready for its network."""
    pictured = publications.filter(post__pictures__isnull=False).distinct().for_sending()
    return {
        (use.asset_id, publication.channel.network)
        for publication in pictured
        for use in publication.post.pictures.all()
        if use.asset.is_ready
        and not fits(use.asset, publication.channel.network)
        and _rendition(use.asset, publication.channel.network) is None
    }


def fits(asset: Asset, network: str) -> bool:
    """Whether the network takes the stored picture as it is, or nobody can make it smaller (a moving one)."""
    facts = NETWORKS[network]
    width, height = facts.picture_pixels_max or (asset.width, asset.height)
    ratio = asset.width / asset.height if asset.height else 0
    return asset.is_animated or (
        asset.mime in facts.picture_mimes
        and asset.bytes <= facts.picture_bytes_max
        and asset.width <= width
        and asset.height <= height
        and (facts.ratio_min or 0) <= ratio <= (facts.ratio_max or ratio)
    )


def _uses(publication: Publication) -> Iterable[PostPicture]:
    """The post's pictures that are checked and usable. Raises ContentRejected for one that is not."""
    for use in publication.post.pictures.all():
        if not use.asset.is_ready:
            raise ContentRejected(_("A picture of this post could not be used. Take it off or choose another."))
        yield use


def _rendition(asset: Asset, network: str) -> Rendition | None:
    return next((row for row in asset.renditions.all() if (row.network, row.placement) == (network, "")), None)


def _picture(use: PostPicture, network: str) -> Picture:
    """The bytes made for this network, else the stored picture."""
    ready = _rendition(use.asset, network) or use.asset
    with ready.file.open("rb") as file:
        data = file.read()
    return Picture(data, ready.mime, ready.width, ready.height, use.alt_text[: NETWORKS[network].alt_max])
