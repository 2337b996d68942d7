"""From our rows to what a provider takes: the words for the network and the pictures' bytes."""

from __future__ import annotations

from django.utils.translation import gettext as _

from apps.content.models import PostPicture, Publication
from apps.core.errors import ContentRejected
from apps.core.networks import NETWORKS
from apps.social.providers.base import Draft, Picture


def draft_of(publication: Publication, *, taken: frozenset[str] = frozenset()) -> Draft:
    """What to send, or with `taken` (the remote ids of others) what to look for.

    The same for every try of a publication as long as nobody edits the post (nobody may while it is under way).

    Raises ContentRejected when a picture cannot go out as it is.
    """
    post = publication.post
    return Draft(
        key=publication.key,
        text=publication.post.text_for(publication.channel.network),
        created_at=publication.started_at,
        pictures=tuple(_picture(use, publication.channel.network) for use in post.pictures.all()),
        language=post.language,
        taken=taken,
    )


def _picture(use: PostPicture, network: str) -> Picture:
    asset = use.asset
    if asset.state != "ready":
        raise ContentRejected(_("A picture of this post could not be used. Take it off or choose another."))
    with asset.file.open("rb") as file:
        data = file.read()
    return Picture(data, asset.mime, asset.width, asset.height, use.alt_text[: NETWORKS[network].alt_max])
