"""Pages of pictures: the maker, what was drawn, the library, and a brand's sample card."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.catalog import Permission
from apps.accounts.decorators import member_required
from apps.core.decorators import public
from apps.core.errors import Invalid, NotFound
from apps.core.htmx import answer, go, wanted_address, wants_fragment
from apps.imaging import listing, services
from apps.imaging.forms import PictureForm, SampleForm, address_of, initial_from
from apps.imaging.models import Candidate, Generation
from apps.media import serving

KINDS = {"": gettext_lazy("All"), "generated": gettext_lazy("Made here"), "upload": gettext_lazy("Uploaded")}
MAKER, DETAIL = "imaging/image_new.html", "imaging/image_detail.html"


@member_required(Permission.CONTENT_WRITE, methods=("GET", "HEAD", "POST"))
def image_new(request: HttpRequest) -> HttpResponse:
    """The picture maker. With `?text=` (a post's words) it starts from them; `?next=` is where a picture goes."""
    if request.method != "POST":
        form = PictureForm(initial={"request_key": uuid4()} | initial_from(request.GET.dict()))
        return answer(request, MAKER, {"form": form}, partial="maker")
    form = PictureForm(request.POST)
    if not form.is_valid():
        return answer(request, MAKER, {"form": form}, partial="maker", status=422)
    made = services.request_pictures(
        workspace=request.workspace,
        user=request.user,
        wish=form.wish(services.best_quality(request.organization)),
        request_key=form.cleaned_data["request_key"],
    )
    return _shown(request, made) if wants_fragment(request) else go(request, _address(made, request))


@member_required(Permission.WORKSPACE_VIEW)
def image_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was drawn for a wish so far; htmx asks again while more is coming."""
    return _shown(request, _find(request, pk))


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def image_again(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Four more of the same wish."""
    made = services.request_more(generation=_find(request, pk), user=request.user)
    return _shown(request, made) if wants_fragment(request) else go(request, _address(made, request))


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def image_take(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one: it becomes a picture of the library, and of the post it was made for."""
    candidate = _find_candidate(request, pk)
    asset = services.take_candidate(candidate=candidate, user=request.user)
    back = wanted_address(request)
    if back or not wants_fragment(request):  # made for a post: go on with it
        messages.success(request, _("The picture is in your library."))
        return go(request, services.with_picture(back, asset) if back else asset)
    response = _shown(request, candidate.generation)
    response["HX-Trigger"] = json.dumps({"asset-added": {"id": str(asset.pk), "name": asset.name}})
    return response


@member_required(Permission.CONTENT_WRITE, methods=("POST",))
def image_discard(request: HttpRequest, pk: UUID) -> HttpResponse:
    services.discard_generation(generation=_find(request, pk))
    messages.success(request, _("Thrown away."))
    back = wanted_address(request)
    return go(request, back) if back else go(request, "library", workspace=request.workspace.slug)


@member_required(Permission.WORKSPACE_VIEW)
def image_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The small picture of a candidate."""
    candidate = _find_candidate(request, pk)
    if not candidate.preview:
        raise NotFound
    with candidate.preview.open("rb") as file:
        kept = {"Cache-Control": "private, max-age=86400, immutable"}
        return HttpResponse(file.read(), content_type="image/webp", headers=kept)


@public
def candidate_file(request: HttpRequest, pk: UUID, expires: int, signature: str) -> FileResponse:
    """The small picture by its signed address; 404 for one that is forged, over, or whose candidate is gone."""
    found = Candidate.by_address(pk, expires, signature)
    if found is None or request.method not in ("GET", "HEAD"):
        raise NotFound
    candidate, left = found
    return serving.private(candidate.preview, "image/webp", left, name="preview.webp")


@member_required(Permission.WORKSPACE_VIEW)
def image_sample(request: HttpRequest) -> HttpResponse:
    """A sample card of the brand as the kit has it, or as `?name=…&colour=…&style=…` say (`forms.SampleForm`)."""
    form = SampleForm(request.GET)
    if not form.is_valid():
        raise Invalid(fields={name: [str(line) for line in lines] for name, lines in form.errors.items()})
    wish = services.sample_wish(workspace=request.workspace, wish=form.wish())
    if drawn := services.find_sample(wish):
        return HttpResponse(drawn, content_type="image/webp", headers={"Cache-Control": "private, max-age=600"})
    response = render(request, "imaging/sample.svg", {"wish": wish}, content_type="image/svg+xml")
    response["Cache-Control"] = "no-store"
    return response


@member_required(Permission.WORKSPACE_VIEW)
def library(request: HttpRequest) -> HttpResponse:
    """Every picture of the workspace, newest first, and drawings nobody has chosen from yet."""
    kind, after = request.GET.get("kind", ""), _key(request.GET.get("after"))
    kind = kind if kind in KINDS else ""
    drawings = [] if after or kind == "upload" else request.workspace.generations.undecided()[:4]
    context = {"page": listing.page(request.workspace, kind=kind, after=after), "drawings": drawings, "kind": kind}
    context["filters"] = [_tab(request, key, label, kind) for key, label in KINDS.items()]
    return answer(request, "imaging/library.html", context, partial="pictures")


def _tab(request: HttpRequest, key: str, label: str, current: str) -> dict[str, object]:
    return {"label": label, "url": f"?kind={key}" if key else request.path, "is_current": key == current}


def _key(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None


def _find(request: HttpRequest, pk: UUID) -> Generation:
    found = get_object_or_404(request.workspace.generations.with_candidates(), pk=pk)
    found.workspace = request.workspace
    return found


def _find_candidate(request: HttpRequest, pk: UUID) -> Candidate:
    found = get_object_or_404(Candidate.of(request.workspace), pk=pk)
    found.generation.workspace = request.workspace
    return found


def _shown(request: HttpRequest, generation: Generation) -> HttpResponse:
    """The page of a wish, or its candidates alone."""
    candidates = list(generation.candidates.all())
    generation.best = next((candidate for candidate in candidates if candidate.pk == generation.best_id), None)
    for candidate in candidates:
        candidate.generation = generation
    context = {"generation": generation, "candidates": candidates, "next": wanted_address(request)}
    context["here_url"] = _address(generation, request)
    context["change_url"] = f"{reverse('image_new', args=[request.workspace.slug])}?{address_of(generation.wish)}"
    context["drawn"] = sum(not candidate.is_open for candidate in candidates)
    context["is_open"] = context["drawn"] < len(candidates)
    return answer(request, DETAIL, context, partial="candidates")


def _address(generation: Generation, request: HttpRequest) -> str:
    back = wanted_address(request)
    return generation.get_absolute_url() + (f"?{urlencode({'next': back})}" if back else "")
