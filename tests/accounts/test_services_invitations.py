"""Invitations: one mail, one address, one use, within the plan."""

import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.accounts import services
from apps.accounts.catalog import Role
from apps.accounts.models import Invitation, Membership, OutgoingMail
from apps.core import clock
from apps.core.errors import (
    DomainError,
    Invalid,
    LimitReached,
    NotFound,
    PermissionRefused,
    TooManyRequests,
)
from apps.core.models import AuditEntry
from tests.factories import PASSWORD, make_invitation, make_membership, make_organization, make_team, make_user

pytestmark = pytest.mark.django_db


def owner_of(organization):
    return organization.memberships.get(role=Role.OWNER)


def test_invited_person_gets_a_mail_and_joins(client, done, mailed):
    organization = make_organization(name="Café Ada")
    team = make_team(organization=organization)
    with done():
        services.invite_member(actor=owner_of(organization), email="New@Example.com", role=Role.MANAGER, teams=[team])
    assert mail.outbox[0].to == ["new@example.com"]
    assert mail.outbox[0].subject == "Café Ada asks you in"
    user = make_user(email="new@example.com")
    client.force_login(user)
    client.post(mailed())
    membership = organization.memberships.get(user=user)
    assert (membership.role, list(membership.teams.all())) == (Role.MANAGER, [team])
    actions = AuditEntry.objects.filter(organization=organization).values_list("action", flat=True)
    assert list(actions) == ["invitation.accepted", "invitation.sent"]


def test_new_person_signs_up_through_the_link_without_a_second_mail(client, delivered):
    invitation = make_invitation(email="new@example.com")
    page = client.get(invitation.get_accept_url())
    assert page.status_code == 200
    values = {"email": "new@example.com", "password1": PASSWORD, "next": invitation.get_accept_url()}
    assert client.post(reverse("account_signup"), values)["Location"] == invitation.get_accept_url()
    assert delivered() == []
    client.post(invitation.get_accept_url())
    assert invitation.organization.memberships.filter(user__email="new@example.com").exists()


def test_link_vouches_for_its_own_address_only(client, delivered):
    invitation = make_invitation(email="new@example.com")
    client.get(invitation.get_accept_url())
    client.post(reverse("account_signup"), {"email": "other@example.com", "password1": PASSWORD})
    assert "_auth_user_id" not in client.session
    assert [message.to for message in delivered()] == [["other@example.com"]]


@pytest.mark.parametrize("verified", [True, False])
def test_only_the_invited_and_verified_address_is_let_in(verified):
    invitation = make_invitation(email="new@example.com")
    user = make_user(email="other@example.com" if verified else "new@example.com", verified=verified)
    with pytest.raises(PermissionRefused):
        services.accept_invitation(user=user, token=invitation.token)
    assert not user.memberships.exists()


def test_replayed_taken_back_and_lapsed_links_look_alike(client):
    used, taken, lapsed = make_invitation(email="a@example.com"), make_invitation(), make_invitation()
    user = make_user(email="a@example.com")
    services.accept_invitation(user=user, token=used.token)
    services.take_back_invitation(actor=user, invitation=taken)
    Invitation.objects.filter(pk=lapsed.pk).update(expires_at=clock.now())
    answers = {client.get(reverse("invitation_accept", args=[t])).content for t in ("no-such", taken.token, used.token)}
    statuses = {client.get(one.get_accept_url()).status_code for one in (used, taken, lapsed)}
    assert statuses == {404}
    assert len({len(answer) for answer in answers}) == 1
    with pytest.raises(NotFound):
        services.accept_invitation(user=user, token=used.token)


def test_invitation_counts_as_a_member_and_gives_its_place_to_who_accepts():
    organization = make_organization(plan="pro")  # room for five
    actor = owner_of(organization)
    for n in range(4):
        services.invite_member(actor=actor, email=f"{n}@example.com", role=Role.MEMBER)
    with pytest.raises(LimitReached):
        services.invite_member(actor=actor, email="5@example.com", role=Role.MEMBER)
    for invitation in organization.invitations.all():
        services.accept_invitation(user=make_user(email=invitation.email), token=invitation.token)
    assert organization.memberships.count() == 5


