"""Keys of the API: made by a member for a program of theirs, revoked by whoever looks after the organization."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.catalog import KEY_MADE, PERMISSIONS, SCOPES
from apps.accounts.models import ApiKey, Membership, Organization, User
from apps.accounts.telling import tell
from apps.core import audit, clock
from apps.core.errors import Invalid, PermissionRefused
from apps.plans import entitlements
from apps.plans.catalog import Limit

KEYS_MAX = 50  # of one organization: the page lists them all


@transaction.atomic
def create_key(
    *, actor: Membership, name: str, scopes: Iterable[str], lives: timedelta | None = None
) -> tuple[ApiKey, str]:
    """A key for a program of the actor's, and its token, which nobody can show again. `lives` None: until revoked.

    Raises LimitReached where the plan has no API, PermissionRefused for scopes the actor's role does not have.
    """
    organization = Organization.objects.select_for_update().get(pk=actor.organization_id)
    entitlements.require_some(organization, Limit.API_HOUR)
    scopes = sorted(set(scopes), key=SCOPES.index) if set(scopes) <= set(SCOPES) else []
    if not scopes:
        raise Invalid(fields={"scopes": [_("Choose what the key may do.")]})
    if not set(scopes) <= PERMISSIONS[actor.role]:
        raise PermissionRefused(_("A key may do no more than the person who makes it."))
    if ApiKey.objects.of_organization(organization).count() >= KEYS_MAX:
        raise Invalid(_("There are %(count)s keys already. Revoke one that nobody uses.") % {"count": KEYS_MAX})
    key = ApiKey(membership=actor, name=name, scopes=scopes, expires_at=clock.now() + lives if lives else None)
    token = key.new_token()
    key.save(force_insert=True)
    audit.record("api_key.made", organization=organization, actor=actor.user, target=key, scopes=scopes)
    facts = {"who": str(actor.user), "label": name}
    tell(KEY_MADE, key=str(key.pk), tenant=organization, page="key_list", facts=facts)
    return key, token


@transaction.atomic
def revoke_key(*, actor: User, key: ApiKey, reason: str = "") -> None:
    """The key opens nothing from now on. Whoever may revoke keys may revoke anybody's: a leaked one cannot wait."""
    organization = key.membership.organization
    audit.record("api_key.revoked", organization=organization, actor=actor, target=key, reason=reason)
    key.delete()
