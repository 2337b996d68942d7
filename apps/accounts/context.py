"""What every page's frame shows: where the person is, what they may do there, where they can go.

Everything is lazy: a fragment or a public page that shows none of it runs no query for it. The rail and the phone's bar
are made of a `Frame` and nothing else, so that `{% drawn %}` draws each part once for as long as it stays the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts import access
from apps.accounts.access import Access
from apps.accounts.catalog import Permission
from apps.accounts.models import Organization, Workspace
from apps.core.htmx import chosen_theme
from apps.plans import entitlements
from apps.plans.catalog import Limit

METER = (Limit.PUBLICATIONS_DAY, Limit.PUBLICATIONS_WEEK, Limit.IMAGES_MONTH)


@dataclass(frozen=True)
class Entry:
    """A line of the rail: current when the address' name starts with one of `names`; `icon` is lucide's name."""

    url_name: str
    label: str
    icon: str
    permission: Permission
    names: tuple[str, ...]


@dataclass(frozen=True)
class Here:
    """Where the person is, or was last when the page belongs to no workspace."""

    organization: Organization
    workspace: Workspace | None
    permissions: frozenset[Permission]


class Link(NamedTuple):
    """A line of the rail, for one person in one place."""

    label: str
    icon: str
    url: str
    is_current: bool


class Brand(NamedTuple):
    """A workspace one can switch to."""

    name: str
    url: str
    is_current: bool
    is_locked: bool


class Meter(NamedTuple):
    """How much of a limit of the plan is used."""

    label: str
    used: int
    allowed: int


class Place(NamedTuple):
    """Where the person is and where they can go: the same for all of a team who may do the same."""

    workspace: str
    organization: str
    nav: tuple[Link, ...]
    organization_nav: tuple[Link, ...]
    new_post_url: str
    brands: tuple[Brand, ...]


class Person(NamedTuple):
    name: str
    email: str


class Settings(NamedTuple):
    """What the person's menu depends on."""

    theme: str
    is_operator: bool


class Bell(NamedTuple):
    """The way to the person's notices, and how many they have not read."""

    unread: int
    is_current: bool


class Frame(NamedTuple):
    """What stands around a page. Equal parts look the same."""

    place: Place
    meters: tuple[Meter, ...]
    person: Person
    settings: Settings
    bell: Bell


