"""How pictures read in the API."""

from __future__ import annotations

from rest_framework import serializers

from apps.media.catalog import ALT_TEXT_MAX
from apps.media.models import Asset


class AssetSerializer(serializers.Serializer):
    """A stored picture. Its addresses are signed and live some hours; empty until it is `ready`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(Asset.Kind.choices)
    state = serializers.ChoiceField(Asset.State.choices)
    problem = serializers.CharField(help_text="Why it was refused, for people.")
    alt_text = serializers.CharField()
    mime = serializers.CharField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    bytes = serializers.IntegerField()
    preview_url = serializers.SerializerMethodField(help_text="At most 512 px.")
    file_url = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_preview_url(self, asset: Asset) -> str:
        return self._whole(asset.get_preview_url())

    def get_file_url(self, asset: Asset) -> str:
        return self._whole(asset.get_file_url())

    def _whole(self, path: str) -> str:
        return self.context["request"].build_absolute_uri(path) if path else ""


class UploadSerializer(serializers.Serializer):
    """A form with the picture, and what it shows."""

    file = serializers.FileField()
    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=ALT_TEXT_MAX)
