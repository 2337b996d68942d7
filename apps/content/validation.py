"""What is wrong with a post before it goes anywhere, as typed problems that stand next to their field.

Works on plain values, so that the composer can ask about words nobody has saved. Errors stop scheduling, warnings
do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.models import Workspace
from apps.brand.models import BrandKit
from apps.brand.moderation import Moderated, moderate_words
from apps.brand.vault import StyleVault
from apps.content.catalog import BRAND_BLOCKS
from apps.content.models import Post
from apps.core import clock, counting
from apps.core.errors import FeatureNotInPlan, LimitReached
from apps.core.networks import NETWORKS, Network
from apps.media.catalog import ALT_TEXT_MAX
from apps.media.models import Asset
from apps.plans import entitlements
from apps.plans.catalog import Choice, Limit
from apps.social.models import Channel
from apps.social.models import Status as ChannelStatus
from apps.social.providers import PROVIDERS

HASHTAG = re.compile(r"(?<!\w)#\w+")
REPLACED = "brand_replaces"  # the code of what goes out in other words: nothing to do about it
PAST_GRACE_SECONDS = 90  # a form opened a minute ago may still say "now"


class Level(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One sentence about one field. `field`: text, variant_<network>, pictures, picture_<n>, channels or due_at."""

    field: str
    level: Level
    code: str
    message: str
    network: str = ""
    channel: Channel | None = None

    @property
    def is_error(self) -> bool:
        return self.level == Level.ERROR


@dataclass(frozen=True)
class PictureChoice:
    """A picture chosen for a post, with the words for those who do not see it."""

    most = ALT_TEXT_MAX  # characters
    asset: Asset
    alt_text: str = ""


def check_post(post: Post, *, at: datetime | None = None) -> list[Problem]:
    """Every problem of a stored post; `at` is when it is wanted on the calendar."""
    publications = post.publications.select_related("channel").defer("channel__credentials")
    return check(
        workspace=post.workspace,
        text=post.text,
        variants={variant.network: variant.text for variant in post.variants.all()},
        channels=[publication.channel for publication in publications],
        pictures=[PictureChoice(use.asset, use.alt_text) for use in post.pictures.select_related("asset")],
        at=at,
    )


def check(
    *,
    workspace: Workspace,
    text: str,
    channels: Sequence[Channel],
    variants: Mapping[str, str] | None = None,
    pictures: Sequence[PictureChoice] = (),
    at: datetime | None = None,
    vault: StyleVault | None = None,
) -> list[Problem]:
    """Every problem of a post that need not be stored, in the order of the form's fields.

    The words are measured as they go out, with the brand's replacements made. Its `vault` is read where it is not
    given.
    """
    vault = BrandKit.objects.of(workspace).vault if vault is None else vault
    fields = {"text": text} | {f"variant_{key}": words for key, words in (variants or {}).items()}
    moderated = {field: moderate_words(words, vault) for field, words in fields.items()}
    problems = [*_check_channels(workspace, channels)]
    for network in {channel.network: channel for channel in channels}.values():
        field = f"variant_{network.network}" if f"variant_{network.network}" in fields else "text"
        problems += _check_text(network, moderated[field].text, field=field, has_pictures=bool(pictures))
        problems += _check_pictures(NETWORKS[network.network], pictures)
    problems += _check_alt_texts(pictures)
    problems += _check_brand(moderated)
    problems += check_time(workspace, at)
    return list(dict.fromkeys(problems))


def errors(problems: Iterable[Problem]) -> dict[str, list[str]]:
    """The errors as `core.errors.Invalid` takes them: field → sentences."""
    fields: dict[str, list[str]] = {}
    for problem in problems:
        if problem.is_error:
            fields.setdefault(problem.field, []).append(problem.message)
    return fields


def _error(field: str, code: str, message: str, **where: object) -> Problem:
    return Problem(field, Level.ERROR, code, message, **where)  # type: ignore[arg-type]


def _warning(field: str, code: str, message: str, **where: object) -> Problem:
    return Problem(field, Level.WARNING, code, message, **where)  # type: ignore[arg-type]


def _check_channels(workspace: Workspace, channels: Sequence[Channel]) -> Iterable[Problem]:
    if not channels:
        yield _error("channels", "no_channel", _("Choose at least one profile."))
    usable = entitlements.unlocked(workspace.organization, Limit.CHANNELS) if channels else set()
    for channel in channels:
        where = {"network": channel.network, "channel": channel}
        if channel.status != ChannelStatus.CONNECTED:
            message = _("%(channel)s is not connected. Connect it again, or leave it out.")
            yield _error("channels", "not_connected", message % {"channel": channel}, **where)
            continue
        if channel.verified_at is None:
            message = _("%(channel)s has not passed its check yet. Check it on the profiles page.")
            yield _error("channels", "not_verified", message % {"channel": channel}, **where)
        yield from _check_plan(workspace, channel, usable)
        if channel.is_paused:
            message = _("%(channel)s is paused: the post waits until you resume it.")
            yield _warning("channels", "paused", message % {"channel": channel}, **where)


def _check_plan(workspace: Workspace, channel: Channel, usable: set[UUID]) -> Iterable[Problem]:
    """The plan states the network (where it is one that plans state) and leaves this profile usable."""
    where = {"network": channel.network, "channel": channel}
    provider = PROVIDERS.get(channel.network)
    if provider is None or provider.capabilities.is_sold:
        try:
            entitlements.require_choice(workspace.organization, Choice.NETWORKS, channel.network)
        except FeatureNotInPlan as refusal:
            yield _error("channels", refusal.code, str(refusal), **where)
    if channel.pk not in usable:
        message = _("%(channel)s is locked by your plan. Choose which profiles to keep, or upgrade.")
        yield _error("channels", "locked", message % {"channel": channel}, **where)


