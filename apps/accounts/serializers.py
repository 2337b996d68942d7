"""How plan and usage read in the API."""

from rest_framework import serializers


class UsageLineSerializer(serializers.Serializer):
    """One limit. `used` counts what is taken, `reserved` is the part of it not yet used; `resets_at` is null for
    counts that do not reset."""

    limit = serializers.CharField()
    allowed = serializers.IntegerField()
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    resets_at = serializers.DateTimeField()


class UsageSerializer(serializers.Serializer):
    """The plan an organization has now, and what it has used of it. Periods are those of `time_zone`."""

    plan = serializers.CharField(source="plan.key")
    trial_ends_at = serializers.DateTimeField(source="plan.trial_ends_at")
    time_zone = serializers.CharField()
    limits = UsageLineSerializer(many=True)
