"""Plans and standings for tests: the seeded plans, and an organization standing on one."""

from datetime import datetime

from apps.plans import entitlements
from apps.plans.models import Plan, Standing
from apps.plans.services import seed_plans


def make_plans() -> None:
    """The seeded plans, where this database does not have them yet."""
    if not Plan.objects.exists():
        seed_plans()


def make_standing(organization, *, plan: str = "pro", source: str = "comped", **fields: datetime | str) -> Standing:
    """The organization stands on this plan; replaces what it stood on."""
    make_plans()
    wanted = {"plan": Plan.objects.get(key=plan), "source": source, "zone": organization.time_zone, **fields}
    standing, _ = Standing.objects.update_or_create(organization=organization, defaults=wanted)
    entitlements.forget(organization)
    return standing
