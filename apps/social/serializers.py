"""How profiles read in the API: never what they were connected with."""

from __future__ import annotations

from rest_framework import serializers

from apps.social.models import Status


class ChannelSerializer(serializers.Serializer):
    """A connected profile. What is scheduled on one that is `is_ready` will be sent."""

    id = serializers.UUIDField()
    network = serializers.CharField()
    server = serializers.CharField()
    handle = serializers.CharField()
    name = serializers.CharField()
    url = serializers.CharField()
    status = serializers.ChoiceField(Status.choices)
    is_paused = serializers.BooleanField()
    is_ready = serializers.BooleanField()
    problem = serializers.CharField(help_text="What the last check found, for people.")
    max_characters = serializers.IntegerField()
    verified_at = serializers.DateTimeField(allow_null=True)
    ends_at = serializers.DateTimeField(allow_null=True, help_text="When the network ends the connection.")
    created_at = serializers.DateTimeField()
