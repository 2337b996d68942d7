"""Addresses that exist only in these tests: each raises one kind of error of the tree."""

from datetime import UTC, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.http import require_POST
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.core import audit, context, htmx
from apps.core.decorators import public
from apps.core.errors import (
    FeatureNotInPlan,
    Invalid,
    LimitReached,
    NotAuthenticated,
    NotFound,
    PermissionRefused,
    TooManyRequests,
    TryLater,
    WrongState,
)
from config import urls

ERRORS = {
    "not_authenticated": NotAuthenticated(),
    "not_found": NotFound(),
    "permission_denied": PermissionRefused(),
    "feature_not_in_plan": FeatureNotInPlan("Autopilot is part of Pro.", feature="autopilot", plan="pro"),
    "limit_reached": LimitReached(
        limit="publications_day", allowed=5, used=5, resets_at=datetime(2026, 11, 23, tzinfo=UTC), plan="pro"
    ),
    "wrong_state": WrongState(),
    "invalid": Invalid(fields={"text": ["This is too long."]}),
    "too_many_requests": TooManyRequests(retry_after=timedelta(seconds=42)),
    "try_later": TryLater(),
}


@public
def failing(request: HttpRequest, code: str) -> HttpResponse:
    raise ERRORS[code]


@public
def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret in the message")


@public
@require_POST
def posting(request: HttpRequest) -> HttpResponse:
    return HttpResponse("done")


@public
def leaving(request: HttpRequest) -> HttpResponse:
    return htmx.go(request, "mailbox")


@public
def recording(request: HttpRequest) -> HttpResponse:
    entry = audit.record("x.y", organization=None)
    return HttpResponse(f"{entry.request_id} {entry.client_address} {context.request_id()}")


class Number(serializers.Serializer):
    number = serializers.IntegerField()


class FailingAPI(APIView):
    permission_classes = []

    def get(self, request: Request, code: str) -> Response:
        raise ERRORS[code]

    def post(self, request: Request, code: str) -> Response:
        Number(data=request.data).is_valid(raise_exception=True)
        return Response({})


class ClosedAPI(APIView):
    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    *urls.urlpatterns,
    path("test/failing/<slug:code>/", failing),
    path("test/broken/", broken),
    path("test/posting/", posting),
    path("test/leaving/", leaving),
    path("test/recording/", recording),
    path("test/api/closed/", public(ClosedAPI.as_view())),
    path("test/api/<slug:code>/", public(FailingAPI.as_view())),
]
handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
