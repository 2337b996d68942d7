"""The tenants' tables: rules that live in the database, and what a row says of itself."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from apps.accounts.catalog import Role
from apps.accounts.models import Invitation, Membership, User, hash_token, time_zones
from apps.core import clock
from tests.factories import make_invitation, make_membership, make_organization, make_user, make_workspace

pytestmark = pytest.mark.django_db


def test_email_is_stored_in_lower_case():
    assert make_user(email="Ada@Example.COM").email == "ada@example.com"
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Bob@example.com")


def test_slug_ends_in_a_random_part_and_never_collides():
    first, second = make_organization(name="Café Ada"), make_organization(name="Café Ada")
    assert first.slug.startswith("cafe-ada-")
    assert first.slug != second.slug


def test_membership_is_one_per_person_and_organization():
    membership = make_membership()
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(organization=membership.organization, user=membership.user, role=Role.VIEWER)


def test_invitation_never_makes_an_owner():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_invitation(role=Role.OWNER)


def test_invitation_keeps_only_the_hash_of_its_token():
    invitation = make_invitation()
    stored = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert invitation.token not in {str(value) for value in stored.values()}
    assert stored["token_hash"] == hash_token(invitation.token)
    assert Invitation.objects.with_token(invitation.token).get() == invitation


def test_invitation_renewed_lets_the_earlier_link_die():
    invitation = make_invitation(expires_at=clock.now() - timedelta(days=1))
    earlier = invitation.token
    invitation.renew()
    invitation.save()
    assert not Invitation.objects.with_token(earlier).exists()
    assert Invitation.objects.pending().get() == invitation


def test_invitation_counts_as_pending_until_accepted_or_lapsed():
    organization = make_organization()
    pending = make_invitation(organization=organization)
    make_invitation(organization=organization, email="old@example.com", expires_at=clock.now() - timedelta(seconds=1))
    make_invitation(organization=organization, email="in@example.com", accepted_at=clock.now())
    assert list(Invitation.objects.pending()) == [pending]


def test_workspace_is_held_by_any_brake_or_booked_deletion():
    workspace = make_workspace()
    assert not workspace.is_held
    workspace.organization.is_paused = True
    assert workspace.is_held
    workspace.organization.is_paused = False
    workspace.delete_at = clock.now()
    assert workspace.is_held


def test_time_zones_are_those_browsers_report():
    names = [name for name, _ in time_zones()]
    assert names[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Calcutta", "America/Argentina/Buenos_Aires"} <= set(names)
