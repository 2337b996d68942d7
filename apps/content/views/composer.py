"""The composer: one form that is kept, checked, put on the calendar or sent."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content.forms import MOVES, ComposerForm, ComposerStart
from apps.content.models import Post
from apps.content.views.posts import find_post
from apps.core.errors import DomainError
from apps.core.htmx import answer, wants_fragment

READ_AND_WRITE = ("GET", "HEAD", "POST")


@member_required(Permission.CONTENT_WRITE, methods=READ_AND_WRITE)
def post_new(request: HttpRequest) -> HttpResponse:
    """An empty composer; sent, it becomes a draft, however often it is sent."""
    form = _form(request, None)
    return _finish(request, form, form.save, _kept) if request.method == "POST" else _show(request, form)


@member_required(Permission.CONTENT_WRITE, methods=READ_AND_WRITE)
def post_edit(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The composer on a post; what is on the calendar already is changed only by who may publish."""
    form = _form(request, pk)
    if request.method != "POST":
        return _show(request, form)
    if not form.is_draft:
        request.access.require(Permission.CONTENT_PUBLISH)
    return _finish(request, form, form.save, _kept)


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def post_check(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    """Counters, problems and previews of what is typed, keeping nothing."""
    form = _form(request, pk)
    form.is_valid()
    return _show(request, form)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_schedule(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    form = _form(request, pk)
    return _finish(request, form, form.schedule, _scheduled)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_publish(request: HttpRequest, pk: UUID | None = None) -> HttpResponse:
    form = _form(request, pk)
    return _finish(request, form, form.publish, _sent)


def _form(request: HttpRequest, pk: UUID | None) -> ComposerForm:
    post = find_post(request, pk) if pk else None
    given = {"workspace": request.workspace, "user": request.user, "post": post}
    if request.method == "POST":
        return ComposerForm(request.POST, request.FILES, **given)
    return ComposerForm(**given, **ComposerStart(request.GET).values(request.workspace))


def _show(request: HttpRequest, form: ComposerForm, *, status: int = 200) -> HttpResponse:
    picks = "pick" in request.GET
    context = {"form": form, "picks": picks}
    return answer(request, "content/composer.html", context, partial="picker" if picks else "live", status=status)


def _finish(
    request: HttpRequest,
    form: ComposerForm,
    act: Callable[[], Post],
    done: Callable[[HttpRequest, ComposerForm], HttpResponse],
) -> HttpResponse:
    """Do it and answer; refused, the composer comes back with what was typed and why."""
    if not form.is_valid():
        return _show(request, form, status=422)
    if wants_fragment(request) and form.post is None and form.is_blank:
        return _show(request, form)  # autosave of an empty page makes no draft
    try:
        act()
    except DomainError as refusal:
        form.refuse(refusal)
        return _show(request, form, status=refusal.status)
    return done(request, form)


def _kept(request: HttpRequest, form: ComposerForm) -> HttpResponse:
    where = {"workspace": request.workspace.slug, "pk": form.post.pk}
    if "make_picture" in request.POST and not wants_fragment(request):
        back = urlencode({"next": reverse("post_edit", kwargs=where), "text": form.post.text[:2000]})
        return redirect(f"{reverse('image_new', args=[request.workspace.slug])}?{back}")
    if request.POST.keys() & MOVES.keys():
        return redirect(f"{form.edit_url}#composer-pictures")
    if not wants_fragment(request):
        messages.success(request, _("Draft saved.") if form.is_draft else _("Saved. The post stays on the calendar."))
        return redirect("post_edit" if form.is_draft else "post_detail", **where)
    response = _show(request, form)
    response["HX-Replace-Url"] = reverse("post_edit", kwargs=where)
    return response


def _scheduled(request: HttpRequest, form: ComposerForm) -> HttpResponse:
    when = date_format(form.moment.local, _("D j M, H:i"))
    text = _("Scheduled for %(when)s, %(place)s time.") % {"when": when, "place": form.moment.local.tzinfo}
    messages.success(request, f"{text} {form.moment.note}".strip())
    return redirect("post_detail", workspace=request.workspace.slug, pk=form.post.pk)


def _sent(request: HttpRequest, form: ComposerForm) -> HttpResponse:
    messages.success(request, _("On its way. This page says when it is live."))
    return redirect("post_detail", workspace=request.workspace.slug, pk=form.post.pk)
