"""What networks read about us at addresses of ours."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import cache_control

from apps.accounts.decorators import public
from apps.core.errors import NotFound
from apps.social.providers.bluesky import oauth


@public
@cache_control(public=True, max_age=600)
def bluesky_client_metadata(request: HttpRequest) -> HttpResponse:
    """Our name and how we prove it; Bluesky's servers fetch it at every sign-in."""
    if oauth.is_loopback() or not oauth.is_configured():
        raise NotFound
    return JsonResponse(oauth.client_metadata())


@public
@cache_control(public=True, max_age=600)
def bluesky_jwks(request: HttpRequest) -> HttpResponse:
    """The public half of our key."""
    if oauth.is_loopback() or not oauth.is_configured():
        raise NotFound
    return JsonResponse(oauth.jwks())
