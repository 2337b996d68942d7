"""Organizations: create, change, brake, delete."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import signals
from apps.accounts.catalog import ORGANIZATION_DELETION, ORGANIZATION_PAUSED, Role, Setup
from apps.accounts.models import DELETION_GRACE, Membership, Organization, User, Workspace
from apps.accounts.telling import take_back, tell
from apps.core import audit, clock
from apps.core.errors import Invalid, WrongState
from apps.plans import entitlements
from apps.plans import services as plans


@transaction.atomic
def create_organization(*, user: User, name: str, time_zone: str) -> Workspace:
    """A new organization owned by `user`, on the trial if the person never had one, with its first workspace, which has
    the same name until the brand is given its own. Returns the workspace; it waits to be set up.
    """
    organization = Organization.objects.create(name=name, time_zone=time_zone)
    Membership.objects.create(organization=organization, user=user, role=Role.OWNER)
    plans.start_standing(organization=organization, founder=user)
    workspace = Workspace.objects.create(organization=organization, name=name, time_zone=time_zone, setup=Setup.BRAND)
    user.remember_workspace(workspace)
    if user.time_zone == "UTC":
        user.time_zone = time_zone
        user.save(update_fields=["time_zone"])
    audit.record("organization.created", organization=organization, actor=user, target=organization, name=name)
    return workspace


@transaction.atomic
def update_organization(*, actor: User, organization: Organization, name: str, time_zone: str) -> Organization:
    """A new name or zone. Limits are counted in a new zone from their next period on."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    before = {"name": organization.name, "time_zone": organization.time_zone}
    organization.name, organization.time_zone = name, time_zone
    organization.save(update_fields=["name", "time_zone"])
    entitlements.zone_changed(organization)
    audit.record(
        "organization.changed",
        organization=organization,
        actor=actor,
        target=organization,
        before=before,
        after={"name": name, "time_zone": time_zone},
    )
    return organization


@transaction.atomic
def pause_organization(*, actor: User, organization: Organization, reason: str = "") -> None:
    """The brake: from this commit on nothing of the organization is published. Pausing twice is pausing once."""
    if Organization.objects.filter(pk=organization.pk, is_paused=False).update(is_paused=True):
        organization.is_paused = True
        audit.record("organization.paused", organization=organization, actor=actor, target=organization, reason=reason)
        tell(
            ORGANIZATION_PAUSED,
            key=f"{organization.pk}:{clock.now().isoformat()}",
            tenant=organization,
            page="organization_settings",
            facts={"who": str(actor), "name": organization.name},
            by=actor,
        )
        signals.held.send(Organization, organization=organization, workspace=None)


@transaction.atomic
def resume_organization(*, actor: User, organization: Organization, reason: str = "") -> None:
    """Lets go of the brake; workspaces with a brake of their own stay paused."""
    if Organization.objects.filter(pk=organization.pk, is_paused=True).update(is_paused=False):
        organization.is_paused = False
        audit.record("organization.resumed", organization=organization, actor=actor, target=organization, reason=reason)
        take_back(ORGANIZATION_PAUSED, tenant=organization)
        _send_resumed(organization)


@transaction.atomic
def delete_organization(*, actor: User, organization: Organization, typed: str, reason: str = "") -> Organization:
    """Book the deletion of the organization with everything in it, in DELETION_GRACE; until then nothing is published
    and any owner can keep it. Raises Invalid unless `typed` is the organization's name."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    require_typed(typed, organization.name)
    if organization.delete_at is None:
        organization.delete_at = clock.now() + DELETION_GRACE
        organization.save(update_fields=["delete_at"])
        audit.record(
            "organization.deletion_booked",
            organization=organization,
            actor=actor,
            target=organization,
            reason=reason,
            delete_at=organization.delete_at,
        )
        tell(
            ORGANIZATION_DELETION,
            key=f"{organization.pk}:{organization.delete_at.isoformat()}",
            tenant=organization,
            page="organization_settings",
            facts={"who": str(actor), "name": organization.name},
            organization=organization,
        )
        signals.held.send(Organization, organization=organization, workspace=None)
    return organization


@transaction.atomic
def keep_organization(*, actor: User, organization: Organization, reason: str = "") -> Organization:
    """Undo a booked deletion. Raises WrongState if there is none any more."""
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if not organization.can_be_kept:
        raise WrongState
    organization.delete_at = None
    organization.save(update_fields=["delete_at"])
    audit.record("organization.kept", organization=organization, actor=actor, target=organization, reason=reason)
    take_back(ORGANIZATION_DELETION, tenant=organization)
    _send_resumed(organization)
    return organization


def _send_resumed(organization: Organization) -> None:
    if not organization.is_held:
        signals.resumed.send(Organization, organization=organization, workspace=None)


def require_typed(typed: str, name: str) -> None:
    """The guard of deletions: the person has to type the name. Raises Invalid for the field `typed`."""
    if " ".join(typed.split()).casefold() != " ".join(name.split()).casefold():
        raise Invalid(fields={"typed": [_("Type “%(name)s” to confirm.") % {"name": name}]})
