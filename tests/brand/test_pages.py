"""The kit page, with and without htmx, for those who may change it and those who may look."""

import gc
import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pydantic import ValidationError

from apps.brand.models import BrandVersion
from apps.brand.services import find_kit
from apps.media.models import Asset
from tests.factories import make_asset, make_brand, make_membership, make_workspace, picture_bytes

pytestmark = pytest.mark.django_db
LOOK = {
    "primary": "#112233",
    "secondary": "#ffffff",
    "accent": "#aa3300",
    "visual_style": "bold",
    "mood": "warm",
    "website": "cafe.example",
}


@pytest.fixture
def workspace(client):
    workspace = make_workspace()
    client.force_login(make_membership(organization=workspace.organization, role="manager").user)
    return workspace


def errors_kept() -> int:
    gc.collect()
    return sum(type(found) is ValidationError for found in gc.get_objects())  # isinstance would open what is lazy


def save(client, workspace, section, data, **headers):
    return client.post(reverse(f"brand_{section}_save", args=[workspace.slug]), data, headers=headers)


def rows(prefix, *parts, initial=0):
    data = {f"{prefix}-TOTAL_FORMS": len(parts), f"{prefix}-INITIAL_FORMS": initial}
    return data | {f"{prefix}-{n}-{name}": value for n, part in enumerate(parts) for name, value in part.items()}


@pytest.mark.parametrize("section", ["look", "voice", "facts", "rules", "pictures"])
def test_every_section_opens_empty_and_filled(client, workspace, section, django_assert_max_num_queries):
    address = reverse(f"brand_{section}", args=[workspace.slug])
    assert client.get(address).status_code == 200
    make_brand(
        workspace=workspace,
        logos=[make_asset(workspace=workspace).pk],
        pillars=[{"topic": "Bread"}],
        facts=[{"text": "Tea 3 €"}],
        avoid=[{"term": "cheap"}],
        templates=[{"name": "Dish", "text": "From above"}],
    )
    with django_assert_max_num_queries(12):
        page = client.get(address)
    assert (page.status_code, len(page.content) < 60_000) == (200, True)


def test_the_look_is_saved_with_a_logo(client, workspace):
    logo = SimpleUploadedFile("logo.png", picture_bytes("PNG", (300, 300)))
    answer = save(client, workspace, "look", LOOK | {"logo_file": logo})
    assert (answer.status_code, answer.url) == (302, reverse("brand_look", args=[workspace.slug]))
    vault = find_kit(workspace).vault
    assert (vault.primary, vault.visual_style, vault.website) == ("#112233", "bold", "cafe.example")
    assert vault.logos == (Asset.objects.get().pk,)
    save(client, workspace, "look", LOOK | {"logos": []})
    assert find_kit(workspace).vault.logos == ()
    assert BrandVersion.objects.count() == 2


def test_a_logo_that_is_no_picture_is_refused_and_saves_nothing(client, workspace):
    bad = SimpleUploadedFile("logo.svg", b"<svg></svg>")
    answer = save(client, workspace, "look", LOOK | {"logo_file": bad})
    assert (answer.status_code, "SVG files cannot be posted." in answer.content.decode()) == (422, True)
    assert find_kit(workspace).number == 0


def test_a_preview_shows_what_was_typed_and_saves_nothing(client, workspace):
    page = save(client, workspace, "look", LOOK | {"preview": "1"}).content.decode()
    assert 'value="#112233"' in page
    assert find_kit(workspace).number == 0


@pytest.mark.parametrize("way", [{}, {"preview": "1"}])
@pytest.mark.parametrize("field", ["primary", "secondary", "accent"])
@pytest.mark.parametrize("typed", ["red", "#12345", "2¿'\"("])
def test_a_colour_that_is_none_is_refused_beside_its_field(client, workspace, typed, field, way):
    answer = save(client, workspace, "look", LOOK | {field: typed} | way, hx_request="true")
    page = answer.content.decode()
    assert (answer.status_code, "<html" in page, "A colour is written as #rrggbb." in page) == (422, False, True)


