"""Answers for a page that works with and without htmx: the same address serves the page and its fragment."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django.utils.cache import patch_vary_headers
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme


def wants_fragment(request: HttpRequest) -> bool:
    """Whether htmx asked for a part of the page (a boosted link wants the whole of it)."""
    return bool(request.htmx) and not request.htmx.boosted and not request.htmx.history_restore_request


def answer(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, partial: str, status: int = 200
) -> HttpResponse:
    """The page, or only its named partial (django-template-partials) where htmx asked for a fragment."""
    name = f"{template}#{partial}" if wants_fragment(request) else template
    response = render(request, name, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def go(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Send the browser on to a page: a redirect, or `HX-Redirect` where htmx would put the page into a fragment."""
    address = resolve_url(to, *args, **kwargs)
    if not wants_fragment(request):
        return HttpResponseRedirect(address)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = address
    return response


def wanted_address(request: HttpRequest) -> str:
    """Where `next` of the form or of the address asks to go: a path of ours, or "" for anything else."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    is_ours = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, None)
    return iri_to_uri(wanted) if is_ours else ""


def chosen_theme(request: HttpRequest) -> str:
    """The person's explicit choice, "light" or "dark", or nothing when the system decides."""
    chosen = request.COOKIES.get("theme", "")
    return chosen if chosen in ("light", "dark") else ""
