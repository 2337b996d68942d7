"""Posts: the list, one post with what happened to it, and what can be done with it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content import agenda, ledger, listing, services
from apps.content.catalog import PostStatus
from apps.content.forms import ListForm, MoveForm, SettleForm
from apps.content.models import Post, Publication
from apps.core.errors import Invalid
from apps.core.htmx import answer, go, wants_fragment

CHANGED = "calendar-changed"  # the event a calendar on the page loads itself anew on


def find_post(request: HttpRequest, pk: UUID) -> Post:
    """A post of the workspace the address names, else 404."""
    post = get_object_or_404(request.workspace.posts.with_brand(), pk=pk)
    post.workspace = request.workspace
    return post


def find_publication(request: HttpRequest, pk: UUID) -> Publication:
    found = request.workspace.publications.select_related("post", "channel").defer("channel__credentials")
    return get_object_or_404(found, pk=pk)


@member_required(Permission.WORKSPACE_VIEW)
def post_list(request: HttpRequest) -> HttpResponse:
    """Newest first, a page at a time by key."""
    page = agenda.page(request.workspace, **ListForm(request.GET).chosen)
    return render(request, "content/post_list.html", {"page": page, "states": PostStatus.choices})


@member_required(Permission.WORKSPACE_VIEW)
def post_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The post as it went out or will, profile by profile, and everything on record; htmx asks anew."""
    post = listing.find(request.workspace, pk)
    context = {
        "post": post,
        "lanes": agenda.lanes(post),
        "lines": ledger.timeline(post),
        "pictures": agenda.pictures(post),
    }
    return answer(request, "content/post_detail.html", context, partial="post")


@member_required(Permission.CONTENT_PUBLISH, methods=("GET", "HEAD", "POST"))
def post_move(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Another day or time; answers with a way back."""
    post = find_post(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else None, post=post)
    if not form.is_valid():
        return _ask_time(request, form)
    try:
        moved = services.move_post(post=post, at=form.moment.at)
    except Invalid as refusal:
        form.refuse(refusal)
        return _ask_time(request, form)
    _say_moved(request, moved, post.due_at, form.moment.note)
    return _back(request, moved)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    post = services.cancel_post(post=find_post(request, pk))
    _say_undo(request, _("The post is off the calendar."), reverse("post_uncancel", args=[request.workspace.slug, pk]))
    return _back(request, post)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_uncancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    post = services.uncancel_post(post=find_post(request, pk))
    messages.success(request, _("The post is back on the calendar."))
    return _back(request, post)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_unschedule(request: HttpRequest, pk: UUID) -> HttpResponse:
    post = services.unschedule_post(post=find_post(request, pk))
    messages.success(request, _("The post is a draft again and keeps its time as a wish."))
    return _back(request, post)


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def post_duplicate(request: HttpRequest, pk: UUID) -> HttpResponse:
    copy = services.duplicate_post(post=find_post(request, pk), author=request.user)
    messages.success(request, _("This is a copy: the words and pictures are the same, the time is yours to choose."))
    return redirect("post_edit", workspace=request.workspace.slug, pk=copy.pk)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def post_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.delete_post(post=find_post(request, pk), actor=request.user)
    messages.success(request, _("The post was deleted."))
    return redirect("post_list", workspace=request.workspace.slug)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def publication_retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    publication = services.retry_publication(publication=find_publication(request, pk))
    messages.success(request, _("We are trying again now."))
    return _back(request, publication.post)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def publication_dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    publication = services.dismiss_problem(publication=find_publication(request, pk))
    messages.success(request, _("We leave it as it is."))
    return _back(request, publication.post)


@member_required(Permission.CONTENT_PUBLISH, methods=("POST",))
def publication_settle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A person looked on the network and says whether the post is there."""
    publication, form = find_publication(request, pk), SettleForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say whether the post is there, and give its whole address if you have it."))
        return _back(request, publication.post)
    services.settle_unknown(publication=publication, actor=request.user, **form.cleaned_data)
    messages.success(request, _("Thank you. That is settled."))
    return _back(request, publication.post)


def _back(request: HttpRequest, post: Post) -> HttpResponse:
    """To the post's page; a calendar stays where it is and is told to load itself anew."""
    if wants_fragment(request) and "/calendar/" in (request.htmx.current_url_abs_path or ""):
        return HttpResponse(status=204, headers={"HX-Trigger": CHANGED})
    return go(request, "post_detail", workspace=request.workspace.slug, pk=post.pk)


def _ask_time(request: HttpRequest, form: MoveForm) -> HttpResponse:
    context = {"post": form.post, "form": form}
    return render(request, "content/post_move.html", context, status=422 if form.is_bound else 200)


def _say_moved(request: HttpRequest, post: Post, before: datetime | None, note: str) -> None:
    zone = request.workspace.zone
    words = _("Moved to %(when)s.") % {"when": date_format(post.due_at.astimezone(zone), _("D j M, H:i"))}
    way_back = reverse("post_move", args=[request.workspace.slug, post.pk])
    at = before and before.astimezone(zone).strftime("%Y-%m-%dT%H:%M")
    _say_undo(request, f"{words} {note}".strip(), way_back, **({"at": at} if at else {}))


def _say_undo(request: HttpRequest, text: str, undo_url: str, **fields: str) -> None:
    context = {"text": text, "undo_url": undo_url, "undo_fields": fields}
    messages.success(request, render_to_string("components/toast_undo.html", context, request))