WORKSPACE_ENTRIES = (
    Entry("calendar", _("Calendar"), "calendar", Permission.WORKSPACE_VIEW, ("calendar", "workspace_home")),
    Entry("post_list", _("Posts"), "layout-list", Permission.WORKSPACE_VIEW, ("post_",)),
    Entry("library", _("Library"), "images", Permission.WORKSPACE_VIEW, ("library", "image_", "asset_")),
    Entry("brand_edit", _("Brand"), "palette", Permission.WORKSPACE_VIEW, ("brand_",)),
    Entry("channel_list", _("Profiles"), "share-2", Permission.WORKSPACE_VIEW, ("channel_",)),
    Entry(
        "workspace_settings",
        _("Settings"),
        "settings",
        Permission.WORKSPACES_MANAGE,
        ("workspace_settings", "catch_up_"),
    ),
)
ORGANIZATION_ENTRIES = (
    Entry("usage", _("Usage"), "gauge", Permission.ORGANIZATION_VIEW, ("usage",)),
    Entry("member_list", _("Members"), "users", Permission.ORGANIZATION_VIEW, ("member_", "invitation_", "team_")),
    Entry(
        "organization_settings",
        _("Organization"),
        "building-2",
        Permission.ORGANIZATION_MANAGE,
        ("organization_", "workspace_new", "audit_", "key_"),
    ),
)
ENTRIES = {"workspace": WORKSPACE_ENTRIES, "organization": ORGANIZATION_ENTRIES}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `workspace`, `organization`, `permissions`, `lock` and `plan` of the page's own address;
    `here`, `new_post_url` and the whole `frame` of where the person is or last was."""
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return _machine(request)
    found: Access | None = getattr(request, "access", None)
    workspaces = SimpleLazyObject(lambda: access.find_open_workspaces(request.user, found))
    here = SimpleLazyObject(lambda: _find_here(request, workspaces))
    return {
        "workspace": found and found.workspace,
        "organization": found and found.organization,
        "permissions": found.permissions if found else frozenset(),
        "lock": found and found.lock,
        "plan": SimpleLazyObject(lambda: found and entitlements.plan_of(found.organization)),
        "here": here,
        "new_post_url": SimpleLazyObject(lambda: _new_post_url(here)),
        "frame": SimpleLazyObject(lambda: _frame(request, here, workspaces)),
        **_machine(request),
    }


def _frame(request: HttpRequest, here: Here | None, workspaces: list[Workspace]) -> Frame:
    user = request.user
    place = Place(
        workspace=here.workspace.name if here and here.workspace else "",
        organization=here.organization.name if here else "",
        nav=_links(request, here, "workspace"),
        organization_nav=_links(request, here, "organization"),
        new_post_url=_new_post_url(here),
        brands=_brands(workspaces, here),
    )
    return Frame(
        place=place,
        meters=_meters(here),
        person=Person(user.get_short_name(), user.email),
        settings=Settings(chosen_theme(request), user.is_staff),
        bell=Bell(user.unread_notices, _url_name(request) == "notice_list"),
    )


def _machine(request: HttpRequest) -> dict[str, Any]:
    """What a page of people says on a development machine: its demo person, its mailbox, where passkeys work.

    The host as it was sent: the page that refuses a forged one is made here too.
    """
    host, _, port = request.META.get("HTTP_HOST", "").partition(":")
    return {
        "demo_login": settings.DEMO_LOGIN,
        "has_mailbox": settings.MAILBOX_DIR is not None,
        "localhost_url": f"http://localhost:{port or 80}{request.path}" if host == "127.0.0.1" else "",
    }


def _find_here(request: HttpRequest, workspaces: list[Workspace]) -> Here | None:
    """The page's own tenant, else the workspace the person was in last, if it is of this tenant and still open."""
    found: Access | None = getattr(request, "access", None)
    if found and found.workspace:
        return Here(found.organization, found.workspace, found.permissions)
    for workspace in workspaces:
        is_last = workspace.pk == request.user.last_workspace_id
        if is_last and (found is None or found.organization == workspace.organization):
            return Here(workspace.organization, workspace, access.permissions_of(workspace.role, workspace.lock))
    return Here(found.organization, None, found.permissions) if found else None


@lru_cache(8192)
def _address(url_name: str, tenant: str, slug: str) -> str:
    """The address of a tenant's page; empty where no app has such a page."""
    try:
        return reverse(url_name, kwargs={tenant: slug})
    except NoReverseMatch:
        return ""


def _links(request: HttpRequest, here: Here | None, tenant: str) -> tuple[Link, ...]:
    row = getattr(here, tenant, None) if here else None
    if row is None:
        return ()
    current = _url_name(request) if getattr(request, tenant, None) is not None else ""
    return _lines(tenant, row.slug, current, here.permissions, get_language())


@lru_cache(4096)  # the same for everybody of a role
def _lines(tenant: str, slug: str, current: str, permissions: frozenset[Permission], language: str) -> tuple[Link, ...]:
    return tuple(
        Link(str(entry.label), entry.icon, address, current.startswith(entry.names))
        for entry in ENTRIES[tenant]
        if entry.permission in permissions and (address := _address(entry.url_name, tenant, slug))
    )


def _url_name(request: HttpRequest) -> str:
    """The name of the page's address; empty where none was found."""
    return (request.resolver_match and request.resolver_match.url_name) or ""


def _new_post_url(here: Here | None) -> str:
    if not here or not here.workspace or Permission.CONTENT_WRITE not in here.permissions:
        return ""
    return _address("post_new", "workspace", here.workspace.slug)


def _brands(workspaces: list[Workspace], here: Here | None) -> tuple[Brand, ...]:
    current = here.workspace.pk if here and here.workspace else None
    return tuple(
        Brand(workspace.name, workspace.get_absolute_url(), workspace.pk == current, bool(workspace.lock))
        for workspace in workspaces
    )


def _meters(here: Here | None) -> tuple[Meter, ...]:
    if not here or Permission.ORGANIZATION_VIEW not in here.permissions:
        return ()
    lines = entitlements.usage(here.organization, *METER)
    return tuple(Meter(capfirst(str(line.label)), line.used, line.allowed) for line in lines)
