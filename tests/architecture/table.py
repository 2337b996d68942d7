"""The URL table of the whole product, and the rows that fill its addresses.

A new address needs nothing here if its only parameters are `workspace` or `organization`. Every other parameter needs
a row: a factory in `ROWS` that makes, inside the given scene, what the address points at. A view of a package needs a
line in `THIRD_PARTY`, a public view of ours a line in `PUBLIC` that says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.urls import URLPattern, URLResolver, get_resolver, resolve, reverse

from apps.accounts.models import Membership, Organization, User, Workspace
from apps.social.providers.sandbox import SandboxPicture, SandboxPost
from tests import factories

WORDS = frozenset({"network", "year", "month", "day"})  # words of ours and days: they point at no row
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


@dataclass(frozen=True)
class Address:
    """One line of the URL table."""

    route: str
    name: str
    view: Callable[..., Any]
    parameters: frozenset[str]

    @property
    def is_ours(self) -> bool:
        return self.view.__module__.startswith("apps.")

    @property
    def access(self) -> str | None:
        return getattr(self.view, "access", None)

    def permission(self, method: str) -> str:
        """What the address asks for by this method; the API's may ask for another by each."""
        return getattr(self.view, "permissions", {}).get(method, self.access)

    @property
    def described(self) -> str:
        """The route as the description of the API writes its path."""
        return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", self.route).replace("{pk}", "{id}")

    @property
    def is_api(self) -> bool:
        return self.route.startswith("api/")

    @property
    def is_tenants(self) -> bool:
        return bool(self.parameters & {"workspace", "organization"})

    def __str__(self) -> str:
        return self.name or self.route


@dataclass
class Scene:
    """One organization on the largest plan, with an owner and one workspace."""

    organization: Organization
    workspace: Workspace
    owner: User
    membership: Membership


def make_scene(*, older_workspaces: int = 0) -> Scene:
    owner = factories.make_user()
    organization = factories.make_organization(owner=owner, plan="enterprise")
    for _ in range(older_workspaces):
        factories.make_workspace(organization=organization)
    workspace = factories.make_workspace(organization=organization)
    return Scene(organization, workspace, owner, organization.memberships.get(user=owner))


def addresses() -> list[Address]:
    return list(_walk(get_resolver(), "", frozenset()))