def _check_text(channel: Channel, text: str, *, field: str, has_pictures: bool) -> Iterable[Problem]:
    network = NETWORKS[channel.network]
    where = {"network": network.key}
    if not text.strip():
        if not has_pictures:
            yield _error(field, "empty", _("Write something, or add a picture."))
        return
    used, allowed = network.count(text), channel.max_characters
    if used > allowed:
        message = ngettext(
            "%(over)d character too long for %(network)s (%(used)d of %(allowed)d).",
            "%(over)d characters too long for %(network)s (%(used)d of %(allowed)d).",
            used - allowed,
        ) % {"over": used - allowed, "network": network.label, "used": used, "allowed": allowed}
        yield _error(field, "too_long", message, **where)
    elif network.max_bytes and counting.utf8_bytes(text) > network.max_bytes:
        message = _("%(network)s takes at most %(allowed)d bytes; emoji and accents take several each.")
        yield _error(field, "too_long", message % {"network": network.label, "allowed": network.max_bytes}, **where)
    tags = len(HASHTAG.findall(text))
    if network.hashtags_max is not None and tags > network.hashtags_max:
        message = _("%(network)s takes at most %(allowed)d hashtags; this has %(used)d.")
        facts = {"network": network.label, "allowed": network.hashtags_max, "used": tags}
        yield _error(field, "hashtags", message % facts, **where)


def _check_pictures(network: Network, pictures: Sequence[PictureChoice]) -> Iterable[Problem]:
    where = {"network": network.key}
    facts = {"network": network.label, "min": network.pictures_min, "max": network.pictures_max, "n": len(pictures)}
    if len(pictures) < network.pictures_min:
        yield _error("pictures", "picture_missing", _("%(network)s needs a picture.") % facts, **where)
    if len(pictures) > network.pictures_max:
        message = _("%(network)s takes at most %(max)d pictures; this has %(n)d.")
        yield _error("pictures", "pictures_too_many", message % facts, **where)
    for position, choice in enumerate(pictures, start=1):
        yield from _check_picture(network, choice, position)


def _check_picture(network: Network, choice: PictureChoice, position: int) -> Iterable[Problem]:
    field, asset = f"picture_{position}", choice.asset
    where = {"network": network.key}
    facts = {"network": network.label, "n": position, "max": network.alt_max}
    if asset.state == "pending":
        yield _error(field, "picture_pending", _("Picture %(n)d is still being checked. Wait a moment.") % facts)
        return
    if asset.state != "ready":
        yield _error(field, "picture_refused", asset.problem or _("Picture %(n)d cannot be used.") % facts)
        return
    if asset.is_animated and asset.mime not in network.picture_mimes:
        message = _("%(network)s does not take moving pictures (picture %(n)d).")
        yield _error(field, "picture_kind", message % facts, **where)
    elif asset.is_animated and asset.bytes > network.picture_bytes_max:
        facts |= {"size": filesizeformat(asset.bytes), "allowed": filesizeformat(network.picture_bytes_max)}
        message = _("Picture %(n)d moves and is too large for %(network)s (%(size)s of %(allowed)s).")
        yield _error(field, "picture_bytes", message % facts, **where)
    ratio = asset.width / asset.height
    if not (network.ratio_min or 0) - 0.01 <= ratio <= (network.ratio_max or ratio) + 0.01:
        message = _("Picture %(n)d is too narrow or too wide for %(network)s: it will be cut to fit.")
        yield _warning(field, "picture_ratio", message % facts, **where)
    if len(choice.alt_text) > network.alt_max and network.alt_max:
        message = _("The description of picture %(n)d is longer than %(network)s takes (%(max)d characters).")
        yield _error(field, "alt_too_long", message % facts, **where)


def _check_brand(fields: Mapping[str, Moderated]) -> Iterable[Problem]:
    """The brand's avoid rules: what it blocks stops the post, what it replaces or would rather not see is said."""
    for field, moderated in fields.items():
        yield from (_error(field, BRAND_BLOCKS, hit.sentence) for hit in moderated.blocked)
        yield from (_warning(field, REPLACED, hit.sentence) for hit in moderated.replaced)
        yield from (_warning(field, "brand_avoids", hit.sentence) for hit in moderated.warnings)


def _check_alt_texts(pictures: Sequence[PictureChoice]) -> Iterable[Problem]:
    for position, choice in enumerate(pictures, start=1):
        if not choice.alt_text.strip():
            message = _("Picture %(n)d has no description. People who do not see it will not know what it shows.")
            yield _warning(f"picture_{position}", "alt_missing", message % {"n": position})


def check_time(workspace: Workspace, at: datetime | None) -> Iterable[Problem]:
    """Whether a time is still ahead, and not further than the plan reaches."""
    if at is None:
        return
    if (clock.now() - at).total_seconds() > PAST_GRACE_SECONDS:
        yield _error("due_at", "in_the_past", _("This time has passed. Choose a later one, or publish now."))
        return
    try:
        entitlements.require_horizon(workspace.organization, at)
    except LimitReached as refusal:
        yield _error("due_at", refusal.code, str(refusal))
