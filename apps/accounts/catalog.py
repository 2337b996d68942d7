"""Roles and what each may do, and what people are told of.

Deny by default: a role has a permission only if it stands in this table.
"""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

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


class Way(TextChoices):
    """How a person can be told."""

    LILY = "lily", _("In Lily")
    MAIL = "mail", _("By mail")


BOTH = frozenset(Way)


@dataclass(frozen=True)
class Kind:
    """Something people are told of: those whose role has `permission` where it happened, None for what concerns one
    person alone. `sentence` is filled with the notice's facts; `icon` is lucide's name.

    `ways` are what holds until a person chooses, `always` what nobody can switch off: without it a post stays unsent,
    or something of theirs is taken, and nobody knows.
    """

    key: str
    icon: str
    label: str
    help: str
    sentence: str
    permission: Permission | None
    ways: frozenset[Way] = frozenset({Way.LILY})
    always: frozenset[Way] = frozenset()
    template: str = "accounts/mail/notice"


POST_NEEDS_YOU = Kind(
    "post_needs_you",
    "triangle-alert",
    _("A post needs you"),
    _("A network refused it, it is late, or its profile is not connected. Goes to who wrote it."),
    ngettext_lazy("A post needs you: “%(words)s”", "%(count)s posts need you", "count"),
    Permission.CONTENT_WRITE,
    ways=BOTH,
    always=frozenset({Way.LILY}),
    template="content/mail/needs_you",
)
CHANNEL_LOST = Kind(
    "channel_lost",
    "unplug",
    _("A profile has to be connected again"),
    _("The network no longer lets Lily post there. Posts wait until it does."),
    _("Connect %(handle)s on %(network)s again. Posts planned for it wait."),
    Permission.CHANNELS_CONNECT,
    ways=BOTH,
    always=frozenset({Way.LILY}),
    template="social/mail/reconnect",
)
LIMIT_NEARED = Kind(
    "limit_neared",
    "gauge",
    _("The plan is nearly or wholly used"),
    _("At 80 % and at 100 % of what the plan counts."),
    _("%(used)s of %(allowed)s %(what)s used"),
    Permission.BILLING_MANAGE,
    ways=BOTH,
    template="accounts/mail/limit_notice",
)
WORKSPACE_PAUSED = Kind(
    "workspace_paused",
    "pause",
    _("Somebody paused a workspace"),
    _("Nothing of it goes out until it is resumed."),
    _("%(who)s paused %(name)s. Nothing of it goes out."),
    Permission.WORKSPACES_MANAGE,
)
ORGANIZATION_PAUSED = Kind(
    "organization_paused",
    "pause",
    _("Somebody paused the organization"),
    _("Nothing of any workspace goes out until it is resumed."),
    _("%(who)s paused %(name)s. Nothing of it goes out."),
    Permission.ORGANIZATION_MANAGE,
)
MEMBER_JOINED = Kind(
    "member_joined",
    "user-plus",
    _("Somebody joined"),
    _("An invitation was accepted."),
    _("%(who)s joined %(name)s"),
    Permission.MEMBERS_MANAGE,
)
MEMBER_LEFT = Kind(
    "member_left",
    "log-out",
    _("Somebody left"),
    _("By themselves, or removed by somebody else."),
    _("%(who)s is no longer in %(name)s"),
    Permission.MEMBERS_MANAGE,
)
KEY_MADE = Kind(
    "key_made",
    "key-round",
    _("An API key was made"),
    _("A program can act in your organization with it. Who made it gets the mail too."),
    _("%(who)s made the API key “%(label)s”"),
    Permission.API_MANAGE,
    ways=BOTH,
    always=frozenset({Way.MAIL}),
)
WORKSPACE_DELETION = Kind(
    "workspace_deletion",
    "trash-2",
    _("A workspace will be deleted"),
    _("It can be kept for seven days."),
    _("%(who)s asked to delete %(name)s. You have seven days to keep it."),
    Permission.WORKSPACES_MANAGE,
    ways=BOTH,
)
ORGANIZATION_DELETION = Kind(
    "organization_deletion",
    "trash-2",
    _("The organization will be deleted"),
    _("It can be kept for seven days."),
    _("%(who)s asked to delete %(name)s. You have seven days to keep it."),
    Permission.ORGANIZATION_DELETE,
    ways=BOTH,
    always=BOTH,
    template="accounts/mail/deletion_notice",
)
EXPORT_READY = Kind(
    "export_ready",
    "download",
    _("Your export is ready"),
    _("The zip you asked for can be downloaded."),
    _("The export you asked for is ready"),
    None,
    ways=BOTH,
    always=frozenset({Way.MAIL}),
    template="accounts/mail/export_ready",
)

KINDS: dict[str, Kind] = {
    kind.key: kind
    for kind in (
        POST_NEEDS_YOU,
        CHANNEL_LOST,
        LIMIT_NEARED,
        WORKSPACE_PAUSED,
        ORGANIZATION_PAUSED,
        MEMBER_JOINED,
        MEMBER_LEFT,
        KEY_MADE,
        WORKSPACE_DELETION,
        ORGANIZATION_DELETION,
        EXPORT_READY,
    )
}
