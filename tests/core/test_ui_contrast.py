"""Contrast of the design tokens, computed from the stylesheet itself (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re

import pytest

from apps.core.finders import SOURCES

TOKENS = (SOURCES / "css" / "tokens.css").read_text("utf-8")
PAIRS = [(front, back, float(least)) for front, back, least in re.findall(r"@pair (\S+) (\S+) ([\d.]+)", TOKENS)]
VALUES = dict(re.findall(r"^\s+--([\w-]+):\s*(.+?);$", TOKENS, re.MULTILINE))


def colour(name: str, theme: int) -> tuple[float, float, float]:
    """Red, green and blue of a token from 0 to 1; theme 0 is light, 1 dark."""
    value = VALUES[name]
    if alias := re.fullmatch(r"var\(--([\w-]+)\)", value):
        return colour(alias[1], theme)
    if both := re.fullmatch(r"light-dark\((.+?), (.+?)\)", value):
        value = both[1 + theme]
    red, green, blue = re.fullmatch(r"#(..)(..)(..)", value).groups()
    return int(red, 16) / 255, int(green, 16) / 255, int(blue, 16) / 255


def luminance(parts: tuple[float, float, float]) -> float:
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(front: str, back: str, theme: int) -> float:
    light, dark = sorted((luminance(colour(front, theme)), luminance(colour(back, theme))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS, ids=lambda value: str(value))
def test_pair_has_its_contrast(front, back, least, theme):
    assert contrast(front, back, theme) >= least


def test_contrast_of_black_on_white_is_the_known_21():
    assert (luminance((1, 1, 1)) + 0.05) / (luminance((0, 0, 0)) + 0.05) == pytest.approx(21)


def test_pairs_cover_every_text_token():
    assert {front for front, _, _ in PAIRS} >= {"text", "text-soft", "text-muted", "accent-text", "on-accent"}
    assert {front for front, _, _ in PAIRS} >= {"success", "warning", "danger", "info", "edge", "focus"}


def test_colours_are_written_in_tokens_only():
    """Components take colours from tokens; only a network's own look (preview) is its own."""
    stray = {}
    for path in [*SOURCES.glob("css/components/*.css"), SOURCES / "css/layout.css", *SOURCES.glob("css/pages/*.css")]:
        found = re.findall(r"#[0-9a-fA-F]{6}\b", path.read_text("utf-8"))
        if found and path.name != "preview.css":
            stray[path.name] = found
    assert stray == {}
