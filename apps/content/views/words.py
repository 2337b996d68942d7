"""A first version of the words: from a topic to a text that opens in the composer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.content import services, wording
from apps.content.forms import TopicForm, WordsForm
from apps.core.errors import VendorError
from apps.core.htmx import answer, go

PAGE = "content/words_new.html"


@member_required(Permission.CONTENT_WRITE, methods=("GET", "HEAD", "POST"))
def words_new(request: HttpRequest) -> HttpResponse:
    """Ask for words about a topic; they come back in a field to change, and nothing is kept yet."""
    form = TopicForm(request.POST if request.method == "POST" else None, workspace=request.workspace)
    if request.method != "POST":
        return answer(request, PAGE, {"form": form}, partial="words")
    if not form.is_valid():
        return answer(request, PAGE, {"form": form}, partial="words", status=422)
    try:
        words = wording.write_words(workspace=request.workspace, **form.cleaned_data)
    except VendorError as error:
        form.add_error(None, str(error))
        return answer(request, PAGE, {"form": form}, partial="words", status=error.status)
    context = {"form": form, "words": words, "text_form": WordsForm(initial={"text": words.text})}
    return answer(request, PAGE, context, partial="words")


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def words_take(request: HttpRequest) -> HttpResponse:
    """Open the words in the composer, as a draft for every profile that is ready."""
    form = WordsForm(request.POST)
    if not form.is_valid():
        form.add_error(None, _("Write something first."))
        context = {"form": TopicForm(workspace=request.workspace), "text_form": form}
        return answer(request, PAGE, context, partial="words", status=422)
    post = services.start_post(workspace=request.workspace, author=request.user, **form.cleaned_data)
    return go(request, "post_edit", workspace=request.workspace.slug, pk=post.pk)
