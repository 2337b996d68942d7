"""How drawings read in the API."""

from __future__ import annotations

from rest_framework import serializers

from apps.imaging.models import Candidate
from apps.media.catalog import ALT_TEXT_MAX


class CandidateSerializer(serializers.Serializer):
    """One drawn picture with its scores, 0 to 100; what could not be measured is left out of them. `asset` is the
    picture of the library it became when it was taken."""

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
    asset = serializers.UUIDField(source="asset_id", allow_null=True)


class GenerationSerializer(serializers.Serializer):
    """A wish for a picture and what was drawn for it; `best` is the best candidate that passes, so far."""

    id = serializers.UUIDField()
    title = serializers.CharField(source="__str__")
    model = serializers.CharField()
    why_model = serializers.CharField()
    best = serializers.UUIDField(source="best_id", allow_null=True)
    candidates = CandidateSerializer(many=True, source="candidates.all")
    created_at = serializers.DateTimeField()


class TakeSerializer(serializers.Serializer):
    """Without `alt_text` the picture keeps the description it was drawn with."""

    alt_text = serializers.CharField(required=False, allow_blank=True, max_length=ALT_TEXT_MAX)