def test_a_request_that_claims_a_thousand_rows_is_refused_and_drawn_with_as_many_as_a_list_may_have(client, workspace):
    claimed = rows("avoid", {"term": "cheap", "mode": "block"}) | {"avoid-TOTAL_FORMS": "1060"}
    answer = save(client, workspace, "rules", claimed)
    assert (answer.status_code, answer.content.decode().count("-term")) == (422, 60 * 3)


def test_a_refused_kit_leaves_nothing_of_its_request_in_memory(client, workspace):
    """pydantic's error hides from the garbage collector what it holds."""
    twice = rows("avoid", {"term": "cheap", "mode": "block"}, {"term": "Cheap", "mode": "block"})
    bad = SimpleUploadedFile("kit.json", b'{"avoid": [{"term": "**"}]}')
    before = errors_kept()
    assert save(client, workspace, "rules", twice).status_code == 422
    assert client.post(reverse("brand_import", args=[workspace.slug]), {"file": bad}).status_code == 422
    assert errors_kept() == before


def test_voice_and_topics(client, workspace):
    topics = rows(
        "pillars",
        {"topic": "Bread", "weight": "30"},
        {"topic": "", "weight": "10"},
        {"topic": "Guests", "weight": "10"},
    )
    words = {
        "voice": "own",
        "voice_words": "Like a friend",
        "brand_words": "fresh, Fresh, warm",
        "dos": "say where\r\n\r\nname the baker",
    }
    assert save(client, workspace, "voice", words | topics).status_code == 302
    vault = find_kit(workspace).vault
    assert (vault.tone, vault.brand_words, vault.dos) == (
        "Like a friend",
        ("fresh", "warm"),
        ("say where", "name the baker"),
    )
    assert vault.shares == {"Bread": 75, "Guests": 25}


def test_facts_are_added_changed_and_removed(client, workspace):
    first = {"text": "Tea 3 €", "kind": "price"}
    assert (
        save(client, workspace, "facts", rows("facts", first, {"text": "Open till 8", "kind": "hours"})).status_code
        == 302
    )
    edit = rows(
        "facts", first | {"DELETE": "on"}, {"text": "Open till 9", "kind": "hours", "ends_on": "2031-05-07"}, initial=2
    )
    assert save(client, workspace, "facts", edit).status_code == 302
    facts = find_kit(workspace).vault.facts
    assert [(fact.text, fact.kind, str(fact.ends_on)) for fact in facts] == [("Open till 9", "hours", "2031-05-07")]


def test_rows_nobody_touched_are_no_rows_and_half_a_row_is_asked_about(client, workspace):
    blank = {"text": "", "kind": "price", "starts_on": "", "ends_on": ""}
    one = rows("facts", {"text": "Tea 3 €", "kind": "price"}, blank)
    assert save(client, workspace, "facts", one).status_code == 302
    assert len(find_kit(workspace).vault.facts) == 1
    half = rows("facts", blank | {"ends_on": "2031-05-07"})
    answer = save(client, workspace, "facts", half)
    assert (answer.status_code, "Fill this in, or empty the row." in answer.content.decode()) == (422, True)
    words = {"term": "", "mode": "block", "instead": ""}
    assert save(client, workspace, "rules", rows("avoid", words, words)).status_code == 302
    voice = {"voice": "casual"} | rows("pillars", {"topic": "", "weight": "10"})
    assert save(client, workspace, "voice", voice).status_code == 302


def test_a_rule_needs_its_instead_and_says_so_in_its_row(client, workspace):
    answer = save(client, workspace, "rules", rows("avoid", {"term": "cheap", "mode": "replace", "instead": ""}))
    assert (answer.status_code, "Say what to use instead." in answer.content.decode()) == (422, True)
    rule = {"term": "cheap", "mode": "replace", "instead": "fair"}
    assert save(client, workspace, "rules", rows("avoid", rule)).status_code == 302
    twice = save(client, workspace, "rules", rows("avoid", rule, rule | {"term": "CHEAP"}, initial=1))
    assert (twice.status_code, "The word to avoid “cheap” is there twice." in twice.content.decode()) == (422, True)


