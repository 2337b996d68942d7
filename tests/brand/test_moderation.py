"""Avoid rules, applied to words and to briefs alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.brand.moderation import moderate_brief, moderate_words, negatives
from apps.brand.vault import StyleVault
from apps.core.errors import Invalid


def vault(*rules, **values):
    names = ("term", "mode", "instead")
    return StyleVault(avoid=[dict(zip(names, rule, strict=False)) for rule in rules], **values)


@pytest.mark.parametrize(
    "text",
    ["It is cheap.", "CHEAP!", "Ch\u00adeap", "c\u200bheap bread", "cheap\u00a0bread", "\uff43hea\uff50"],
)
def test_a_word_is_found_however_it_is_written(text):
    moderated = moderate_words(text, vault(("cheap", "block")))
    assert [hit.rule.term for hit in moderated.blocked] == ["cheap"]
    with pytest.raises(Invalid) as refused:
        moderated.require_allowed()
    assert list(refused.value.fields) == ["text"]


@pytest.mark.parametrize("text", ["cheaper", "Cheapside", "a_cheap_b", "che ap", ""])
def test_only_whole_words_count(text):
    assert moderate_words(text, vault(("cheap", "block"))).blocked == ()


def test_a_star_stands_for_any_ending():
    found = moderate_words("The cheapest bread", vault(("cheap*", "block"))).blocked
    assert [hit.found for hit in found] == ["cheapest"]


def test_spaces_match_any_spaces_and_letters_are_folded():
    rules = vault(("best  price", "block"), ("straße", "block"))
    assert len(moderate_words("BEST\nPRICE in der STRASSE", rules).blocked) == 2


def test_what_a_customer_writes_is_no_expression():
    assert moderate_words("aaa", vault(("a.a", "block"))).blocked == ()
    assert moderate_words("C++ (new)", vault(("c++ (new)", "block"))).blocked[0].found == "C++ (new)"


def test_replacing_keeps_capitals_and_does_every_place():
    moderated = moderate_words("Cheap bread, CHEAP rolls, cheap.", vault(("cheap", "replace", "affordable")))
    assert moderated.text == "Affordable bread, AFFORDABLE rolls, affordable."
    assert [hit.found for hit in moderated.replaced] == ["Cheap"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a \uff43hea\uff50 bun, ½ price", "a fair bun, ½ price"),
        ("Cafe\u0301 or cafe\u0301s ™", "Bar or cafe\u0301s ™"),
        ("c\u200bheap", "fair"),
        ("nothing to do: e\u0301 ﬁ ½", "nothing to do: e\u0301 ﬁ ½"),
    ],
)
def test_replacing_finds_a_word_however_it_is_written_and_leaves_the_rest_alone(text, expected):
    rules = vault(("cheap", "replace", "fair"), ("café", "replace", "bar"))
    assert moderate_words(text, rules).text == expected


def test_what_is_replaced_says_how_it_goes_out():
    moderated = moderate_words("Cheap and CHEAP", vault(("cheap", "replace", "fair")))
    assert [hit.sentence for hit in moderated.replaced] == ["“Cheap” will go out as “Fair”."]


def test_a_replacement_that_is_itself_blocked_stops_the_post():
    rules = vault(("cheap", "replace", "budget"), ("budget", "block"))
    assert [hit.found for hit in moderate_words("cheap", rules).blocked] == ["budget"]


def test_in_finished_words_the_gentle_modes_only_warn():
    rules = vault(("meat", "negative"), ("flash photo", "guide", "daylight"))
    moderated = moderate_words("Meat in a flash photo", rules)
    assert (moderated.text, moderated.blocked) == ("Meat in a flash photo", ())
    assert [hit.sentence for hit in moderated.warnings] == [
        "Your brand avoids “Meat”.",
        "Your brand avoids “flash photo”. Instead: daylight.",
    ]


def test_a_brief_loses_what_must_not_be_seen_and_says_so():
    rules = vault(
        ("plastic", "negative"),
        ("blood", "block"),
        ("neon", "guide", "soft light"),
        ("kids", "replace", "guests"),
        dos=["show the bakery"],
    )
    moderated = moderate_brief("Kids at the counter, plastic, neon, with cake", rules)
    assert moderated.text == "Guests at the counter, with cake"
    assert moderated.negatives == ("plastic", "blood")
    assert moderated.guidance == ("soft light", "show the bakery")
    assert moderated.blocked == ()


def test_negatives_are_told_even_when_a_brief_does_not_name_them():
    assert moderate_brief("A cake", vault(("plast*", "negative"))).negatives == ("plast",)
    assert negatives(vault(("cheap", "replace", "good"))) == ()


@given(st.text(max_size=200), st.text(min_size=2, max_size=40).filter(lambda text: text.strip("* \t\n")))
def test_no_text_and_no_term_breaks_it(text, term):
    try:
        rules = vault((term, "block"), (term + "x", "replace", "y"))
    except ValueError:
        return
    moderate_words(text, rules)
    moderate_brief(text, rules)
