"""How posts read in the API."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.accounts.models import Workspace
from apps.content.catalog import WORDS_MAX, AttemptKind, Hold, Outcome, PostStatus, Status
from apps.content.models import Post
from apps.content.validation import PictureChoice
from apps.core.networks import NETWORKS
from apps.core.serializers import Query, TimeField
from apps.media.catalog import ALT_TEXT_MAX
from apps.social.models import Channel


class AttemptSerializer(serializers.Serializer):
    """One try to send, or one look whether it is there; `outcome` is empty while it runs."""

    kind = serializers.ChoiceField(AttemptKind.choices)
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    outcome = serializers.ChoiceField(Outcome.choices, allow_blank=True)
    message = serializers.CharField(help_text="What the network said, for people.")
    milliseconds = serializers.IntegerField(allow_null=True)


class PublicationSerializer(serializers.Serializer):
    """The post on one profile. `held` ones wait for what `hold_reason` says; `problem` is for people."""

    id = serializers.UUIDField()
    channel = serializers.UUIDField(source="channel_id")
    network = serializers.CharField(source="channel.network")
    handle = serializers.CharField(source="channel.handle")
    status = serializers.ChoiceField(Status.choices)
    due_at = serializers.DateTimeField(allow_null=True)
    published_at = serializers.DateTimeField(allow_null=True)
    url = serializers.CharField(help_text="The live post; empty until it is out.")
    held = serializers.BooleanField()
    hold_reason = serializers.ChoiceField(Hold.choices, allow_blank=True)
    problem = serializers.CharField()
    asks_person = serializers.BooleanField(help_text="Whether only a person can settle what is wrong.")


class PublicationWithAttemptsSerializer(PublicationSerializer):
    attempts = AttemptSerializer(many=True)


class PictureSerializer(serializers.Serializer):
    """A picture on a post: the key of a media asset, and what it shows for those who do not see it."""

    asset = serializers.UUIDField(source="asset_id")
    alt_text = serializers.CharField()


class PostSerializer(serializers.Serializer):
    """What the customer wrote, where it goes and what became of it. `version` grows with every save."""

    id = serializers.UUIDField()
    text = serializers.CharField()
    variants = serializers.SerializerMethodField(help_text="Other words for one network, by network.")
    language = serializers.CharField()
    status = serializers.ChoiceField(PostStatus.choices)
    due_at = serializers.DateTimeField(allow_null=True)
    pictures = PictureSerializer(many=True, source="pictures.all")
    publications = PublicationSerializer(many=True, source="publications.all")
    version = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def get_variants(self, post: Post) -> dict[str, str]:
        return {variant.network: variant.text for variant in post.variants.all()}


class PostDetailSerializer(PostSerializer):
    """A post with every try to send it."""

    publications = PublicationWithAttemptsSerializer(many=True, source="publications.all")


class PostQuery(Query):
    """Which posts: in a state, due from and up to (not including) a time."""

    status = serializers.ChoiceField(PostStatus.choices, required=False)
    due_from = TimeField(required=False)
    due_to = TimeField(required=False)


class PictureChoiceSerializer(serializers.Serializer):
    """A picture of the library, and what it shows; without `alt_text` its own description is used."""

    asset = serializers.UUIDField()
    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=ALT_TEXT_MAX)


class PostWriteSerializer(serializers.Serializer):
    """What a post says and where it goes. A part that is left out stays as it is; in a new post, `channels` left out
    are all that are ready."""

    text = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False, max_length=WORDS_MAX)
    variants = serializers.DictField(
        child=serializers.CharField(max_length=WORDS_MAX),
        required=False,
        help_text="Other words for one network, by network.",
    )
    language = serializers.CharField(required=False, max_length=12)
    channels = serializers.ListField(child=serializers.UUIDField(), required=False)
    pictures = PictureChoiceSerializer(many=True, required=False)
    due_at = TimeField(required=False, help_text="A wish; `schedule` makes it a plan.")

    def validate_variants(self, variants: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(variants.keys() - NETWORKS.keys()):
            raise serializers.ValidationError(_("There is no network “%(name)s”.") % {"name": unknown[0]})
        return variants

    def validate_channels(self, keys: list[UUID]) -> list[Channel]:
        return _all_of(self._workspace.channels.counted().defer("credentials"), keys)

    def validate_pictures(self, choices: list[dict]) -> list[PictureChoice]:
        assets = _all_of(self._workspace.assets.all(), [choice["asset"] for choice in choices])
        pairs = zip(assets, choices, strict=True)
        return [PictureChoice(asset, choice.get("alt_text", asset.alt_text)) for asset, choice in pairs]

    @property
    def _workspace(self) -> Workspace:
        return self.context["request"].workspace


class TimeSerializer(serializers.Serializer):
    at = TimeField()


def _all_of(rows: QuerySet, keys: list[UUID]) -> list:
    """The rows in the order of their keys. Raises ValidationError for one that is not among them."""
    found = rows.in_bulk(keys)
    if missing := next((key for key in keys if key not in found), None):
        raise serializers.ValidationError(_("There is no “%(key)s” here.") % {"key": missing})
    return [found[key] for key in keys]
