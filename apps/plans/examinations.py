"""What the doctor looks at in plans."""

from collections.abc import Iterator

from apps.core.doctor import Finding, check, error
from apps.plans import catalog
from apps.plans.models import Plan


@check("plans", "Plans")
def check_plans() -> Iterator[Finding]:
    """Every plan of the catalog is there, and every plan states every limit, feature, level and choice."""
    plans = {plan.key: plan for plan in Plan.objects.all()}
    for seed in catalog.SEED:
        if seed.key not in plans:
            yield error(f"The plan {seed.key} is missing, so what needs it is denied.", "Run manage.py seed_plans.")
    for plan in plans.values():
        if unstated := plan.unstated():
            yield error(
                f"The plan {plan.key} does not state: {', '.join(unstated)}. All of it is denied.",
                "State it in the admin, or run manage.py seed_plans.",
            )