def _walk(resolver: URLResolver, prefix: str, given: frozenset[str]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        parameters = given | frozenset(pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route, parameters)
        elif isinstance(pattern, URLPattern):
            yield Address(route, pattern.name or "", pattern.callback, parameters)


# -- what fills the parameters beside `workspace` and `organization`


def _sandbox_picture(scene: Scene) -> dict[str, Any]:
    channel = factories.make_channel(workspace=scene.workspace)
    post = SandboxPost.objects.create(account_id=channel.account_id, key="k", text="Fresh bread")
    return {"pk": SandboxPicture.objects.create(post=post, data=b"x", mime="image/png", width=1, height=1).pk}


def _channel(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_channel(workspace=scene.workspace).pk}


def _choice(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_choice(workspace=scene.workspace, user=scene.owner).pk}


def _member(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_membership(organization=scene.organization).pk}


def _invitation(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_invitation(organization=scene.organization).pk}


def _export(scene: Scene) -> dict[str, Any]:
    export = factories.make_export(user=scene.owner)
    return {"signed": export.get_absolute_url().rstrip("/").rpartition("/")[2]}


def _key(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_key(membership=scene.membership)[0].pk}


def _team(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_team(organization=scene.organization).pk}


def _asset(scene: Scene) -> dict[str, Any]:
    return {"asset": factories.make_asset(workspace=scene.workspace, is_checked=False).pk}


def _asset_file(scene: Scene) -> dict[str, Any]:
    asset = factories.make_asset(workspace=scene.workspace, is_checked=False)
    return resolve(asset.get_original_url()).kwargs


def _brand_version(scene: Scene) -> dict[str, Any]:
    return {"number": factories.make_brand(workspace=scene.workspace).number}


def _post(scene: Scene) -> dict[str, Any]:
    channel = factories.make_channel(workspace=scene.workspace)
    return {"pk": factories.make_post(workspace=scene.workspace, channels=[channel]).pk}


def _publication(scene: Scene) -> dict[str, Any]:
    channel = factories.make_channel(workspace=scene.workspace)
    return {"pk": factories.make_scheduled(workspace=scene.workspace, channels=[channel]).publications.get().pk}


def _suggestion(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_suggestion(workspace=scene.workspace).pk}


def _generation(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_generation(workspace=scene.workspace).pk}


def _candidate(scene: Scene) -> dict[str, Any]:
    return {"pk": factories.make_candidate(workspace=scene.workspace).pk}


def _unconfirmed(scene: Scene) -> dict[str, Any]:
    address = factories.make_user(verified=False).emailaddress_set.get()
    return {"key": EmailConfirmationHMAC.create(address).key}


def _forgotten_password(scene: Scene) -> dict[str, Any]:
    person = factories.make_user()
    return {"uidb36": user_pk_to_url_str(person), "key": default_token_generator.make_token(person)}


def _passkey(scene: Scene) -> dict[str, Any]:
    return {"pk": WebAuthn.add(scene.owner, "My phone", {}).instance.pk}


ROWS: dict[str, Callable[[Scene], dict[str, Any]]] = {
    "account_confirm_email": _unconfirmed,
    "account_reset_password_from_key": _forgotten_password,
    "api_asset": _asset,
    "api_image": _generation,
    "api_post": _post,
    "api_post_cancel": _post,
    "api_post_move": _post,
    "api_post_publish": _post,
    "api_post_schedule": _post,
    "api_candidate_take": _candidate,
    "api_publication_retry": _publication,
    "asset_delete": _asset,
    "asset_detail": _asset,
    "asset_edit": _asset,
    "asset_file": _asset_file,
    "candidate_file": lambda scene: (
        resolve(factories.make_candidate(workspace=scene.workspace).get_signed_url()).kwargs
    ),
    "brand_restore": _brand_version,
    "mfa_edit_webauthn": _passkey,
    "mfa_remove_webauthn": _passkey,
    "member_edit": _member,
    "member_remove": _member,
    "member_transfer": _member,
    "invitation_resend": _invitation,
    "invitation_take_back": _invitation,
    "invitation_accept": lambda scene: {"token": factories.make_invitation(organization=scene.organization).token},
    "export_download": _export,
    "image_again": _generation,
    "image_detail": _generation,
    "image_discard": _generation,
    "image_preview": _candidate,
    "image_take": _candidate,
    "key_revoke": _key,
    "notice_open": lambda scene: {"pk": factories.make_notice(user=scene.owner, organization=scene.organization).pk},
    "team_edit": _team,
    "team_delete": _team,
    "calendar_day": lambda scene: {"year": 2026, "month": 11, "day": 24},
    "post_cancel": _post,
    "post_check": _post,
    "post_delete": _post,
    "post_detail": _post,
    "post_duplicate": _post,
    "post_edit": _post,
    "post_move": _post,
    "post_publish": _post,
    "post_schedule": _post,
    "post_uncancel": _post,
    "post_unschedule": _post,
    "publication_dismiss": _publication,
    "publication_retry": _publication,
    "publication_settle": _publication,
    "words_detail": _suggestion,
    "words_take": _suggestion,
    "channel_connect": lambda scene: {"network": "sandbox"},
    "channel_password": lambda scene: {"network": "bluesky"},
    "channel_callback": lambda scene: {"network": "sandbox"},
    "channel_choose": _choice,
    "channel_reconnect": _channel,
    "channel_disconnect": _channel,
    "channel_verify": _channel,
    "channel_pause": _channel,
    "channel_resume": _channel,
    "sandbox_picture": _sandbox_picture,
}


def parameters_of(address: Address, scene: Scene) -> dict[str, Any]:
    """The address's parameters within a scene. Raises KeyError when its row is missing from ROWS."""
    own = {"workspace": scene.workspace.slug, "organization": scene.organization.slug}
    values = {name: own[name] for name in address.parameters & own.keys()}
    if address.parameters - own.keys():
        values |= ROWS[address.name](scene)
    return values


def path_of(address: Address, scene: Scene) -> str:
    """Where the address leads within a scene; one of the mailbox, which has no rows, leads to no mail."""
    if address.name == "mail_detail":
        return reverse("mail_detail", args=[scene.workspace.pk])
    return reverse(address.name, kwargs=parameters_of(address, scene))


# -- views that are not ours: route (a prefix where it ends in "*") → who may use them

THIRD_PARTY: dict[str, str] = {
    "admin/*": "operator",
    "account/*": "public",  # allauth decides per view; tests/accounts/test_people.py proves which need a log-in
}

# -- our own public views, each with the reason why anyone may open it

PUBLIC: dict[str, str] = {
    "asset_file": "the signed address is the permission: networks fetch pictures by it; 404 when forged or over",
    "candidate_file": "as asset_file, for the small picture of a candidate: programs look at what they may choose",
    "bluesky_client_metadata": "Bluesky's servers read who we are; public by the protocol, no secret in it",
    "bluesky_jwks": "the public half of our key, as bluesky_client_metadata",
    "imprint": "who runs this installation, for anyone, by law",
    "privacy": "what is kept about people, told before they sign up",
    "terms": "what one agrees to, told before one does",
    "home": "the landing page for strangers; people we know are led on",
    "invitation_accept": "the invited person has no account yet; the token in the address is the key",
    "login_as": "development only: logs in as the demo person; 404 wherever DEMO_LOGIN is empty",
    "mailbox": "development only: a mail is read before anyone can log in; 404 in production",
    "mail_detail": "as mailbox",
    "developers": "the API for those who write programs, as it is for everybody; names no customer",
    "openapi": "as developers",
    "styleguide": "development only and operators; 404 to everyone else in production",
    "theme_set": "light or dark is chosen before anyone can log in; touches a cookie and no row",
}
