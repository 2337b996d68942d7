"""How states of posts and publications look: one tone each, everywhere."""

from collections.abc import Iterable
from datetime import date, datetime
from functools import lru_cache
from html import escape

from django import template
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.content.agenda import Chip, Day
from apps.content.catalog import PostStatus, Status
from apps.core.networks import NETWORKS
from apps.core.templatetags.ui import icon, network_mark
from apps.social.models import Channel
from apps.social.models import Status as ChannelStatus

register = template.Library()

CHIP_WORDS = 44  # characters; a month of full days stays well under its 60 KB, and a day shows no more anyway

POST_TONES = {
    PostStatus.DRAFT: "plain",
    PostStatus.SCHEDULED: "info",
    PostStatus.ATTENTION: "danger",
    PostStatus.PUBLISHED: "success",
    PostStatus.MISSED: "warning",
    PostStatus.CANCELLED: "plain",
}
PUBLICATION_TONES = {
    Status.DRAFT: "plain",
    Status.QUEUED: "info",
    Status.SENDING: "accent",
    Status.PUBLISHED: "success",
    Status.UNKNOWN: "warning",
    Status.REJECTED: "danger",
    Status.MISSED: "warning",
    Status.CANCELLED: "plain",
}


def shortened(words: str) -> str:
    return words if len(words) <= CHIP_WORDS else f"{words[: CHIP_WORDS - 1].rstrip()}…"


@register.simple_tag
def days(week: list[Day]) -> SafeString:
    """A week of the month. Days, chips and lines are made without a template and kept: a page has forty days with more
    than a hundred chips, and its next visit finds nearly all of them unchanged."""
    language = get_language()
    return mark_safe("\n".join(_day(day, language) for day in week))  # noqa: S308  (as `_day` says)


@lru_cache(2048)  # some 3 KB each with what it is made of
def _day(day: Day, language: str) -> str:
    """A day with its chips; its name is spelled out where a month is a list (on a phone)."""
    states = {"is-today": day.is_today, "is-outside": day.is_outside, "is-empty": not day.chips}
    classes = " ".join(["day", *(name for name, holds in states.items() if holds)])
    name = f'<span class="day-long">{escape(day.weekday)}, </span>{day.number}'
    rest = _("+ %(n)d more") % {"n": day.more}
    more = f'<a class="day-more" href="{day.iso}/">{escape(rest)}</a>'
    return (  # chips escape what a person wrote, the rest is ours
        f'<li class="{classes}" data-day="{day.iso}"><a class="day-name" href="{day.iso}/">{name}'
        f'<span class="day-long">{escape(day.month)}</span></a>\n'
        + "".join(f"{chip(shown)}\n" for shown in day.chips)
        + f"{more if day.more else ''}</li>"
    )


def chip(chip: Chip) -> str:
    """A post on the month, in as few bytes as say it; its address is relative to the calendar's."""
    picture = f'<img src="{chip.thumbnail}" alt="">' if chip.thumbnail else ""
    words = escape(shortened(chip.words) or _("No words yet"))
    return (
        f'<a class="chip is-{chip.status}" href="../posts/{chip.pk}/" title="{escape(chip.state)}">{picture}'
        f"<time>{chip.time}</time> <span>{words}</span>{_marks(chip, '')}</a>"
    )


@register.simple_tag
def lines(chips: Iterable[Chip], posts_url: str) -> SafeString:
    """Posts as the lines of a list, of thirty on a page."""
    language = get_language()
    return mark_safe("\n".join(_line(chip, posts_url, language) for chip in chips))  # noqa: S308  (as `_line` says)


@lru_cache(1024)
def _line(chip: Chip, posts_url: str, language: str) -> str:
    picture = f'<img class="line-thumb" src="{chip.thumbnail}" alt="" loading="lazy">' if chip.thumbnail else _paper()
    words = escape(chip.words or _("No words yet"))
    moment = f'<time datetime="{chip.at.isoformat()}">{moment_words(chip.at)}</time>' if chip.at else _no_time()
    return (  # what a person wrote is escaped, the rest is ours
        f'<li class="line"><a class="line-link" href="{posts_url}{chip.pk}/">{picture}'
        f'<span class="line-words truncate">{words}</span></a>'
        f'<span class="line-networks">{_marks(chip, " title")}</span><span class="line-time">{moment}</span>'
        f'<span class="badge badge-{POST_TONES[chip.status]}">{escape(chip.state)}</span></li>'
    )


def _marks(chip: Chip, title: str) -> str:
    """The small marks of the networks a post goes to, with their names where `title` asks for them."""
    names = (f'{title}="{NETWORKS[key].label}"' if title else "" for key in chip.networks)
    return "".join(f'<i class="n n-{key}"{name}></i>' for key, name in zip(chip.networks, names, strict=True))


def _paper() -> str:
    return f'<span class="line-thumb">{icon("file-text")}</span>'


def _no_time() -> str:
    return f'<span class="muted">{_("No time yet")}</span>'


def moment_words(at: datetime) -> str:
    """A local time as people say it: "Tue 24 Nov, 09:00"."""
    return f"{_day_words(at.date(), get_language())}, {at:%H:%M}"


@lru_cache(1024)  # the days of a page are few, and a day's words cost as much as the rest of its line
def _day_words(day: date, language: str) -> str:
    return date_format(day, _("D j M"))


@register.simple_tag
def toggles(channels: Iterable[tuple[Channel, bool]]) -> SafeString:
    """Profiles to tick in the composer, each with what it still lacks; an agency has dozens, so without a template."""
    return mark_safe("\n".join(_toggle(*shown) for shown in channels))  # noqa: S308  (as `_toggle` says)


def _toggle(channel: Channel, is_chosen: bool) -> str:
    lack, limited, ticked = _lack(channel), "" if channel.is_ready else " is-limited", " checked" if is_chosen else ""
    lacking = f'<span class="toggle-lack">{escape(lack)}</span>' if lack else ""
    return (  # what a person or a network wrote is escaped, the rest is ours
        f'<label class="toggle{limited}"><input type="checkbox" name="channels" value="{channel.pk}"{ticked}>'
        f"{network_mark(channel.network, channel.facts.label)}"
        f'<span class="toggle-words"><span class="truncate">{escape(channel.handle)}</span>{lacking}</span></label>'
    )


def _lack(channel: Channel) -> str:
    if channel.status != ChannelStatus.CONNECTED:
        return str(channel.get_status_display())
    if not channel.verified_at:
        return _("not checked yet")
    return _("paused") if channel.is_paused else ""


@register.inclusion_tag("components/badge.html")
def post_badge(status: str) -> dict:
    return {"label": PostStatus(status).label, "tone": POST_TONES[status], "icon": ""}


@register.inclusion_tag("components/badge.html")
def publication_badge(status: str) -> dict:
    return {"label": Status(status).label, "tone": PUBLICATION_TONES[status], "icon": ""}
