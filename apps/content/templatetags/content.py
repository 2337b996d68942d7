"""How states of posts and publications look: one tone each, everywhere."""

from django import template

from apps.content.catalog import PostStatus, Status
from apps.content.models import Publication

register = template.Library()

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


@register.filter
def post_tone(status: str) -> str:
    return POST_TONES[status]


@register.inclusion_tag("components/badge.html")
def post_badge(status: str, label: str) -> dict:
    return {"label": label, "tone": POST_TONES[status], "icon": ""}


@register.inclusion_tag("components/badge.html")
def publication_badge(publication: Publication) -> dict:
    return {"label": publication.get_status_display(), "tone": PUBLICATION_TONES[publication.status], "icon": ""}
