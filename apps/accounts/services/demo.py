"""The organization a newcomer tries Lily with on their own machine."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User, Workspace
from apps.accounts.services.organizations import create_organization
from apps.core.errors import WrongState
from apps.plans import services as plans

NAME = "Café Lily"


@transaction.atomic
def seed_demo(*, email: str, password: str) -> Workspace | None:
    """The demo person, their organization on Pro for good and its workspace; None when the person is there already.

    The person is an operator too, so that the admin and the doctor can be seen. Raises WrongState without an address,
    which production never has.
    """
    if not email:
        raise WrongState("This installation has no demo person.")
    if User.objects.filter(email=email).exists():
        return None
    user = User.objects.create_superuser(email, password or None, name="Robin Lily")
    user.emailaddress_set.create(email=email, primary=True, verified=True)  # type: ignore[attr-defined]
    workspace = create_organization(user=user, name=NAME, time_zone="Europe/Berlin")
    plans.comp_plan(organization=workspace.organization, plan="pro", actor=user, reason="the demo organization")
    return workspace
