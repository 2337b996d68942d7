"""A request that is sent twice has its effect once (draft-ietf-httpapi-idempotency-key-header-07)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import DomainError
from apps.core.models import StoredAnswer

HEADER = "Idempotency-Key"
KEY_MAX = 255
KEPT_HEADERS = ("Location", "ETag")

Call = Callable[..., Response]


class KeyUnusable(DomainError):
    code, status, default_message = "idempotency_key_unusable", 400, _("An Idempotency-Key has 1 to 255 characters.")


class KeyReused(DomainError):
    code, status = "idempotency_key_reused", 422
    default_message = _("This Idempotency-Key came with another body before. Use a new key for a new request.")


class InFlight(DomainError):
    code, status = "request_in_flight", 409
    default_message = _("The same request is being worked on. Ask again in a moment.")


def idempotent(call: Call) -> Call:
    """With an Idempotency-Key, the first answer that was a success is given again for a day.

    Effect and answer are kept in one transaction: whatever ends the first request before its commit leaves nothing, and
    the same key may try again. Refusals are not kept, because nothing was done.
    """

    @wraps(call)
    def answer(request: Request, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return call(request, **kwargs)
        claim, is_mine = _claim(request, key)
        if not is_mine:
            return Response(claim.body, status=claim.status, headers=claim.headers)
        try:
            with transaction.atomic():
                response = call(request, **kwargs)
                _keep(claim, response)
        except Exception:
            StoredAnswer.objects.in_flight().filter(pk=claim.pk).delete()
            raise
        return response

    return answer


def _claim(request: Request, key: str) -> tuple[StoredAnswer, bool]:
    """The stored answer of this key, or a new row that says it is being worked on (True).

    Raises KeyUnusable, KeyReused, InFlight.
    """
    if not 1 <= len(key) <= KEY_MAX:
        raise KeyUnusable
    caller = (request.auth or request.user).pk
    mine = {"organization": request.organization, "caller": caller, "route": _route(request), "key": key}
    StoredAnswer.objects.over().filter(**mine).delete()
    claim = StoredAnswer(**mine, body_hash=_digest(request.data))
    StoredAnswer.objects.bulk_create([claim], ignore_conflicts=True)  # of many at once, one row stays
    found = StoredAnswer.objects.filter(**mine).first()
    if found is not None and found.body_hash != claim.body_hash:
        raise KeyReused
    if found is None or (found.pk != claim.pk and found.status is None):
        raise InFlight
    return found, found.pk == claim.pk


def _keep(claim: StoredAnswer, response: Response) -> None:
    """Raises InFlight where this request took so long that another one took its place."""
    headers = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
    kept = {"status": response.status_code, "headers": headers, "body": response.data}
    if not StoredAnswer.objects.in_flight().filter(pk=claim.pk).update(**kept):
        raise InFlight


def _route(request: Request) -> str:
    return f"{request.method} {request.path}"


def _digest(body: Any) -> str:
    """Of a JSON body whatever the order of its names, or of a form with its files."""
    parts = sorted(body.lists()) if hasattr(body, "lists") else body
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=_part).encode()).hexdigest()


def _part(value: UploadedFile | UUID) -> str:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()
