"""Roles and what each may do. Deny by default: a role has a permission only if it stands in this table."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from apps.plans.catalog import Limit


class Role(TextChoices):
    OWNER = "owner", _("Owner")
    ADMIN = "admin", _("Admin")
    MANAGER = "manager", _("Manager")
    MEMBER = "member", _("Member")
    VIEWER = "viewer", _("Viewer")


class Setup(TextChoices):
    """What a new workspace still waits for, in this order; nothing more once its first post is begun."""

    BRAND = "brand", _("Your brand")
    PROFILE = "profile", _("Your profile")


SETUP_STEPS = (_("Your business"), Setup.BRAND.label, Setup.PROFILE.label)


class Permission(TextChoices):
    """Named rights. Views state one of these; templates read `"content.publish" in permissions`."""

    WORKSPACE_VIEW = "workspace.view", _("see a workspace: its calendar, posts, pictures, brand and profiles")
    CONTENT_WRITE = "content.write", _("write drafts, upload and make pictures")
    CONTENT_PUBLISH = "content.publish", _("schedule, move, cancel and retry posts")
    BRAND_EDIT = "brand.edit", _("change the brand kit")
    CHANNELS_CONNECT = "channels.connect", _("connect profiles, and connect them again")
    CHANNELS_MANAGE = "channels.manage", _("pause and disconnect profiles, use a workspace's brake")
    WORKSPACES_MANAGE = "workspaces.manage", _("add, rename and delete workspaces")
    ORGANIZATION_LEAVE = "organization.leave", _("leave the organization")
    ORGANIZATION_VIEW = "organization.view", _("see the organization, its members and its usage")
    MEMBERS_MANAGE = "members.manage", _("invite and remove members, change roles and teams")
    API_MANAGE = "api.manage", _("make and revoke keys for the API")
    ORGANIZATION_MANAGE = "organization.manage", _("change the organization's name, zone and brake, see its audit log")
    BILLING_MANAGE = "billing.manage", _("choose and pay the plan")
    ORGANIZATION_DELETE = "organization.delete", _("export, hand over and delete the organization")


_VIEWER = frozenset({Permission.WORKSPACE_VIEW, Permission.ORGANIZATION_VIEW, Permission.ORGANIZATION_LEAVE})
_MEMBER = _VIEWER | {Permission.CONTENT_WRITE}
_MANAGER = _MEMBER | {
    Permission.CONTENT_PUBLISH,
    Permission.BRAND_EDIT,
    Permission.CHANNELS_CONNECT,
    Permission.CHANNELS_MANAGE,
}
_ADMIN = _MANAGER | {
    Permission.WORKSPACES_MANAGE,
    Permission.MEMBERS_MANAGE,
    Permission.API_MANAGE,
    Permission.ORGANIZATION_MANAGE,
}
_OWNER = _ADMIN | {Permission.BILLING_MANAGE, Permission.ORGANIZATION_DELETE}

PERMISSIONS: dict[str, frozenset[Permission]] = {
    Role.OWNER: _OWNER,
    Role.ADMIN: _ADMIN,
    Role.MANAGER: _MANAGER,
    Role.MEMBER: _MEMBER,
    Role.VIEWER: _VIEWER,
}

# What is left of a role where the plan locks the member, or the workspace: the first may go, in the second people look
# and make room. Nothing new is made (docs/decisions/people.md).
LEFT_BY_LOCK: dict[Limit, frozenset[Permission]] = {
    Limit.MEMBERS: frozenset({Permission.ORGANIZATION_LEAVE}),
    Limit.WORKSPACES: _OWNER
    - {Permission.CONTENT_WRITE, Permission.CONTENT_PUBLISH, Permission.BRAND_EDIT, Permission.CHANNELS_CONNECT},
}

# What a key of the API can be given: the permissions its addresses ask for. People, plan and settings stay with people.
SCOPES: tuple[Permission, ...] = (
    Permission.WORKSPACE_VIEW,
    Permission.ORGANIZATION_VIEW,
    Permission.CONTENT_WRITE,
    Permission.CONTENT_PUBLISH,
    Permission.BRAND_EDIT,
)


def is_above(role: str, other: str) -> bool:
    """Whether `role` stands above `other`; roles are listed from the highest down."""
    return Role.values.index(role) < Role.values.index(other)
