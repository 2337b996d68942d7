"""How the API reads what it is asked and told, and shows rows."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.errors import Outdated
from apps.core.paging import Page

PAGE_SIZE, PAGE_SIZE_MAX = 25, 100
YEARS = range(2000, 2201)  # what people plan in, and what every time zone can show


class TimeField(serializers.DateTimeField):
    """A time somebody may mean."""

    def to_internal_value(self, value: Any) -> datetime:
        at = super().to_internal_value(value)
        if at.year not in YEARS:
            self.fail("overflow")
        return at


class Query(serializers.Serializer):
    """Where a page begins and how long it is. `cursor` is what the `next` of the page before says."""

    cursor = serializers.UUIDField(required=False, help_text="The last row of the page before.")
    limit = serializers.IntegerField(required=False, min_value=1, max_value=PAGE_SIZE_MAX, default=PAGE_SIZE)


def chosen(request: Request, query: type[Query] = Query) -> dict[str, Any]:
    """What the address asks for. Raises DRF's ValidationError, which is answered 422."""
    return _chosen(query, request.query_params) if request.query_params else dict(_unasked(query))  # type: ignore[arg-type]


@cache  # most lists are asked for as they are, and a serializer is made of copies of its fields
def _unasked(query: type[Query]) -> dict[str, Any]:
    return _chosen(query, {})


def _chosen(query: type[Query], given: Mapping[str, Any]) -> dict[str, Any]:
    asked = query(data=given)
    asked.is_valid(raise_exception=True)
    return asked.validated_data


def read(request: Request, serializer: type[serializers.Serializer], **options: Any) -> dict[str, Any]:
    """What the body says. Raises DRF's ValidationError, which is answered 422."""
    given = serializer(data=request.data, context={"request": request}, **options)
    given.is_valid(raise_exception=True)
    return given.validated_data


def shown(request: Request, row: Any, serializer: type[serializers.Serializer], **options: Any) -> Response:
    """One row."""
    return Response(serializer(row, context={"request": request}).data, **options)


def listed(request: Request, page: Page, serializer: type[serializers.Serializer]) -> HttpResponse:
    """A page of rows, with the address of the next one (null on the last). Rows that are JSON go out as they are."""
    rows, after = page.rows, _next(request, page.after)
    if rows and isinstance(rows[0], str):
        body = f'{{"next":{json.dumps(after)},"rows":[{",".join(rows)}]}}'
        return HttpResponse(body, content_type=JSONRenderer.media_type)
    return Response({"next": after, "rows": serializer(rows, many=True, context={"request": request}).data})


def versioned(version: int) -> dict[str, str]:
    """The header that names the version of what is answered."""
    return {"ETag": f'"{version}"'}


def matched(request: Request, version: int) -> int | None:
    """The version a change is for, which its service compares again under its lock; None where any will do.

    Raises Outdated where the caller states versions (If-Match) and this one is not among them.
    """
    given = [tag.strip() for tag in request.headers.get("If-Match", "*").split(",")]
    if "*" in given:
        return None
    if versioned(version)["ETag"] not in given:
        raise Outdated
    return version


def _next(request: Request, after: str) -> str | None:
    if not after:
        return None
    query = request.query_params.copy()
    query["cursor"] = after
    return request.build_absolute_uri(f"{request.path}?{query.urlencode()}")
