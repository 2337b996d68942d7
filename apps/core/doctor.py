"""What is wrong with this installation, each with its cure in one sentence.

`check` registers a function that yields a `Finding` for everything wrong and nothing when all is well. Apps register
their own in `ready()`. `manage.py doctor` and the operators' page show the same report.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

log = logging.getLogger("lily.doctor")


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"  # works, and will hurt
    ERROR = "error"  # something does not work


@dataclass(frozen=True)
class Finding:
    """One thing wrong: what it is, and in one sentence how to mend it. Neither holds a secret.

    What is to be typed stands between backticks.
    """

    level: Level
    problem: str
    cure: str

    @property
    def cure_parts(self) -> list[tuple[str, bool]]:
        """The cure as (text, whether it is to be typed)."""
        return [(text, number % 2 == 1) for number, text in enumerate(self.cure.split("`")) if text]


@dataclass(frozen=True)
class Report:
    """One check and what it found."""

    name: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        levels = {finding.level for finding in self.findings}
        return next((level for level in (Level.ERROR, Level.WARNING) if level in levels), Level.OK)


Check = Callable[[], Iterable[Finding]]
_checks: dict[str, tuple[str, Check]] = {}


def check(name: str, title: str) -> Callable[[Check], Check]:
    """Register a check under a short name. Raises ValueError for a name that is taken by another."""

    def register(function: Check) -> Check:
        known = _checks.get(name)
        if known is not None and known[1] is not function:
            raise ValueError(f"There are two checks named {name}.")
        _checks[name] = (title, function)
        return function

    return register


def examine() -> list[Report]:
    """Run every check. One that breaks is a finding itself and does not stop the others."""
    return [Report(name, title, _run(name, function)) for name, (title, function) in _checks.items()]


def worst(reports: Iterable[Report]) -> Level:
    levels = {report.level for report in reports}
    return next((level for level in (Level.ERROR, Level.WARNING) if level in levels), Level.OK)


def _run(name: str, function: Check) -> tuple[Finding, ...]:
    try:
        return tuple(function())
    except Exception as error:
        log.exception("doctor's check broke", extra={"check": name})
        kind = type(error).__name__
        return (
            Finding(Level.ERROR, f"This check broke ({kind}).", "Mend what the other findings say, then look again."),
        )


def error(problem: str, cure: str) -> Finding:
    return Finding(Level.ERROR, problem, cure)


def warning(problem: str, cure: str) -> Finding:
    return Finding(Level.WARNING, problem, cure)