def test_picture_defaults_and_briefs(client, workspace):
    data = rows("templates", {"name": "Dish", "text": "From above"})
    data |= {"default_image_model": "canvas", "quality_threshold": "70"}
    assert save(client, workspace, "pictures", data).status_code == 302
    vault = find_kit(workspace).vault
    assert (vault.default_image_model, vault.quality_threshold, vault.templates[0].name) == ("canvas", 70, "Dish")


def test_history_restores_and_files_travel(client, workspace):
    make_brand(workspace=workspace, audience="Old")
    make_brand(workspace=workspace, audience="New")
    history = reverse("brand_history", args=[workspace.slug])
    assert client.get(history).status_code == 200
    client.post(reverse("brand_restore", args=[workspace.slug, 1]))
    assert find_kit(workspace).vault.audience == "Old"
    answer = client.get(reverse("brand_export", args=[workspace.slug]))
    assert answer["Content-Disposition"] == 'attachment; filename="cafe-ada-brand-kit.json"'
    kit = json.loads(answer.content) | {"audience": "From a file"}
    file = SimpleUploadedFile("kit.json", json.dumps(kit).encode())
    assert client.post(reverse("brand_import", args=[workspace.slug]), {"file": file}).status_code == 302
    assert find_kit(workspace).vault.audience == "From a file"
    bad = client.post(reverse("brand_import", args=[workspace.slug]), {"file": SimpleUploadedFile("k.json", b"{}}")})
    assert (bad.status_code, "This is not a brand kit." in bad.content.decode()) == (422, True)


def test_a_preset_is_filled_in(client, workspace):
    client.post(reverse("brand_preset", args=[workspace.slug]), {"preset": "restaurant"})
    assert find_kit(workspace).vault.industry == "Restaurant or café"


def test_a_viewer_sees_the_kit_and_cannot_type(client):
    workspace = make_workspace()
    client.force_login(make_membership(organization=workspace.organization, role="viewer").user)
    page = client.get(reverse("brand_edit", args=[workspace.slug])).content.decode()
    assert ('<fieldset class="stack brand-fields" disabled>' in page, "Show without saving" in page) == (True, False)
    assert save(client, workspace, "look", LOOK).status_code == 403


def test_a_section_somebody_else_saved_meanwhile_is_not_overwritten(client, workspace):
    make_brand(workspace=workspace, mood="calm")
    make_brand(workspace=workspace, mood="loud")
    answer = save(client, workspace, "look", LOOK | {"seen": 1})
    page = answer.content.decode()
    assert (answer.status_code, find_kit(workspace).vault.mood) == (409, "loud")
    assert ('value="warm"' in page, "Somebody else has saved this part meanwhile." in page) == (True, True)
    assert 'name="seen" value="2"' in page  # so that pressing Save again puts it in the place of theirs
    assert save(client, workspace, "look", LOOK | {"seen": 2}).status_code == 302


def test_another_section_that_was_saved_meanwhile_is_no_matter(client, workspace):
    make_brand(workspace=workspace, audience="Old")
    make_brand(workspace=workspace, audience="New")
    assert save(client, workspace, "look", LOOK | {"seen": 1}).status_code == 302
    assert (find_kit(workspace).vault.audience, find_kit(workspace).vault.mood) == ("New", "warm")


def test_a_logo_for_a_section_saved_meanwhile_is_not_kept(client, workspace):
    make_brand(workspace=workspace, mood="calm")
    make_brand(workspace=workspace, mood="loud")
    logo = SimpleUploadedFile("logo.png", picture_bytes("PNG", (300, 300)))
    assert save(client, workspace, "look", LOOK | {"seen": 1, "logo_file": logo}).status_code == 409
    assert not Asset.objects.exists()
