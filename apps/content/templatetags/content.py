"""How states of posts and publications look: one tone each, everywhere."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from apps.content.agenda import Chip
from apps.content.catalog import PostStatus, Status
from apps.content.models import Publication

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
def chip(chip: Chip) -> SafeString:
    """A post on the month, in as few bytes as say it: a page has more than a hundred of these.

    Its address is relative to the calendar's.
    """
    picture = format_html('<img src="{}" alt="">', chip.thumbnail) if chip.thumbnail else ""
    marks = mark_safe("".join(f'<i class="n n-{key}"></i>' for key in chip.networks))  # noqa: S308 (keys of ours)
    return format_html(
        '<a class="chip is-{}" href="../posts/{}/" title="{}">{}<time>{}</time> <span>{}</span>{}</a>',
        chip.status,
        chip.pk,
        chip.state,
        picture,
        chip.time,
        shortened(chip.words) or _("No words yet"),
        marks,
    )


@register.filter
def post_tone(status: str) -> str:
    return POST_TONES[status]


@register.inclusion_tag("components/badge.html")
def post_badge(status: str, label: str) -> dict:
    return {"label": label, "tone": POST_TONES[status], "icon": ""}


@register.inclusion_tag("components/badge.html")
def publication_badge(publication: Publication) -> dict:
    return {"label": publication.get_status_display(), "tone": PUBLICATION_TONES[publication.status], "icon": ""}
