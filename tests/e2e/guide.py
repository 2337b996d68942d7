"""Reads docs/guide as a newcomer does, and does in a browser what its steps say.

A step is an item of a numbered list; everything else on a page explains. In a step, bold words are names as the page
has them (one that ends in … stands for whatever follows), and `code` is what is typed. Both stand in the phrases below;
the words around them are for people. A step without a phrase, or with a name outside of one, is not understood. That
fails as a name does that is not on the page: with file and line.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.utils import timezone
from playwright.sync_api import Locator, Page

from apps.core import clock

GUIDE = Path(__file__).parents[2] / "docs/guide"
PATIENCE = 60  # seconds that a worker may take on a busy machine
MOMENT = 0.9  # seconds: what a person needs to look for the next button, and the composer to begin to save
NAME, TYPED = r"\*\*([^*]+)\*\*", r"`([^`]+)`"
PHRASES = {
    "press": rf"(?:open|press) {NAME}",
    "fill": rf"type {TYPED} into {NAME}",
    "choose": rf"choose {NAME} for {NAME}",
    "tick": rf"tick {NAME}",
    "plan": rf"set {NAME} to tomorrow at {TYPED}",
    "see": rf"(?:see|says) {NAME}(?: and {NAME})?",
    "await": rf"wait until it says {NAME}",
    "go": rf"go to {TYPED}",
    "follow": r"follow the link in it",
    "lend": r"in another browser",
    "take_back": r"in your own browser",
}
SAID = re.compile("|".join(rf"(?P<{kind}>\b{phrase})" for kind, phrase in PHRASES.items()), re.IGNORECASE)


@dataclass(frozen=True)
class Step:
    """One item of a numbered list, and where it begins."""

    page: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"docs/guide/{self.page}:{self.line}: {self.text}"

    def phrases(self) -> list[tuple[str, list[str]]]:
        """What to do, in order, and what is named or typed in it. Raises AssertionError where nobody can follow."""
        left = re.findall(r"\*\*.*?\*\*|`.*?`", SAID.sub("", self.text))
        assert SAID.search(self.text), f"{self}\nThis step says nothing to do."
        assert not left, f"{self}\nNobody says what to do with {', '.join(left)}."
        return [
            (str(said.lastgroup), [name or typed for name, typed in re.findall(f"{NAME}|{TYPED}", said[0])])
            for said in SAID.finditer(self.text)
        ]


def steps(page: str, text: str) -> list[Step]:
    """The steps of a page, in order."""
    found: list[Step] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if match := re.match(r"\d+\. (.+)", line):
            more = [further.strip() for further in _indented(lines[number:])]
            found.append(Step(page, number, " ".join([match[1], *more])))
    return found


def _indented(lines: list[str]) -> list[str]:
    end = next((n for n, line in enumerate(lines) if not line.startswith("   ")), len(lines))
    return lines[:end]


def order() -> list[str]:
    """The pages as the first one lists them: that is how they are read."""
    first = (GUIDE / "index.md").read_text()
    listed = first.partition("## The pages of this guide")[2]
    return ["index.md", *re.findall(r"\]\((\w+\.md)\)", listed)]


class Reader:
    """A person with the guide in one hand. `hurry` makes it the time at which something is due."""

    def __init__(self, page: Page, base: str, hurry: Callable[[], None]) -> None:
        self.page, self.own, self.base, self.hurry = page, page, base, hurry
        self.has_typed = False

    def follow_page(self, name: str) -> None:
        """Every step of a page of the guide."""
        for step in steps(name, (GUIDE / name).read_text()):
            self.follow_step(step)

    def follow_step(self, step: Step) -> None:
        for kind, words in step.phrases():
            try:
                getattr(self, f"_{kind}")(*words)
            except Exception as trouble:
                raise AssertionError(f"{step}\nAt {self.page.url}: {kind} {words}: {trouble}") from trouble

    # -- one method a phrase

    def _press(self, name: str) -> None:
        self._breathe()
        wanted = _named(name)
        roles = [self.page.get_by_role(role, name=wanted) for role in ("button", "link", "menuitem", "tab")]
        self._first(*roles, self.page.locator("summary").filter(has_text=wanted)).click()
        self._breathe()

    def _fill(self, typed: str, name: str) -> None:
        self._field(name).fill(typed)

    def _choose(self, choice: str, name: str) -> None:
        group = self.page.get_by_role("group", name=_named(name)).locator("label").filter(has_text=_named(choice))
        found = self._first(self.page.get_by_role("combobox", name=_named(name)), group)
        if found.evaluate("found => found.tagName") == "SELECT":
            found.select_option(label=choice)
        else:
            found.click()

    def _tick(self, name: str) -> None:
        self._first(*(self.page.get_by_role(role, name=_named(name)) for role in ("checkbox", "radio"))).check()

    def _plan(self, name: str, hour: str) -> None:
        tomorrow = timezone.localdate(clock.now()) + timedelta(days=1)
        self._field(name).fill(f"{tomorrow}T{hour}")

    def _see(self, *words: str) -> None:
        for name in words:
            self._first(self.page.get_by_text(name.rstrip("… ")))

    def _await(self, words: str) -> None:
        self.hurry()
        self._first(self.page.get_by_text(words), looking_again=True)

    def _go(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def _follow(self) -> None:
        self._first(self.page.locator("main a[href^=http]")).click()

    def _lend(self) -> None:
        browser = self.own.context.browser
        assert browser
        self.page = browser.new_context(viewport=self.own.viewport_size, reduced_motion="reduce").new_page()

    def _take_back(self) -> None:
        self.page.context.close()
        self.page = self.own

    def _breathe(self) -> None:
        """A moment after typing, where a page saves that by itself; then whatever it is doing is done."""
        if self.has_typed and self.page.locator("[data-composer]").count():
            time.sleep(MOMENT)
        self.has_typed = False
        self.page.locator(".htmx-request").first.wait_for(state="detached")

    # -- finding

    def _field(self, name: str) -> Locator:
        """The field to type into."""
        self.has_typed = True
        wanted = _named(name)
        return self._first(self.page.get_by_role("textbox", name=wanted), self.page.get_by_label(wanted))

    def _first(self, *ways: Locator, looking_again: bool = False) -> Locator:
        """The first of them that can be seen; waits for it. A mailbox is opened anew until the mail is there."""
        until = time.monotonic() + PATIENCE
        looking_again = looking_again or self.page.url.endswith("/mailbox/")
        while True:
            for way in ways:
                if (seen := way.filter(visible=True)).count():
                    return seen.first
            assert time.monotonic() < until, "it is not there"
            time.sleep(0.2)
            if looking_again:
                self.page.reload()


def _named(name: str) -> re.Pattern[str]:
    """The whole name, or how it begins where it ends in “…”. What is said beside a label is no part of its name."""
    if name.endswith("…"):
        return re.compile(rf"^\s*{re.escape(name.rstrip('… '))}")
    return re.compile(rf"^\s*{re.escape(name)}(?: optional)?\s*$")
