"""Errors of the API: problem details for HTTP (RFC 9457) with the same codes as the pages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from rest_framework.views import set_rollback

from apps.core import context, metrics
from apps.core.errors import (
    DomainError,
    Invalid,
    MethodNotAllowed,
    NotAuthenticated,
    NotFound,
    Outdated,
    PermissionRefused,
    PreconditionFailed,
    TooManyRequests,
)


class Unparsable(DomainError):
    code, status, default_message = "unparsable", 400, _("The request could not be read.")


def handle_exception(error: Exception, view_context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. None (a 500 of Django's own) for what no rule of ours raised."""
    known = as_domain_error(error)
    if known is None:
        return None
    set_rollback()
    metrics.count_refusal(known.code, known.status)
    response = Response(problem(known), status=known.status, content_type="application/problem+json")
    if isinstance(known, NotAuthenticated):
        response["WWW-Authenticate"] = known.challenge
    if isinstance(known, TooManyRequests):
        response["Retry-After"] = str(max(1, round(known.retry_after.total_seconds())))
    if isinstance(error, exceptions.MethodNotAllowed):
        response["Allow"] = ", ".join(view_context["view"].allowed_methods)
    return response


def problem(error: DomainError) -> dict[str, Any]:
    """The body of an error. `type` is stable and names the code; members beside the standard's are the details."""
    details = {name: value for name, value in error.details.items() if value not in (None, {}, "")}
    return {
        "type": f"urn:lily:problem:{error.code}",
        "title": str(error.default_message),
        "status": error.status,
        "detail": str(error),
        "code": error.code,
        "request_id": context.request_id(),
        **{name: value.total_seconds() if isinstance(value, timedelta) else value for name, value in details.items()},
    }


def as_domain_error(error: Exception) -> DomainError | None:
    """Ours as it is; Django's and DRF's own as the one of ours that means the same.

    In the API only If-Match says which version somebody knows, so what is outdated failed a precondition, whether that
    was seen before the change or under its lock.
    """
    match error:
        case Outdated():
            return PreconditionFailed()
        case DomainError():
            return error
        case Http404() | exceptions.NotFound():
            return NotFound()
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            return NotAuthenticated()
        case PermissionDenied() | exceptions.PermissionDenied():
            return PermissionRefused()
        case exceptions.MethodNotAllowed():
            return MethodNotAllowed()
        case exceptions.Throttled():
            return TooManyRequests(retry_after=timedelta(seconds=error.wait or 1))
        case exceptions.ValidationError():
            return Invalid(fields=_sentences(error.detail))
        case exceptions.APIException():
            return Unparsable(str(error.detail))
    return None


def _sentences(detail: Any) -> dict[str, list[str]]:
    if not isinstance(detail, dict):
        detail = {api_settings.NON_FIELD_ERRORS_KEY: detail}
    return {
        name: [str(sentence) for sentence in (value if isinstance(value, list) else [value])]
        for name, value in detail.items()
    }
