"""How drawings read in the API."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from apps.core.networks import NETWORKS, Placement
from apps.imaging.contract import CardKind, Quality, VisualStyle
from apps.imaging.models import Candidate
from apps.media.catalog import ALT_TEXT_MAX


class CandidateSerializer(serializers.Serializer):
    """One drawn picture with its scores, 0 to 100; what could not be measured is left out of them. `asset` is the
    picture of the library it became when it was taken; until then there is only its preview to see."""

    id = serializers.UUIDField()
    index = serializers.IntegerField()
    state = serializers.ChoiceField(Candidate.State.choices)
    problem = serializers.CharField(help_text="Why it could not be drawn, for people.")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    total = serializers.FloatField(allow_null=True)
    passed = serializers.BooleanField()
    scores = serializers.DictField(help_text="The score card.")
    notes = serializers.ListField(child=serializers.CharField(), help_text="What could not be done, for people.")
    alt_text = serializers.CharField()
    preview_url = serializers.SerializerMethodField(help_text="Signed, for some hours; at most 512 px. Empty before.")
    asset = serializers.UUIDField(source="asset_id", allow_null=True)

    def get_preview_url(self, candidate: Candidate) -> str:
        path = candidate.get_signed_url()
        return self.context["request"].build_absolute_uri(path) if path else ""


class GenerationSerializer(serializers.Serializer):
    """A wish for a picture and what was drawn for it. It is `drawing` until every candidate is drawn or given up, then
    `drawn`, or `failed` where nothing came of it; `best` is the best candidate that passes, so far."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(Candidate.State.choices[1:])
    title = serializers.CharField(source="__str__")
    model = serializers.CharField()
    why_model = serializers.CharField()
    best = serializers.UUIDField(source="best_id", allow_null=True)
    candidates = CandidateSerializer(many=True, source="candidates.all")
    created_at = serializers.DateTimeField()


class WishSerializer(serializers.Serializer):
    """What to draw: words that stand in the picture, or a brief. Each kind sets the words that belong to it; what is
    left open is the brand's, and without a `placement` the picture has the usual size of its network."""

    brief = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="What to show.")
    kind = serializers.ChoiceField([kind.value for kind in CardKind], required=False, help_text="What the words are.")
    kicker = serializers.CharField(required=False, allow_blank=True, max_length=60, help_text="A small line above.")
    figure = serializers.CharField(required=False, allow_blank=True, max_length=14, help_text="What an offer is about.")
    headline = serializers.CharField(required=False, allow_blank=True, max_length=220)
    body = serializers.CharField(required=False, allow_blank=True, max_length=420, help_text="Of tips, one a line.")
    attribution = serializers.CharField(required=False, allow_blank=True, max_length=80, help_text="Who said a quote.")
    when = serializers.CharField(required=False, allow_blank=True, max_length=60, help_text="Of an event.")
    action = serializers.CharField(required=False, allow_blank=True, max_length=40, help_text="What people can do.")
    network = serializers.ChoiceField([(key, network.label) for key, network in NETWORKS.items()], required=False)
    placement = serializers.ChoiceField(Placement.choices, required=False)
    look = serializers.ChoiceField([style.value for style in VisualStyle], required=False)
    mood = serializers.CharField(required=False, allow_blank=True, max_length=80)
    model = serializers.CharField(required=False, max_length=40, help_text="`auto` unless said.")
    quality = serializers.ChoiceField([quality.value for quality in Quality], required=False)
    n = serializers.IntegerField(required=False, min_value=1, max_value=4, help_text="How many; 4 unless said.")

    def validate(self, said: dict[str, Any]) -> dict[str, Any]:
        network = NETWORKS.get(said.get("network", ""))
        if network and said.setdefault("placement", network.placement) not in network.placements:
            raise serializers.ValidationError(
                {"placement": [_("%(network)s has no such size.") % {"network": network.label}]}
            )
        return said


class TakeSerializer(serializers.Serializer):
    """Without `alt_text` the picture keeps the description it was drawn with."""

    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=ALT_TEXT_MAX)
