"""How the API describes itself: OpenAPI 3.1, made from the addresses, what their functions say and the serializers.

Imported by the two views that show it and by nothing else: drf-spectacular brings jsonschema and YAML with it, which a
web process otherwise does without.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext_noop as _
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers

PROBLEM = "application/problem+json"
REFUSALS = {
    "400": "The request could not be read.",
    "401": "No key, or one that opens nothing.",
    "402": "A count of the plan is reached, or the plan locks this member or workspace.",
    "403": "The role or the key does not allow it, or the plan has no such feature.",
    "404": "Not yours, or not there.",
    "409": "Its state does not allow it, or the same request is being worked on.",
    "412": "It has another version than If-Match says.",
    "422": "Fields are wrong, or the Idempotency-Key came with another body before.",
    "429": "The requests of the hour are used; Retry-After says when there are more.",
}
PARTS = {  # of the description and, in the reader's language, its page; by the module a call stands in
    "apps.accounts.api": _("Organization"),
    "apps.content.api": _("Posts"),
    "apps.media.api": _("Pictures"),
    "apps.imaging.api": _("Drawings"),
    "apps.brand.api": _("Brand"),
    "apps.social.api": _("Profiles"),
}
ALWAYS = ("401", "402", "403", "404", "429")
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key", OpenApiTypes.STR, OpenApiParameter.HEADER, description="Sent twice, done once, for 24 hours."
)
MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description='The version you know, like `"3"`.'
)


class ProblemSerializer(serializers.Serializer):
    """What went wrong (RFC 9457). `code` is stable and for programs, `detail` is for people. More members say more:
    `fields` (422), `limit`, `allowed`, `used`, `plan` and `resets_at` (402), `feature` (403), `retry_after` (429)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    request_id = serializers.CharField()
    fields = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)


class Description(AutoSchema):
    """DRF's DEFAULT_SCHEMA_CLASS: one operation, from its function and what its `api_call` states."""

    @property
    def call(self) -> Any:
        return getattr(self.view, self.method.lower())

    def get_operation_id(self) -> str:
        return self.call.__name__

    def get_summary(self) -> str:
        return " ".join(self.call.__doc__.split("\n\n")[0].split())

    def get_description(self) -> str:
        return f"Needs `{self.call.permission}`."

    def get_tags(self) -> list[str]:
        return [PARTS[self.call.__module__]]

    def get_auth(self) -> list[dict[str, list[str]]]:
        return [{"key": []}]

    def get_request_serializer(self) -> Any:
        return self.call.facts.get("takes") or self.call.facts.get("files")

    def get_examples(self) -> list[OpenApiExample]:
        """A body to begin with; tests/accounts/test_openapi.py sends each."""
        example = self.call.facts.get("example")
        return [OpenApiExample(self.get_summary(), example, request_only=True)] if example else []

    def get_override_parameters(self) -> list[Any]:
        facts = self.call.facts
        asked = [facts["asks"]] if "asks" in facts else []
        return asked + [IDEMPOTENCY] * (self.method == "POST") + [MATCH] * ("matches" in facts)

    def get_response_serializers(self) -> dict[Any, Any]:
        success = {self.call.facts.get("status", 200): OpenApiResponse(self._gives(), self.get_summary())}
        refusals = {(status, PROBLEM): OpenApiResponse(ProblemSerializer, REFUSALS[status]) for status in self._refuses}
        return success | refusals

    @property
    def _refuses(self) -> list[str]:
        facts = self.call.facts
        may = {*ALWAYS, *(["422"] if "asks" in facts else []), *(["412"] if "matches" in facts else [])}
        return sorted(may | {"400", "409", "422"} if self.method not in ("GET", "HEAD") else may)

    def _gives(self) -> Any:
        rows = self.call.facts.get("lists")
        if rows is None:
            return self.call.facts.get("gives")
        fields = {"next": serializers.URLField(allow_null=True), "rows": rows(many=True)}
        return inline_serializer(rows.__name__.replace("Serializer", "Page"), fields)


@cache
def document() -> dict[str, Any]:
    """The whole description; the same for everybody, so it is made once in a process."""
    return SchemaGenerator().get_schema(request=None, public=True)


@dataclass(frozen=True)
class Operation:
    """One line of the page that shows the API to people."""

    method: str
    path: str
    summary: str
    needs: str


def operations() -> dict[str, list[Operation]]:
    """Every operation by the part of Lily it belongs to, as the description has them."""
    found: dict[str, list[Operation]] = {}
    for tag, operation in _operations():
        found.setdefault(tag, []).append(operation)
    return found


def _operations() -> Iterator[tuple[str, Operation]]:
    for path, methods in document()["paths"].items():
        for method, facts in methods.items():
            needs = facts["description"].removeprefix("Needs `").removesuffix("`.")
            yield facts["tags"][0], Operation(method.upper(), path, facts["summary"], needs)
