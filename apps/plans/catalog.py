"""The closed lists of what a plan can state, and the seed of our plans (product.md, section 2).

A plan that does not state one of these denies it; `doctor` names it and a test proves every seeded plan states all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

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

FREE = "free"  # where an unpaid or expired organization lands; never sold
TRIAL_PLAN = "pro"
TRIAL_LENGTH = timedelta(days=14)

SLOTS: tuple[Limit, ...] = (Limit.CHANNELS, Limit.MEMBERS, Limit.WORKSPACES)
PERIODS: dict[str, str] = {  # metered limits, in the order in which their counters are written
    Limit.PUBLICATIONS_DAY: "day",
    Limit.PUBLICATIONS_WEEK: "week",
    Limit.IMAGES_MONTH: "month",
    Limit.GENERATIONS_DAY: "day",
    Limit.AUTOPILOT_DAY: "day",
}
LAPSES: dict[str, timedelta] = {Limit.IMAGES_MONTH: timedelta(hours=24)}  # how long a reservation waits for its commit

# What pages may show and sell: what is built. Building one of the others means adding its line here.
SOLD: frozenset[str] = frozenset(
    {
        *SLOTS,
        Limit.PUBLICATIONS_DAY,
        Limit.PUBLICATIONS_WEEK,
        Limit.IMAGES_MONTH,
        Limit.GENERATIONS_DAY,
        Limit.HORIZON_DAYS,
        Limit.API_HOUR,
        Level.IMAGE_QUALITY,
        Choice.NETWORKS,
        Choice.IMAGE_MODELS,
        Feature.TEAMS,
    }
)

# Members of a choice that no plan needs to state: the practice network inside Lily, which production does not offer.
ALWAYS_ALLOWED: dict[str, frozenset[str]] = {Choice.NETWORKS: frozenset({"sandbox"})}


@dataclass(frozen=True)
class PlanSeed:
    """One plan as we sell it. Prices in US cents; a year is ten months."""

    key: str
    name: str
    month_cents: int
    limits: dict[str, int]
    features: frozenset[Feature]
    levels: dict[str, str]
    choices: dict[str, tuple[str, ...]]
    is_public: bool = True
    is_popular: bool = False

    def statement(self) -> dict[str, object]:
        """What the plan's row says, as JSON knows it; every limit, feature, level and choice is stated."""
        return {
            "name": self.name,
            "month_cents": self.month_cents,
            "year_cents": self.month_cents * 10,
            "is_public": self.is_public,
            "is_popular": self.is_popular,
            "limits": {str(limit): self.limits[limit] for limit in Limit},
            "features": {str(feature): feature in self.features for feature in Feature},
            "levels": {str(level): self.levels[level] for level in Level},
            "choices": {str(choice): list(self.choices[choice]) for choice in Choice},
        }


def _limits(*numbers: int) -> dict[str, int]:
    """Limits in the order of the enum."""
    return dict(zip(Limit.values, numbers, strict=True))


_FIRST_NETWORKS = ("x", "instagram", "bluesky", "mastodon")
_BASIC_MODELS = ("canvas", "grok-2-image", "grok-imagine-image")
_PRO_MODELS = (*_BASIC_MODELS, "grok-imagine-image-2.0", "gpt-image-1-mini")
_PRO_FEATURES = frozenset(
    {
        Feature.AUTOPILOT,
        Feature.AUTOPILOT_RESEARCH,
        Feature.AD_CAMPAIGNS,
        Feature.AI_INBOX,
        Feature.APPROVALS,
        Feature.BULK,
        Feature.IMAGE_STREAMING,
        Feature.TEAMS,
    }
)

# Generations a day are not in the price table. A picture is the best of up to four drafts with up to two retries, so
# 20, 40, 200 and 800 drafts leave each plan well over its daily share of pictures, and bound what one may cost us.
SEED: tuple[PlanSeed, ...] = (
    PlanSeed(
        key=FREE,
        name="Free",
        month_cents=0,
        limits=_limits(1, 1, 1, 3, 10, 5, 20, 0, 7, 0),
        features=frozenset(),
        levels={Level.IMAGE_QUALITY: "draft", Level.ANALYTICS: "basic", Level.AUTOPILOT_MODE: "none"},
        choices={Choice.NETWORKS: _FIRST_NETWORKS, Choice.IMAGE_MODELS: _BASIC_MODELS},
        is_public=False,
    ),
    PlanSeed(
        key="starter",
        name="Starter",
        month_cents=2900,
        limits=_limits(5, 1, 1, 5, 25, 10, 40, 1, 30, 1_000),
        features=frozenset({Feature.AUTOPILOT}),
        levels={Level.IMAGE_QUALITY: "standard", Level.ANALYTICS: "standard", Level.AUTOPILOT_MODE: "review"},
        choices={
            Choice.NETWORKS: (*_FIRST_NETWORKS, "facebook", "linkedin", "threads"),
            Choice.IMAGE_MODELS: _BASIC_MODELS,
        },
    ),
    PlanSeed(
        key="pro",
        name="Pro",
        month_cents=7900,
        limits=_limits(25, 5, 3, 15, 100, 50, 200, 5, 90, 5_000),
        features=_PRO_FEATURES,
        levels={Level.IMAGE_QUALITY: "premium", Level.ANALYTICS: "advanced", Level.AUTOPILOT_MODE: "full"},
        choices={
            Choice.NETWORKS: (*_FIRST_NETWORKS, "facebook", "linkedin", "threads", "tiktok", "youtube"),
            Choice.IMAGE_MODELS: _PRO_MODELS,
        },
        is_popular=True,
    ),
    PlanSeed(
        key="enterprise",
        name="Enterprise",
        month_cents=19900,
        limits=_limits(100, 25, 10, 50, 300, 200, 800, 15, 365, 20_000),
        features=frozenset(Feature),
        levels={Level.IMAGE_QUALITY: "premium", Level.ANALYTICS: "premium", Level.AUTOPILOT_MODE: "full"},
        choices={
            Choice.NETWORKS: (
                *_FIRST_NETWORKS,
                "facebook",
                "linkedin",
                "threads",
                "tiktok",
                "youtube",
                "pinterest",
            ),
            Choice.IMAGE_MODELS: (*_PRO_MODELS, "gpt-image-1", "gpt-image-1.5", "gpt-image-2"),
        },
    ),
)


def is_value(kind: type[TextChoices], key: str, value: object) -> bool:
    """Whether `value` is one that this limit, feature, level or choice can have."""
    if key not in kind.values:
        return False
    if kind is Limit:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if kind is Feature:
        return isinstance(value, bool)
    if kind is Level:
        return value in LEVELS[key]
    return isinstance(value, list) and all(isinstance(member, str) for member in value)
