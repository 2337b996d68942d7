"""How a view states who may use it. Every view carries one of these; tests/architecture fails without.

Order of answers: log-in, 404 to strangers (before the method is looked at), 405 method, 403 role.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

from apps.accounts import access
from apps.accounts.catalog import Permission
from apps.core import context
from apps.core.decorators import View, operator_required, public, signed_in

__all__ = ["confirm_identity", "member_required", "operator_required", "public", "signed_in"]

# Asks for the password (or a passkey) again unless that was done a moment ago; called once the rows are found, so that
# nothing is told to a stranger. Raises allauth's ReauthenticationRequired, which its middleware turns into the page.
confirm_identity: Callable[[HttpRequest], None] = reauthentication_required(lambda request: None)


def member_required(permission: Permission, *, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """A member of the organization or workspace the address names, with this permission.

    Takes the slug `workspace` or `organization` from the address and puts `access`, `organization` and
    `workspace` on the request. `methods` stands here, not on a decorator outside, so that a stranger is
    answered 404 before the method is looked at.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            if "workspace" in kwargs:
                found = access.find_workspace(request.user, kwargs.pop("workspace"))
            else:
                found = access.find_organization(request.user, kwargs.pop("organization"))
            request.access, request.organization, request.workspace = found, found.organization, found.workspace
            context.bind(organization=found.organization.pk, workspace=found.workspace and found.workspace.pk)
            if found.workspace and request.user.last_workspace_id != found.workspace.pk:
                request.user.remember_workspace(found.workspace)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            found.require(permission)
            return view(request, *args, **kwargs)

        wrapped.access = permission  # type: ignore[attr-defined]
        wrapped.methods = methods  # type: ignore[attr-defined]
        return wrapped

    return decorate
