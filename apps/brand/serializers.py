"""How a brand kit reads in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.brand.models import BrandKit
from apps.brand.vault import StyleVault, dump

PICTURES = {"logos", "references"}  # the fields of a kit that hold keys of pictures


class BrandKitSerializer(serializers.Serializer):
    """The present style vault, as the kit's own export writes it. `version` is 0 where nothing was ever saved."""

    version = serializers.IntegerField(source="number")
    updated_at = serializers.DateTimeField()
    kit = serializers.SerializerMethodField()

    def get_kit(self, kit: BrandKit) -> dict[str, Any]:
        return dump(kit.vault)


class BrandWriteSerializer(serializers.Serializer):
    """The fields of the kit to change; the others stay. Logos and references are pictures of the workspace."""

    kit = serializers.DictField()

    def validate_kit(self, kit: dict[str, Any]) -> dict[str, Any]:
        if unknown := sorted(kit.keys() - StyleVault.model_fields.keys()):
            raise serializers.ValidationError(_("A brand kit has no “%(name)s”.") % {"name": unknown[0]})
        for name in PICTURES & kit.keys():
            self._require_own(kit[name])
        return kit

    def _require_own(self, keys: Any) -> None:
        own = self.context["request"].workspace.assets
        keys = serializers.ListField(child=serializers.UUIDField()).run_validation(keys)
        if own.filter(pk__in=keys).count() != len(set(keys)):
            raise serializers.ValidationError(_("A picture of the kit has to be one of this workspace."))
