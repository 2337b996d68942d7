"""What happens around every request: its id, the client's address, headers of safety, and errors turned into pages."""

from __future__ import annotations

import ipaddress
import logging
import re
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from apps.core import context, metrics
from apps.core.errors import (
    DomainError,
    FeatureNotInPlan,
    LimitReached,
    MethodNotAllowed,
    NotAuthenticated,
    TooManyRequests,
)
from apps.core.ids import uuid7

log = logging.getLogger("lily.request")

GetResponse = Callable[[HttpRequest], HttpResponse]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


class RequestIdMiddleware:
    """Gives the request an id (a trusted proxy's own, else a new one) and the client's address, for logs and audit."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "") if settings.TRUSTED_PROXIES else ""
        request.id = given if REQUEST_ID.fullmatch(given) else uuid7().hex
        request.client_address = client_address(request)
        context.clear()
        context.bind(request=request.id, client=request.client_address)
        started = time.monotonic()
        try:
            response = self.get_response(request)
            _log(request, response.status_code, started)
        finally:
            context.clear()
        response["X-Request-ID"] = request.id
        return response


def _log(request: HttpRequest, status: int, started: float) -> None:
    """A line and a count. The address's pattern, not the address: a path may hold a secret (invitations, resets)."""
    route = request.resolver_match.route if request.resolver_match else "-"
    seconds = time.monotonic() - started
    metrics.count_request(request.method, f"/{route}" if request.resolver_match else "-", status, seconds)
    facts = {"method": request.method, "route": route, "status": status, "ms": round(seconds * 1000)}
    log.info("request", extra=facts)


def client_address(request: HttpRequest) -> str:
    """The address of the client, without trusting what the client says: `TRUSTED_PROXIES` of ours append to
    X-Forwarded-For, so the entry that many places from the right is the last one a proxy of ours wrote.
    """
    address = request.META.get("REMOTE_ADDR", "")
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
        if len(hops) >= settings.TRUSTED_PROXIES:
            address = hops[-settings.TRUSTED_PROXIES]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return "127.0.0.1" if not address else "0.0.0.0"  # noqa: S104  # a unix socket; something unreadable


class SafetyHeadersMiddleware:
    """Content-Security-Policy without inline code, and the small headers Django does not send by itself."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            f"{name} {' '.join(values)}" for name, values in settings.CONTENT_SECURITY_POLICY.items()
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not (settings.DEBUG and response.status_code in (404, 500)):  # Django's own pages for developers are inline
            response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class ErrorMiddleware:
    """Turns a DomainError of a view into a page with its status, or into a fragment for htmx."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not response.content and request.accepts("text/html"):
            page = error_response(request, MethodNotAllowed())
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if error.status >= 500:
            log.error("request failed", extra={"code": error.code, "details": str(error.details)})
        return error_response(request, error)


def error_response(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page (or htmx fragment) of an error, with its status and what the error says to people."""
    if isinstance(error, NotAuthenticated):
        return login_response(request)
    metrics.count_refusal(error.code, error.status)
    values = {"error": error, "code": error.code, "status": error.status, "heading": _heading(error.status)}
    if isinstance(error, FeatureNotInPlan | LimitReached):
        values |= {"action": _("Look at your plan"), "href": _usage_address(request)}
    response = render(request, _template(request, error), values, status=error.status)
    patch_vary_headers(response, ["HX-Request"])
    if isinstance(error, TooManyRequests):
        response["Retry-After"] = str(max(1, round(error.retry_after.total_seconds())))
    return response


def _heading(status: int) -> str:
    headings = {
        400: _("That could not be read"),
        402: _("Your plan's limit is reached"),
        403: _("This is not open to you"),
        404: _("There is nothing here"),
        405: _("This address does not do that"),
        409: _("Something changed in the meantime"),
        422: _("Something needs another look"),
        429: _("A little slower"),
    }
    return headings.get(status, _("That did not work"))


def _usage_address(request: HttpRequest) -> str:
    """The usage page of the organization the request is about; empty where there is none."""
    organization = getattr(request, "organization", None)
    try:
        return reverse("usage", kwargs={"organization": organization.slug}) if organization else ""
    except NoReverseMatch:
        return ""


def _template(request: HttpRequest, error: DomainError) -> str:
    is_plan = isinstance(error, FeatureNotInPlan | LimitReached)
    if getattr(request, "htmx", False) and not request.htmx.boosted:
        return "components/upgrade_card.html" if is_plan else "core/error_fragment.html"
    return "core/upgrade.html" if is_plan else "core/error.html"


def login_response(request: HttpRequest) -> HttpResponse:
    """To the log-in page and back; htmx is told to load it as a whole page."""
    if not getattr(request, "htmx", False):
        return redirect_to_login(request.get_full_path())
    response = HttpResponse(status=401)
    response["HX-Redirect"] = redirect_to_login(request.htmx.current_url_abs_path or "/").url
    return response
