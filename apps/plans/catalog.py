"""The closed lists of what a plan can state, and the seed of our plans (product.md, section 2)."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Feature(TextChoices):
    AUTOPILOT = "autopilot", _("Autopilot")
    AUTOPILOT_RESEARCH = "autopilot_research", _("Autopilot research")
    AD_CAMPAIGNS = "ad_campaigns", _("Ad campaigns")
    AI_INBOX = "ai_inbox", _("AI inbox")
    APPROVALS = "approvals", _("Approvals")
    BULK = "bulk", _("Bulk operations")
    IMAGE_STREAMING = "image_streaming", _("Streaming and batch images")
    TEAMS = "teams", _("Teams")
    PREDICTIONS = "predictions", _("Predictive analytics")
    CUSTOM_ROLES = "custom_roles", _("Custom roles")
    SSO = "sso", _("Single sign-on")
    WHITE_LABEL = "white_label", _("White label")
    CRM_HOOKS = "crm_hooks", _("CRM hooks")
    AUDIT_EXPORT = "audit_export", _("Audit export")


class Limit(TextChoices):
    """Counts. The first three are slots (rows that exist), the others are metered per period."""

    CHANNELS = "channels", _("social profiles")
    MEMBERS = "members", _("members")
    WORKSPACES = "workspaces", _("workspaces")
    PUBLICATIONS_DAY = "publications_day", _("posts a day")
    PUBLICATIONS_WEEK = "publications_week", _("posts a week")
    IMAGES_MONTH = "images_month", _("pictures a month")
    GENERATIONS_DAY = "generations_day", _("picture drafts a day")
    AUTOPILOT_DAY = "autopilot_day", _("autopilot posts a day")
    HORIZON_DAYS = "horizon_days", _("days ahead")
    API_HOUR = "api_hour", _("API requests an hour")


class Level(TextChoices):
    """Ordered values; a plan allows everything up to its own."""

    IMAGE_QUALITY = "image_quality", _("picture quality")
    ANALYTICS = "analytics", _("analytics depth")
    AUTOPILOT_MODE = "autopilot_mode", _("autopilot mode")


class Choice(TextChoices):
    """Sets; a plan allows the members it states."""

    NETWORKS = "networks", _("networks")
    IMAGE_MODELS = "image_models", _("picture models")


LEVELS: dict[str, tuple[str, ...]] = {
    Level.IMAGE_QUALITY: ("draft", "standard", "premium"),
    Level.ANALYTICS: ("basic", "standard", "advanced", "premium"),
    Level.AUTOPILOT_MODE: ("none", "review", "full"),
}
