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
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.accounts import access
from apps.accounts.catalog import Permission
from apps.accounts.rates import HourlyThrottle
from apps.core import context
from apps.core.decorators import View, operator_required, public, signed_in
from apps.core.idempotency import idempotent

__all__ = [
    "api_address",
    "api_call",
    "confirm_identity",
    "member_required",
    "operator_required",
    "public",
    "signed_in",
]

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


def api_call(permission: Permission, **facts: object) -> Callable[[View], View]:
    """What a function of the API asks for; `facts` are what the description of the API says of it (`core.schema`)."""

    def decorate(view: View) -> View:
        view.permission = permission  # type: ignore[attr-defined]
        view.facts = facts  # type: ignore[attr-defined]
        return view

    return decorate


def api_address(**calls: View) -> View:
    """One address of the API: the function that answers each method (`GET=…, POST=…`), each with its `api_call`.

    `member_required` for all of them: same access, same order of answers, problem details for errors. HEAD is
    answered as GET; every POST minds an Idempotency-Key.
    """
    permissions = {method: call.permission for method, call in calls.items()}
    if "GET" in permissions:
        permissions["HEAD"] = permissions["GET"]

    class Member(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            found = _find(request, view.kwargs)
            if request.method in permissions:
                found.require(permissions[request.method])
            return True  # a method that is not answered is DRF's to refuse

    rules = {"permission_classes": [IsAuthenticated, Member], "throttle_classes": [HourlyThrottle]}
    if any("files" in call.facts for call in calls.values()):
        rules["parser_classes"] = [MultiPartParser]
    handlers = {method.lower(): _handler(call, is_repeatable=method == "POST") for method, call in calls.items()}
    answer = type("Address", (APIView,), rules | handlers).as_view()

    @wraps(answer)
    def wrapped(request: HttpRequest, **kwargs: object) -> HttpResponse:
        response = answer(request, **kwargs)
        quota = getattr(request, "quota", None)
        for name, value in (quota.headers if quota else {}).items():
            response[name] = value
        return response

    wrapped.__module__ = next(iter(calls.values())).__module__
    wrapped.access = next(iter(permissions.values()))
    wrapped.permissions, wrapped.methods = permissions, tuple(permissions)
    return wrapped


def _handler(call: View, *, is_repeatable: bool) -> View:
    """The call as a method of its address, with what the address names already found."""
    answer = idempotent(call) if is_repeatable else call

    @wraps(call)
    def handle(self: APIView, request: Request, **kwargs: object) -> HttpResponse:
        return answer(request, **_rest(kwargs))

    return handle


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
