"""People, organizations and workspaces for tests: plain functions, every argument optional."""

from itertools import count

from django.db import transaction

from apps.accounts.catalog import MEMBER_JOINED, SCOPES, Kind, Role
from apps.accounts.models import (
    EXPORT_LIFE,
    INVITATION_LIFE,
    ApiKey,
    Export,
    Invitation,
    Membership,
    Notice,
    Organization,
    Team,
    User,
    Workspace,
)
from apps.core import clock
from tests.factories.plans import make_standing

PASSWORD = "correct horse battery staple"
_numbers = count(1)


def make_user(*, email: str = "", name: str = "Ada Lovelace", verified: bool = True, **fields) -> User:
    """A person with a verified address and PASSWORD."""
    user = User.objects.create_user(email or f"person{next(_numbers)}@example.com", PASSWORD, name=name, **fields)
    user.emailaddress_set.create(email=user.email, primary=True, verified=verified)
    return user


def make_organization(*, plan: str = "pro", owner: User | None = None, name: str = "Café Ada", **fields):
    """An organization on `plan` for good, with `owner` (a new person if None) as its owner."""
    organization = Organization.objects.create(name=name, **fields)
    make_standing(organization, plan=plan)
    Membership.objects.create(organization=organization, user=owner or make_user(), role=Role.OWNER)
    make_standing(organization, plan=plan)
    return organization


def make_workspace(*, organization: Organization | None = None, name: str = "Café Ada", **fields) -> Workspace:
    return Workspace.objects.create(organization=organization or make_organization(), name=name, **fields)


def make_membership(
    *, role: str = Role.MEMBER, organization: Organization | None = None, user: User | None = None
) -> Membership:
    return Membership.objects.create(
        organization=organization or make_organization(), user=user or make_user(), role=role
    )


def make_team(*, organization: Organization, name: str = "Team", members=(), workspaces=()) -> Team:
    team = Team.objects.create(organization=organization, name=name)
    team.members.set(members)
    team.workspaces.set(workspaces)
    return team


def make_invitation(
    *, organization: Organization | None = None, email: str = "new@example.com", **fields
) -> Invitation:
    """An open invitation; its mailed secret is `invitation.token`."""
    fields = {"role": Role.MEMBER, "expires_at": clock.now() + INVITATION_LIFE} | fields
    return Invitation.objects.create(organization=organization or make_organization(), email=email, **fields)


def make_key(*, membership: Membership | None = None, scopes=SCOPES, **fields) -> tuple[ApiKey, str]:
    """A key of the API and its token; it may do everything a key can, unless said otherwise."""
    key = ApiKey(
        membership=membership or make_membership(role=Role.ADMIN), scopes=list(scopes), **{"name": "Till"} | fields
    )
    token = key.new_token()
    key.save()
    return key, token


def make_export(*, user: User, content: bytes = b"PK", **fields) -> Export:
    """A finished export of the person's data, with a file."""
    fields = {"state": Export.State.READY, "expires_at": clock.now() + EXPORT_LIFE} | fields
    export = Export.objects.create(user=user, ready_at=clock.now(), bytes=len(content), **fields)
    export.path.parent.mkdir(parents=True, exist_ok=True)
    export.path.write_bytes(content)
    return export


@transaction.atomic
def make_notice(*, kind: Kind = MEMBER_JOINED, user: User | None = None, organization=None, **fields) -> Notice:
    """An unread notice of the owner of an organization, and the number of it on their row."""
    organization = organization or make_organization(owner=user)
    user = user or organization.memberships.get(role=Role.OWNER).user
    facts = {"who": "Grace Hopper", "name": organization.name}
    given = {"key": str(next(_numbers)), "page": {"name": "member_list"}, "facts": facts} | fields
    notice = Notice.objects.create(user=user, organization=organization, kind=kind.key, **given)
    User.objects.filter(pk=user.pk).recount_notices()
    return notice
