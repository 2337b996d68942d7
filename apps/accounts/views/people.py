"""A person's own pages: profile, security, export, deletion; and the demo log-in of development."""

from __future__ import annotations

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth import logout
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from apps.accounts import access, services
from apps.accounts.decorators import confirm_identity, public, signed_in
from apps.accounts.forms import DeleteForm, PersonForm
from apps.core.forms import page_status, submit
from apps.core.htmx import answer


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def person_edit(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, instance=request.user)
    if submit(form, services.update_person, user=request.user):
        messages.success(request, _("Saved."))
        return redirect("person_edit")
    return render(request, "accounts/person_edit.html", {"form": form}, status=page_status(form))


@signed_in
@require_safe
def person_security(request: HttpRequest) -> HttpResponse:
    """The way to password, passkeys, authenticator app, sessions, export and deletion."""
    return render(request, "accounts/person_security.html", access.describe_security(request.user))


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def person_export(request: HttpRequest) -> HttpResponse:
    """Have everything about the person put into a zip; the page lists the exports of the last week."""
    if request.method == "POST":
        services.request_export(user=request.user)
        messages.success(request, _("We are putting it together. A mail tells you when it is ready."))
        return redirect("person_export")
    exports = request.user.exports.filter(organization=None)
    return answer(request, "accounts/person_export.html", {"exports": exports}, partial="exports")


@signed_in
@require_safe
def export_download(request: HttpRequest, signed: str) -> HttpResponse:
    export = access.find_export(request.user, signed)
    name = f"lily-{export.created_at:%Y-%m-%d}.zip"
    return FileResponse(export.path.open("rb"), as_attachment=True, filename=name, content_type="application/zip")


@signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def person_delete(request: HttpRequest) -> HttpResponse:
    """What would go, what stays, and the field to type the address into."""
    confirm_identity(request)
    form = DeleteForm(request.POST or None)
    if submit(form, services.delete_person, user=request.user):
        logout(request)
        messages.success(request, _("Your account is deleted."))
        return redirect("home")
    organizations = access.find_organizations_of(request.user)
    is_needed = any(organization.others and not organization.other_owners for organization in organizations)
    context = {"form": form, "organizations": organizations, "is_needed": is_needed}
    return render(request, "accounts/person_delete.html", context, status=page_status(form))


@public
@require_POST
def login_as(request: HttpRequest) -> HttpResponse:
    """Log in as the demo person with one click. Only where `DEMO_LOGIN` names them, which production never does."""
    person = access.find_demo_person()
    return perform_login(request, person, email_verification="none", email=person.email)
