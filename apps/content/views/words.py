"""A first version of the words: from a topic to a text that opens in the composer."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content import services
from apps.content.forms import TopicForm, WordsForm
from apps.content.models import Suggestion
from apps.core.htmx import answer, go, wants_fragment

EARLIER = 5  # suggestions nobody has used yet, shown below the form


@member_required(Permission.CONTENT_WRITE, methods=("GET", "HEAD", "POST"))
def words_new(request: HttpRequest) -> HttpResponse:
    """Ask for words about a topic. They are written in the background; the page of the suggestion shows them."""
    given = request.POST if request.method == "POST" else None
    form = TopicForm(given, workspace=request.workspace, initial={"topic": request.GET.get("topic", "")})
    if form.is_valid():
        wanted = services.request_words(workspace=request.workspace, user=request.user, **form.cleaned_data)
        return go(request, wanted)
    context = {"form": form, "earlier": request.workspace.suggestions.undecided()[:EARLIER]}
    return render(request, "content/words_new.html", context, status=422 if form.is_bound else 200)


@member_required(Permission.CONTENT_WRITE)
def words_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What has become of a topic; htmx asks again while it is being written, and is told when there is nothing new."""
    suggestion = _find(request, pk)
    if suggestion.is_open and wants_fragment(request):
        return HttpResponse(status=204)
    return _show(request, suggestion)


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def words_take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Open the words in the composer, as a draft for every profile that is ready."""
    suggestion, form = _find(request, pk), WordsForm(request.POST)
    if not form.is_valid():
        form.add_error(None, _("Write something first."))
        return _show(request, suggestion, form, status=422)
    post = services.take_words(suggestion=suggestion, author=request.user, **form.cleaned_data)
    return go(request, "post_edit", workspace=request.workspace.slug, pk=post.pk)


def _find(request: HttpRequest, pk: UUID) -> Suggestion:
    found = get_object_or_404(request.workspace.suggestions, pk=pk)
    found.workspace = request.workspace
    return found


def _show(
    request: HttpRequest, suggestion: Suggestion, form: WordsForm | None = None, *, status: int = 200
) -> HttpResponse:
    """The page of a suggestion, or its state alone, with the way to ask for another one."""
    asked = {"topic": suggestion.topic, "network": suggestion.network, "request_key": uuid4()}
    context = {
        "suggestion": suggestion,
        "form": form or WordsForm(initial={"text": suggestion.text}),
        "again": TopicForm(workspace=request.workspace, initial=asked),
    }
    return answer(request, "content/words_detail.html", context, partial="words", status=status)
