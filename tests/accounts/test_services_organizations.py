"""Organizations and workspaces: founding, changing, the brake, booked deletion."""

from datetime import timedelta

import pytest

from apps.accounts import services, signals
from apps.accounts.catalog import Role
from apps.accounts.models import DELETION_GRACE, Organization, OutgoingMail, Workspace
from apps.core import clock
from apps.core.errors import Invalid, LimitReached, WrongState
from apps.core.models import AuditEntry
from apps.plans import entitlements
from tests.factories import make_membership, make_organization, make_plans, make_user, make_workspace

pytestmark = pytest.mark.django_db


@pytest.fixture
def news():
    """What the signals of the brake said: (signal's name, organization, workspace)."""
    heard = []

    def hear(name):
        return lambda sender, organization, workspace, **kwargs: heard.append((name, organization, workspace))

    receivers = {"held": hear("held"), "resumed": hear("resumed")}
    for name, receiver in receivers.items():
        getattr(signals, name).connect(receiver)
    yield heard
    for name, receiver in receivers.items():
        getattr(signals, name).disconnect(receiver)


def test_founding_starts_the_trial_once_per_person():
    make_plans()
    user = make_user()
    first = services.create_organization(user=user, name="Café Ada", time_zone="Europe/Berlin")
    assert (first.name, first.time_zone, first.organization.time_zone) == ("Café Ada", "Europe/Berlin", "Europe/Berlin")
    assert first.organization.memberships.get().role == Role.OWNER
    assert entitlements.plan_of(first.organization).key == "pro"
    assert entitlements.plan_of(first.organization).is_trial
    user.refresh_from_db()
    assert (user.last_workspace, user.time_zone) == (first, "Europe/Berlin")
    second = services.create_organization(user=user, name="Agency", time_zone="UTC")
    assert (second.organization.name, second.name, second.setup) == ("Agency", "Agency", "brand")
    assert entitlements.plan_of(second.organization).key == "free"


def test_workspace_needs_a_place_in_the_plan():
    organization = make_organization(plan="starter")
    actor = make_user()
    values = {"actor": actor, "organization": organization, "name": "Bakery", "time_zone": "UTC"}
    services.create_workspace(**values)
    with pytest.raises(LimitReached):
        services.create_workspace(**values)


def test_workspace_booked_for_deletion_frees_its_place_and_may_not_come_back_into_a_full_plan():
    organization = make_organization(plan="starter")
    actor = make_user()
    workspace = make_workspace(organization=organization, name="Old")
    services.delete_workspace(actor=actor, workspace=workspace, typed="old ")
    services.create_workspace(actor=actor, organization=organization, name="New", time_zone="UTC")
    with pytest.raises(LimitReached):
        services.keep_workspace(actor=actor, workspace=workspace)


def test_update_is_recorded_with_before_and_after():
    organization = make_organization(name="Ada", time_zone="UTC")
    services.update_organization(
        actor=make_user(), organization=organization, name="Café Ada", time_zone="Asia/Kathmandu"
    )
    entry = AuditEntry.objects.get(action="organization.changed")
    assert entry.facts["before"] == {"name": "Ada", "time_zone": "UTC"}
    assert Organization.objects.get().time_zone == "Asia/Kathmandu"
    assert organization.slug == Organization.objects.get().slug


def test_brake_of_a_workspace_is_told_once(news):
    workspace = make_workspace()
    for _ in range(2):
        services.pause_workspace(actor=make_user(), workspace=workspace)
    assert Workspace.objects.get().is_paused
    for _ in range(2):
        services.resume_workspace(actor=make_user(), workspace=workspace)
    told = (workspace.organization, workspace)
    assert news == [("held", *told), ("resumed", *told)]
    assert AuditEntry.objects.filter(target_id=workspace.pk).count() == 2


def test_brake_of_the_organization_covers_every_workspace(news):
    workspace = make_workspace()
    organization = workspace.organization
    services.pause_organization(actor=make_user(), organization=organization)
    services.pause_workspace(actor=make_user(), workspace=workspace)
    services.resume_workspace(actor=make_user(), workspace=Workspace.objects.get())
    assert news == [("held", organization, None), ("held", organization, workspace)]
    services.resume_organization(actor=make_user(), organization=organization)
    assert news[-1] == ("resumed", organization, None)


def test_deletion_needs_the_typed_name():
    workspace = make_workspace(name="Café Ada")
    for service, row in (
        (services.delete_workspace, {"workspace": workspace}),
        (services.delete_organization, {"organization": workspace.organization}),
    ):
        with pytest.raises(Invalid) as error:
            service(actor=make_user(), typed="Cafe", **row)
        assert error.value.fields == {"typed": ["Type “Café Ada” to confirm."]}
    assert not Workspace.objects.exclude(delete_at=None).exists()


def test_booked_deletion_holds_tells_the_owners_and_can_be_undone(news, done):
    organization = make_organization(name="Café Ada")
    second = make_membership(organization=organization, role=Role.OWNER)
    make_membership(organization=organization, role=Role.ADMIN)
    with done():
        booked = services.delete_organization(actor=make_user(), organization=organization, typed="Café Ada")
    assert abs(booked.delete_at - clock.now() - DELETION_GRACE) < timedelta(minutes=1)
    assert booked.is_held
    owners = {organization.memberships.first().user.email, second.user.email}
    assert {letter.to for letter in OutgoingMail.objects.all()} == owners
    kept = services.keep_organization(actor=make_user(), organization=organization)
    assert not kept.is_held
    assert not OutgoingMail.objects.exists(), "what no longer holds is not mailed"
    assert [name for name, *_ in news] == ["held", "resumed"]
    with pytest.raises(WrongState):
        services.keep_organization(actor=make_user(), organization=organization)


def test_deletion_that_is_due_cannot_be_undone_any_more():
    organization = make_organization(delete_at=clock.now())
    workspace = make_workspace(organization=organization, delete_at=clock.now())
    with pytest.raises(WrongState):
        services.keep_organization(actor=make_user(), organization=organization)
    with pytest.raises(WrongState):
        services.keep_workspace(actor=make_user(), workspace=workspace)


def test_kept_organization_with_its_brake_on_stays_held(news):
    organization = make_organization(name="Café Ada", is_paused=True)
    services.delete_organization(actor=make_user(), organization=organization, typed="Café Ada")
    services.keep_organization(actor=make_user(), organization=organization)
    assert [name for name, *_ in news] == ["held"]
