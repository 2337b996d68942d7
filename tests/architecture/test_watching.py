"""The files for Prometheus and Grafana speak of what Lily exports, and every alert has its paragraph."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from prometheus_client.metrics import MetricWrapperBase

from apps.core import health, metrics

OPS = Path(settings.BASE_DIR, "ops")
RUNBOOKS = Path(settings.BASE_DIR, "docs/operations/runbooks.md")
SUFFIXES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}
USE = re.compile(r"\b(lily_\w+)(?:\{([^}]*)\})?")
GROUPING = re.compile(r"\bby \(([\w, ]+)\)")


def exported() -> dict[str, set[str]]:
    """Name of every series → its labels."""
    found = {}
    for metric in vars(metrics).values():
        if isinstance(metric, MetricWrapperBase):
            extra = {"le"} if metric._type == "histogram" else set()
            for suffix in SUFFIXES[metric._type]:
                found[metric._name + suffix] = {*metric._labelnames} | extra
    for gauge in health.gauges({"database": "ok"}):
        found[gauge.name] = set(gauge.samples[0].labels)
    return found


def alerts() -> list[dict[str, str]]:
    """Alert, expr, summary and runbook of each rule. An expression folded over lines is joined."""
    text = re.sub(r">-\n\s+([^\n]+)\n\s+([^\n]+)", r"\1 \2", (OPS / "alerts.yml").read_text())
    rules = text.split("- alert: ")[1:]
    return [
        {"alert": rule.split()[0], **dict(re.findall(r"^\s+(expr|summary|runbook): (.+)$", rule, re.MULTILINE))}
        for rule in rules
    ]


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for rule in alerts())
    for panel in json.loads((OPS / "dashboard.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def faults_of(expression: str) -> list[str]:
    """Names and labels in a PromQL expression that nobody exports."""
    known, found, labels = exported(), [], set()
    for name, selector in USE.findall(expression):
        found += [] if name in known else [name]
        labels |= known.get(name, set())
        found += sorted(set(re.findall(r"(\w+)[=!]", selector)) - known.get(name, set()))
    grouped = {label for group in GROUPING.findall(expression) for label in group.split(", ")}
    return found + sorted(grouped - labels)


@pytest.mark.parametrize("expression", list(expressions()))
def test_expression_uses_what_is_exported(expression):
    assert USE.search(expression)
    assert faults_of(expression) == []


@pytest.mark.parametrize(
    ("expression", "faults"),
    [
        ("rate(lily_request_total[5m])", ["lily_request_total"]),
        ('lily_requests_total{code="500"}', ["code"]),
        ("sum by (le, path) (lily_request_seconds_bucket)", ["path"]),
        ("lily_request_seconds", ["lily_request_seconds"]),
    ],
)
def test_planted_fault_in_expression_is_found(expression, faults):
    assert faults_of(expression) == faults


def test_every_alert_has_a_paragraph_and_every_paragraph_an_alert():
    names = [rule["alert"] for rule in alerts()]
    assert re.findall(r"^## (\w+)$", RUNBOOKS.read_text(), re.MULTILINE) == names
    assert [rule["runbook"] for rule in alerts()] == [f"docs/operations/runbooks.md#{name.lower()}" for name in names]
    assert all(rule["summary"] for rule in alerts())


def test_everything_counted_is_on_the_dashboard():
    shown = " ".join(expressions())
    names = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in exported()}
    assert {name for name in names if name not in shown} == set()
