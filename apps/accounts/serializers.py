"""How organizations, their people and their plan read in the API."""

from __future__ import annotations

from rest_framework import serializers

from apps.accounts.catalog import Role
from apps.accounts.models import Membership, Workspace


class WorkspaceSerializer(serializers.Serializer):
    """One brand. Its `slug` stands in every address of it; `is_locked` where the plan leaves only looking."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    time_zone = serializers.CharField()
    is_paused = serializers.BooleanField()
    is_locked = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_is_locked(self, workspace: Workspace) -> bool:
        return workspace.lock is not None


class MemberSerializer(serializers.Serializer):
    """A person in the organization; `is_locked` where the plan has no room for them."""

    id = serializers.UUIDField()
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    role = serializers.ChoiceField(Role.choices)
    is_locked = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField()

    def get_is_locked(self, member: Membership) -> bool:
        return member.lock is not None


class UsageLineSerializer(serializers.Serializer):
    """One limit. `used` counts what is taken, `reserved` is the part of it not yet used; `resets_at` is null for
    counts that do not reset."""

    limit = serializers.CharField()
    allowed = serializers.IntegerField()
    used = serializers.IntegerField()
    reserved = serializers.IntegerField()
    resets_at = serializers.DateTimeField(allow_null=True)


class UsageSerializer(serializers.Serializer):
    """The plan an organization has now, and what it has used of it. Periods are those of `time_zone`."""

    plan = serializers.CharField(source="plan.key")
    trial_ends_at = serializers.DateTimeField(source="plan.trial_ends_at", allow_null=True)
    time_zone = serializers.CharField()
    limits = UsageLineSerializer(many=True)
