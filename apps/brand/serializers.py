"""How a brand kit reads in the API."""

from __future__ import annotations

from rest_framework import serializers

from apps.brand.models import BrandKit
from apps.brand.vault import dump


class BrandKitSerializer(serializers.Serializer):
    """The present style vault, as the kit's own export writes it. `version` is 0 where nothing was ever saved."""

    version = serializers.IntegerField(source="number")
    updated_at = serializers.DateTimeField()
    kit = serializers.SerializerMethodField()

    def get_kit(self, kit: BrandKit) -> dict[str, object]:
        return dump(kit.vault)
