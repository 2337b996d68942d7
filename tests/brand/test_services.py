"""The vault, its versions, and the kit as a file."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from apps.brand import services
from apps.brand.colours import contrast
from apps.brand.models import BrandKit, BrandVersion
from apps.brand.vault import StyleVault, dump, in_words, read
from apps.core.errors import Invalid
from apps.core.models import AuditEntry
from tests.factories import make_asset, make_brand, make_user, make_workspace


def refused(**values):
    with pytest.raises(ValidationError):
        StyleVault(**values)
    return True


def test_a_vault_is_whole_when_empty_and_survives_json():
    assert read(json.loads(json.dumps(dump(StyleVault())))) == StyleVault()
    full = StyleVault(
        primary="#AABBCC",
        pillars=[{"topic": "Bread", "weight": 2}],
        facts=[{"text": "Tea 3 €", "ends_on": "2031-05-07"}],
        avoid=[{"term": "cheap", "mode": "replace", "instead": "fair"}],
        templates=[{"name": "Dish", "text": "From above"}],
    )
    assert full.primary == "#aabbcc"
    assert read(json.loads(json.dumps(dump(full)))) == full


def test_what_makes_no_sense_is_refused():
    assert refused(primary="red")
    assert refused(unknown=1)
    assert refused(quality_threshold=101)
    assert refused(avoid=[{"term": "cheap", "mode": "replace"}])
    assert refused(avoid=[{"term": "* ", "mode": "block"}])
    assert refused(avoid=[{"term": "cheap"}, {"term": "CHEAP"}])
    assert refused(facts=[{"text": "x", "starts_on": "2031-05-08", "ends_on": "2031-05-07"}])
    assert refused(schema_version=2)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"primary": "red"}, "a colour is written as #rrggbb"),
        ({"unknown": 1}, "a brand kit has nothing of this name"),
        ({"voice": "loud", "industry": "i"}, "this has to be"),
        ({"quality_threshold": 101}, "this may be at most 100"),
        ({"quality_threshold": -1}, "this has to be at least 0"),
        ({"pillars": [{"weight": 3}]}, "this is missing"),
        ({"pillars": [{"topic": ""}]}, "this is too short: 1 at least"),
        ({"website": "w" * 121}, "this may have up to 120 characters"),
        ({"dos": ["x"] * 21}, "there may be up to 20 of these"),
        ({"avoid": [{"term": "cheap"}, {"term": "CHEAP"}]}, "the word to avoid “cheap” is there twice"),
    ],
)
def test_what_makes_no_sense_is_said_in_words(values, sentence):
    with pytest.raises(ValidationError) as refusal:
        StyleVault(**values)
    assert [in_words(problem)[: len(sentence)] for problem in refusal.value.errors()] == [sentence]


def test_facts_hold_on_their_days():
    vault = StyleVault(
        facts=[
            {"text": "Always"},
            {"text": "In May", "starts_on": "2031-05-01", "ends_on": "2031-05-31"},
        ]
    )
    held = {day: [fact.text for fact in vault.facts_on(date(2031, *day))] for day in ((4, 30), (5, 1), (5, 31), (6, 1))}
    assert held == {
        (4, 30): ["Always"],
        (5, 1): ["Always", "In May"],
        (5, 31): ["Always", "In May"],
        (6, 1): ["Always"],
    }


@given(st.lists(st.integers(1, 100), min_size=1, max_size=10))
def test_shares_add_up(weights):
    vault = StyleVault(pillars=[{"topic": f"T{n}", "weight": weight} for n, weight in enumerate(weights)])
    assert sum(vault.shares.values()) == 100


def test_contrast_is_the_standards():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.django_db
def test_every_change_is_a_version_with_its_author_and_can_come_back():
    workspace, author = make_workspace(), make_user()
    make_brand(workspace=workspace, author=author, audience="Old")
    make_brand(workspace=workspace, author=author, audience="New")
    make_brand(workspace=workspace, author=author, audience="New")  # no change, no version
    assert list(BrandVersion.objects.values_list("number", "author", "source")) == [
        (2, author.pk, "edited"),
        (1, author.pk, "edited"),
    ]
    kit = services.restore_version(version=BrandVersion.objects.get(number=1), author=author)
    assert (kit.number, kit.vault.audience) == (3, "Old")
    assert BrandKit.objects.of(workspace).vault.audience == "Old"
    assert list(AuditEntry.objects.order_by("at").values_list("action", flat=True)) == [
        "brand.edited",
        "brand.edited",
        "brand.restored",
    ]


@pytest.mark.django_db
def test_one_section_leaves_the_others_alone():
    workspace = make_workspace()
    make_brand(workspace=workspace, primary="#112233")
    make_brand(workspace=workspace, audience="Everyone")
    vault = services.find_kit(workspace).vault
    assert (vault.primary, vault.audience) == ("#112233", "Everyone")


@pytest.mark.django_db
def test_a_wrong_value_changes_nothing_and_names_its_field():
    workspace = make_workspace()
    with pytest.raises(Invalid) as error:
        make_brand(workspace=workspace, avoid=[{"term": "cheap"}, {"term": "Cheap"}])
    assert error.value.fields == {"brand": ["the word to avoid “cheap” is there twice"]}
    assert services.find_kit(workspace).number == 0


@pytest.mark.django_db
def test_a_preset_fills_only_what_is_empty():
    workspace = make_workspace()
    make_brand(workspace=workspace, audience="Students", primary="#112233")
    vault = services.apply_preset(workspace=workspace, author=make_user(), key="restaurant").vault
    assert (vault.audience, vault.colours, vault.industry) == ("Students", ("#112233",), "Restaurant or café")
    assert sum(vault.shares.values()) == 100
    with pytest.raises(Invalid):
        services.apply_preset(workspace=workspace, author=make_user(), key="circus")


@pytest.mark.django_db
def test_every_preset_makes_a_vault_that_holds_and_reads():
    from apps.brand.catalog import PRESETS

    for key in PRESETS:
        vault = services.apply_preset(workspace=make_workspace(), author=make_user(), key=key).vault
        assert contrast(vault.primary, vault.secondary) >= 4.5, key
        assert contrast("#ffffff", vault.primary) >= 4.5, key


@pytest.mark.django_db
def test_a_kit_travels_as_json_without_pictures_of_others():
    workspace, other = make_workspace(), make_workspace()
    logo = make_asset(workspace=workspace)
    make_brand(workspace=workspace, primary="#112233", logos=[logo.pk])
    data = services.export_kit(workspace=workspace).encode()
    taken = services.import_kit(workspace=other, author=make_user(), data=data).vault
    assert (taken.primary, taken.logos) == ("#112233", ())
    assert services.import_kit(workspace=workspace, author=make_user(), data=data).vault.logos == (logo.pk,)


@pytest.mark.django_db
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"primary": "red"}', b"0" * 600_000])
def test_a_file_that_is_no_kit_is_refused_for_its_field(data):
    workspace = make_workspace()
    with pytest.raises(Invalid) as error:
        services.import_kit(workspace=workspace, author=make_user(), data=data)
    assert list(error.value.fields) == ["file"]
    assert services.find_kit(workspace).number == 0