def test_resent_mail_has_a_new_link_and_a_new_week(done, mailed):
    organization = make_organization()
    with done():
        invitation = services.invite_member(actor=owner_of(organization), email="new@example.com", role=Role.MEMBER)
    first = mailed()
    with pytest.raises(TooManyRequests):
        services.resend_invitation(actor=make_user(), invitation=invitation)
    Invitation.objects.update(sent_at=clock.now() - timedelta(minutes=2), expires_at=clock.now())
    with done():
        services.resend_invitation(actor=make_user(), invitation=invitation)
    assert mailed() != first
    assert Client().get(first).status_code == 404
    assert Client().get(mailed()).status_code == 200


def test_mail_that_still_waits_goes_with_its_link():
    actor = owner_of(make_organization())
    invitation = services.invite_member(actor=actor, email="new@example.com", role=Role.MEMBER)
    first = OutgoingMail.objects.get()
    Invitation.objects.update(sent_at=clock.now() - timedelta(minutes=2))
    services.resend_invitation(actor=actor.user, invitation=invitation)
    second = OutgoingMail.objects.get()
    assert (second.pk == first.pk, second.text == first.text) == (False, False)
    services.take_back_invitation(actor=actor.user, invitation=invitation)
    assert not OutgoingMail.objects.exists()


def test_mail_that_still_waits_is_not_sent_once_the_person_is_in():
    actor = owner_of(make_organization())
    invitation = services.invite_member(actor=actor, email="new@example.com", role=Role.MEMBER)
    services.accept_invitation(user=make_user(email="new@example.com"), token=invitation.token)
    assert not OutgoingMail.objects.filter(to="new@example.com").exists()


def test_inviting_works_without_a_queue(dead_valkey, django_capture_on_commit_callbacks):
    actor = owner_of(make_organization())
    with django_capture_on_commit_callbacks(execute=True):
        services.invite_member(actor=actor, email="new@example.com", role=Role.MEMBER)
    assert [letter.to for letter in mail.outbox] == [["new@example.com"]]


def test_lapsed_invitation_is_renewed_by_asking_again():
    organization = make_organization()
    lapsed = make_invitation(organization=organization, expires_at=clock.now())
    again = services.invite_member(actor=owner_of(organization), email=lapsed.email, role=Role.VIEWER)
    assert (again.pk, again.is_pending, again.role) == (lapsed.pk, True, Role.VIEWER)


@pytest.mark.parametrize("email", ["in@example.com", "asked@example.com"])
def test_who_is_in_or_asked_is_not_asked_again(email):
    organization = make_organization()
    make_membership(organization=organization, user=make_user(email="in@example.com"))
    make_invitation(organization=organization, email="asked@example.com")
    with pytest.raises(Invalid) as error:
        services.invite_member(actor=owner_of(organization), email=email, role=Role.MEMBER)
    assert error.value.fields.keys() == {"email"}


def test_admin_invites_no_owner():
    admin = make_membership(role=Role.ADMIN)
    with pytest.raises(PermissionRefused):
        services.invite_member(actor=admin, email="new@example.com", role=Role.OWNER)


def test_an_organization_cannot_be_used_to_mail_the_world():
    organization = make_organization()
    actor = owner_of(organization)
    for n in range(services.INVITATIONS_A_DAY):
        invitation = services.invite_member(actor=actor, email=f"{n}@example.com", role=Role.MEMBER)
        services.take_back_invitation(actor=actor.user, invitation=invitation)
    with pytest.raises(TooManyRequests):
        services.invite_member(actor=actor, email="more@example.com", role=Role.MEMBER)


@pytest.mark.django_db(transaction=True)
def test_one_link_used_by_many_at_once_makes_one_member():
    invitation = make_invitation(email="new@example.com")
    user = make_user(email="new@example.com")
    start, answers = threading.Barrier(10), []

    def accept():
        start.wait()
        try:
            answers.append(services.accept_invitation(user=user, token=invitation.token).role)
        except DomainError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["member"] + ["not_found"] * 9
    assert Membership.objects.filter(user=user).count() == 1


@pytest.mark.django_db(transaction=True)
def test_places_are_not_given_twice_when_many_are_invited_at_once():
    organization = make_organization(plan="pro")
    actor = owner_of(organization)
    start, answers = threading.Barrier(20), []

    def invite(n):
        start.wait()
        try:
            services.invite_member(actor=actor, email=f"{n}@example.com", role=Role.MEMBER)
            answers.append("invited")
        except DomainError as error:
            answers.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=invite, args=[n]) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["invited"] * 4 + ["limit_reached"] * 16
