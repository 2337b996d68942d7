"""Invitations by mail: 7 days, single use, for one address only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts import mailing
from apps.accounts.catalog import MEMBER_JOINED, Role
from apps.accounts.models import Invitation, Membership, Organization, Team, User
from apps.accounts.services.mails import post_mail
from apps.accounts.services.members import require_rank
from apps.accounts.telling import tell
from apps.core import audit, clock
from apps.core.errors import Invalid, NotFound, PermissionRefused, TooManyRequests
from apps.plans import entitlements
from apps.plans.catalog import Limit

RESEND_AFTER = timedelta(minutes=1)
INVITATIONS_A_DAY = 60  # mails of one organization in 24 hours, so that nobody mails the world through us


@transaction.atomic
def invite_member(*, actor: Membership, email: str, role: str, teams: Iterable[Team] = ()) -> Invitation:
    """Ask a person in by mail; counts as a member until it is accepted, taken back or lapses.

    An invitation that lapsed is renewed. Raises LimitReached, PermissionRefused for a role above the actor's own,
    Invalid if the person is a member or is asked already.
    """
    organization = Organization.objects.select_for_update().get(pk=actor.organization_id)
    require_rank(actor, role)
    email = email.strip().lower()
    if role == Role.OWNER:
        raise Invalid(fields={"role": [_("Invite them as admin first; an owner can hand over later.")]})
    if organization.memberships.filter(user__email=email).exists():
        raise Invalid(fields={"email": [_("This person is a member already.")]})
    invitation = organization.invitations.filter(email=email, accepted_at=None).first()
    if invitation and invitation.is_pending:
        raise Invalid(fields={"email": [_("This person is invited already. You can send the mail again below.")]})
    entitlements.slot(organization, Limit.MEMBERS)
    _require_calm(organization)
    invitation = invitation or Invitation(organization=organization, email=email)
    invitation.role, invitation.invited_by, invitation.sent_at = role, actor.user, clock.now()
    invitation.renew()
    invitation.save()
    invitation.teams.set(teams)
    _record("invitation.sent", actor.user, invitation, role=role)
    _mail(invitation)
    return invitation


@transaction.atomic
def resend_invitation(*, actor: User, invitation: Invitation, reason: str = "") -> Invitation:
    """Send the mail again, with a new link and a new week; the earlier link dies. Not twice within RESEND_AFTER.

    Raises TooManyRequests, LimitReached if it lapsed and its place is taken, NotFound if it was accepted meanwhile.
    """
    organization = Organization.objects.select_for_update().get(pk=invitation.organization_id)
    invitation = organization.invitations.select_for_update().filter(pk=invitation.pk, accepted_at=None).first()
    if invitation is None:
        raise NotFound
    wait = (invitation.sent_at or invitation.created_at) + RESEND_AFTER - clock.now()
    if wait > timedelta():
        raise TooManyRequests(_("The mail went out a moment ago. Give it a minute to arrive."), retry_after=wait)
    _require_calm(organization)
    if not invitation.is_pending:
        entitlements.slot(organization, Limit.MEMBERS)
    invitation.renew()
    invitation.sent_at = clock.now()
    invitation.save()
    _record("invitation.sent", actor, invitation, reason=reason, again=True)
    _mail(invitation)
    return invitation


@transaction.atomic
def take_back_invitation(*, actor: User, invitation: Invitation, reason: str = "") -> None:
    """Void an invitation that was not accepted yet. Raises NotFound if it was."""
    invitation = Invitation.objects.select_for_update(of=("self",)).filter(pk=invitation.pk, accepted_at=None).first()
    if invitation is None:
        raise NotFound
    _record("invitation.taken_back", actor, invitation, reason=reason)
    invitation.delete()


def find_invitation(token: str) -> Invitation:
    """The open invitation of a mailed token. Raises NotFound for used, lapsed, replaced and made-up ones alike."""
    found = Invitation.objects.with_token(token).pending().select_related("organization", "invited_by").first()
    if found is None:
        raise NotFound(_("This invitation is no longer valid. Ask for a new one."))
    return found


@transaction.atomic
def accept_invitation(*, user: User, token: str) -> Membership:
    """Make the person a member, once. Raises NotFound (see `find_invitation`), PermissionRefused unless the invited
    address is the person's own and verified, LimitReached if the plan has shrunk meanwhile."""
    organization = Organization.objects.select_for_update().get(pk=find_invitation(token).organization_id)
    invitation = find_invitation(token)  # again, now that nobody else can use it
    if not user.has_verified(invitation.email):
        raise PermissionRefused(_("This invitation is for another e-mail address."))
    Invitation.objects.filter(pk=invitation.pk).update(accepted_at=clock.now())
    invitation.mails.all().delete()
    membership = organization.memberships.filter(user=user).first()
    if membership is None:
        entitlements.slot(organization, Limit.MEMBERS)
        membership = Membership.objects.create(organization=organization, user=user, role=invitation.role)
        facts = {"who": str(user), "name": organization.name}
        tell(MEMBER_JOINED, key=str(membership.pk), tenant=organization, page="member_list", facts=facts, by=user)
    membership.teams.add(*invitation.teams.all())
    _record("invitation.accepted", user, invitation, role=membership.role)
    return membership


def _mail(invitation: Invitation) -> None:
    """Mail the link to accept. One still on its way has a link that is dead."""
    invitation.mails.all().delete()
    inviter = invitation.invited_by  # nothing is known of the invited; most share a language with who asks them in
    language = inviter.language if inviter else ""
    subject, text = mailing.compose("accounts/mail/invitation", language=language, invitation=invitation)
    post_mail(to=invitation.email, subject=subject, text=text, invitation=invitation)


def _require_calm(organization: Organization) -> None:
    sent = audit.entries(organization).filter(action="invitation.sent", at__gt=clock.now() - timedelta(days=1))
    if sent.count() >= INVITATIONS_A_DAY:
        raise TooManyRequests(
            _("That were many invitations for one day. Go on tomorrow."), retry_after=timedelta(hours=24)
        )


def _record(action: str, actor: User, invitation: Invitation, **facts: Any) -> None:
    audit.record(action, organization=invitation.organization, actor=actor, target=invitation, **facts)
