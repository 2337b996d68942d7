"""One line for each thing measured, for people and programs."""

import json
import sys


def report(bench: str, case: str, metric: str, value: float, unit: str, *, against: float | None = None) -> None:
    """Print a measurement; `against` is what it is compared with in the same run, `ratio` is value / against."""
    line = {"bench": bench, "case": case, "metric": metric, "value": _short(value), "unit": unit}
    line["against"] = None if against is None else _short(against)
    line["ratio"] = _short(value / against) if against else None
    print(json.dumps(line), flush=True)


def note(sentence: str) -> None:
    """Something a reader should know, apart from the measurements."""
    print(sentence, file=sys.stderr, flush=True)


def _short(value: float) -> float:
    """Four digits that count."""
    return float(f"{value:.4g}")
