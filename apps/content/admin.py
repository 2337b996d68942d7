"""Posts and what became of them, for operators: looked at, and changed by services with the reason on record."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.content import services
from apps.content.models import Attempt, Bucket, CatchUp, Circuit, Post, PostPicture, Publication, Suggestion, Variant
from apps.core.admin import OperatorAdmin, ReadOnlyAdmin, ReadOnlyInline, service_action


def retry(publication: Publication, *, actor: User, reason: str) -> None:
    services.retry_publication(publication=publication)


def confirm(publication: Publication, *, actor: User, reason: str) -> None:
    services.settle_unknown(publication=publication, is_there=True, actor=actor)


def deny(publication: Publication, *, actor: User, reason: str) -> None:
    services.settle_unknown(publication=publication, is_there=False, actor=actor)


def dismiss(publication: Publication, *, actor: User, reason: str) -> None:
    services.dismiss_problem(publication=publication)


def cancel(post: Post, *, actor: User, reason: str) -> None:
    services.cancel_post(post=post)


class VariantInline(ReadOnlyInline):
    model = Variant


class PostPictureInline(ReadOnlyInline):
    model = PostPicture


class AttemptInline(ReadOnlyInline):
    model = Attempt
    fields = ("kind", "started_at", "ended_at", "outcome", "message", "milliseconds")


@admin.register(Post)
class PostAdmin(ReadOnlyAdmin):
    list_display = ("first_words", "workspace", "status", "due_at", "author", "created_at")
    list_select_related = ("workspace", "author")
    list_filter = ("status",)
    search_fields = ("id", "workspace__slug")
    inlines = (VariantInline, PostPictureInline)
    ordering = ("-id",)
    actions = (service_action(cancel, description=_("Take off the calendar"), action="operator.post_cancelled"),)


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = (
        "post",
        "channel",
        "status",
        "held",
        "asks_person",
        "due_at",
        "next_try_at",
        "tries",
        "published_at",
    )
    list_filter = ("status", "held", "hold_reason", "asks_person")
    search_fields = ("id", "post__id", "workspace__slug", "remote_id")
    inlines = (AttemptInline,)
    ordering = ("-id",)
    actions = (
        service_action(retry, description=_("Send now"), action="operator.publication_retried"),
        service_action(confirm, description=_("It is there"), action="operator.publication_confirmed"),
        service_action(
            deny,
            description=_("It is not there: send again"),
            action="operator.publication_denied",
        ),
        service_action(dismiss, description=_("Leave it"), action="operator.publication_dismissed"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return super().get_queryset(request).select_related("post", "channel").defer("channel__credentials")


@admin.register(Attempt)
class AttemptAdmin(ReadOnlyAdmin):
    list_display = ("publication_id", "kind", "outcome", "started_at", "milliseconds", "message")
    list_select_related = False
    list_filter = ("kind", "outcome")
    search_fields = ("publication__id", "channel__id")
    ordering = ("-id",)


@admin.register(Variant)
class VariantAdmin(ReadOnlyAdmin):
    list_display = ("post", "network")
    list_select_related = ("post",)
    list_filter = ("network",)


@admin.register(PostPicture)
class PostPictureAdmin(ReadOnlyAdmin):
    list_display = ("post", "asset", "position")
    list_select_related = ("post", "asset")


@admin.register(CatchUp)
class CatchUpAdmin(ReadOnlyAdmin):
    list_display = ("workspace", "rule", "window", "gap")


@admin.register(Circuit)
class CircuitAdmin(OperatorAdmin):
    """Deleting one lets calls through again at once."""

    list_display = ("key", "failures", "open_until")
    states = ("key", "failures", "open_until")


@admin.register(Bucket)
class BucketAdmin(ReadOnlyAdmin):
    list_display = ("key", "full_at")


@admin.register(Suggestion)
class SuggestionAdmin(ReadOnlyAdmin):
    list_display = ("id", "workspace", "network", "state", "tries", "writer", "problem", "created_at")
    list_select_related = ("workspace",)
    list_filter = ("state", "network")
    search_fields = ("=id", "workspace__slug")
