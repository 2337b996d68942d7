"""How a view states who may use it. Every view carries one of these; tests/architecture fails without.

Order of answers: log-in, 404 to strangers (before the method is looked at), 405 method, 403 role, 402 locked by the
plan.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts import access
from apps.accounts.catalog import Permission
from apps.core import context
from apps.core.decorators import View, operator_required, public, signed_in

__all__ = ["api_member_required", "confirm_identity", "member_required", "operator_required", "public", "signed_in"]

# Asks for the password (or a passkey) again unless that was done a moment ago; called once the rows are found, so that
# nothing is told to a stranger. Raises allauth's ReauthenticationRequired, which its middleware turns into the page.
confirm_identity: Callable[[HttpRequest], None] = reauthentication_required(lambda request: None)


def member_required(permission: Permission, *, methods: tuple[str, ...] = ("GET", "HEAD")) -> Callable[[View], View]:
    """A member of the organization or workspace the address names, with this permission.

    Takes the slug `workspace` or `organization` from the address and puts `access`, `organization` and
    `workspace` on the request. `methods` stands here, not on a decorator outside, so that a stranger is
    answered 404 before the method is looked at. The view runs in the zone of the workspace, or of the
    organization: times are shown and typed in it.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            found = _find(request, kwargs)
            if found.workspace and not found.lock and request.user.last_workspace_id != found.workspace.pk:
                request.user.remember_workspace(found.workspace)
            if request.method not in methods:
                return HttpResponseNotAllowed(methods)
            found.require(permission)
            with timezone.override((found.workspace or found.organization).zone):
                return view(request, *args, **_rest(kwargs))

        wrapped.access = permission  # type: ignore[attr-defined]
        wrapped.methods = methods  # type: ignore[attr-defined]
        return wrapped

    return decorate


def api_member_required(
    permission: Permission, *, methods: tuple[str, ...] = ("GET", "HEAD")
) -> Callable[[View], View]:
    """`member_required` for a function of the API: same access, same order of answers, problem details for errors."""

    class Member(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            found = _find(request, view.kwargs)
            if request.method in methods:
                found.require(permission)
            return True  # a method that is not answered is DRF's to refuse

    def decorate(view: View) -> View:
        @api_view(list(methods))
        @permission_classes([IsAuthenticated, Member])
        @wraps(view)
        def wrapped(request: Request, **kwargs: object) -> HttpResponse:
            return view(request, **_rest(kwargs))

        wrapped.access = permission
        wrapped.methods = methods
        return wrapped

    return decorate


def _find(request: HttpRequest | Request, kwargs: dict[str, object]) -> access.Access:
    """Access to the tenant the address names, kept on the request. Raises NotFound."""
    if "workspace" in kwargs:
        found = access.find_workspace(request.user, kwargs["workspace"])
    else:
        found = access.find_organization(request.user, kwargs["organization"])
    found = access.narrow(found, getattr(request, "auth", None))
    request.access, request.organization, request.workspace = found, found.organization, found.workspace
    context.bind(organization=found.organization.pk, workspace=found.workspace and found.workspace.pk)
    return found


def _rest(kwargs: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in kwargs.items() if name not in ("workspace", "organization")}
