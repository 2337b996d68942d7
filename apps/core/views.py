"""The few pages of core: the mailbox of development and the operators' doctor; and the answers to errors."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from apps.core import doctor as surgery
from apps.core import mail
from apps.core.api import problem
from apps.core.decorators import operator_required, public
from apps.core.errors import DomainError, NotFound, PermissionRefused
from apps.core.middleware import error_response


@public
@require_safe
def mailbox(request: HttpRequest) -> HttpResponse:
    return render(request, "core/mailbox.html", {"mails": mail.mails()})


@public
@require_safe
def mail_detail(request: HttpRequest, mail_id: UUID) -> HttpResponse:
    return render(request, "core/mail_detail.html", {"mail": mail.find_mail(mail_id)})


@operator_required
@require_safe
def doctor(request: HttpRequest) -> HttpResponse:
    reports = surgery.examine()
    sick = [report for report in reports if report.findings]
    well = [report for report in reports if not report.findings]
    return render(request, "core/doctor.html", {"sick": sick, "well": well, "worst": surgery.worst(reports)})


# -- handlers of config.urls


class BadRequest(DomainError):
    code, status, default_message = "bad_request", 400, _("Your browser sent something we could not read.")


class StaleForm(DomainError):
    code, status = "stale_form", 403
    default_message = _(
        "This form is too old, or was opened in another place. Load the page again and send it once more."
    )


@public
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, BadRequest())


@public
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(request, PermissionRefused())


@public
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page, or a problem document where a program asked the API for an address it does not have."""
    if request.path.startswith("/api/"):
        return JsonResponse(problem(NotFound()), status=404, content_type="application/problem+json")
    return error_response(request, NotFound())


@public
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: most often a log-in in another tab."""
    return error_response(request, StaleForm())
