"""A limit that is nearly used is told to the owners."""

import pytest
from django.core import mail

from apps.accounts import services
from apps.accounts.catalog import Role
from apps.accounts.models import Membership
from tests.factories import make_membership, make_organization

pytestmark = pytest.mark.django_db


def test_owners_are_told_when_a_limit_is_nearly_used(done):
    organization = make_organization(plan="pro", name="Café Ada")  # five members
    owners = [organization.memberships.get().user, make_membership(organization=organization, role=Role.OWNER).user]
    make_membership(organization=organization, role=Role.ADMIN)
    actor = Membership.objects.get(user=owners[0])
    with done():
        services.invite_member(actor=actor, email="new@example.com", role=Role.MEMBER)
    told = [message for message in mail.outbox if "used" in message.subject]
    assert sorted(message.to[0] for message in told) == sorted(owner.email for owner in owners)
    assert {message.subject for message in told} == {"Café Ada: 4 of 5 members used"}
    assert f"/o/{organization.slug}/usage/" in told[0].body
