"""Terms, privacy, imprint: what is true of Lily, and who runs this installation. Its operator answers for both."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.core.decorators import public


@dataclass(frozen=True)
class Operator:
    """Who runs this installation, as its settings say."""

    name: str
    address: list[str]
    email: str
    facts: list[str]

    @property
    def is_known(self) -> bool:
        return bool(self.name and self.address and self.email)


@public
@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    return _show(request, "core/terms.html")


@public
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    return _show(request, "core/privacy.html")


@public
@require_safe
def imprint(request: HttpRequest) -> HttpResponse:
    return _show(request, "core/imprint.html")


def _show(request: HttpRequest, template: str) -> HttpResponse:
    operator = Operator(
        settings.OPERATOR_NAME,
        _lines(settings.OPERATOR_ADDRESS),
        settings.OPERATOR_EMAIL,
        _lines(settings.OPERATOR_FACTS),
    )
    return render(request, template, {"operator": operator, "has_vendor": bool(settings.OPENAI_API_KEY)})


def _lines(value: str) -> list[str]:
    return [line.strip() for line in value.split(";") if line.strip()]
