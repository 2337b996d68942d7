from __future__ import annotations

import json
import logging

import pytest

from apps.core import context, logs

FORGED = 'x\n{"level": "ERROR", "message": "forged"}\r\x1b[31m\u2028y'


def record(message: str, **extra: object) -> logging.LogRecord:
    return logging.getLogger("lily.test").makeRecord(
        "lily.test", logging.INFO, __file__, 1, message, (), None, extra=extra
    )


@pytest.fixture(autouse=True)
def clean_context():
    context.clear()
    yield
    context.clear()


def test_json_line_carries_the_ids_and_facts():
    context.bind(request="r1", organization="o1", workspace="w1", task=None)
    line = json.loads(logs.JsonLines().format(record("vendor call", ms=12)))
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "lily.test",
        "message": "vendor call",
        "ms": 12,
        "request": "r1",
        "organization": "o1",
        "workspace": "w1",
    }


def test_fact_of_the_line_wins_over_the_context():
    context.bind(request="r1")
    assert json.loads(logs.JsonLines().format(record("x", request="other")))["request"] == "other"


@pytest.mark.parametrize("formatter", [logs.JsonLines(), logs.ShortLines()], ids=["json", "short"])
def test_values_cannot_forge_lines(formatter):
    context.bind(request=FORGED)
    line = formatter.format(record(FORGED, name_of_customer=FORGED))
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line


def test_short_line_shows_what_came_with_it():
    assert logs.ShortLines().format(record("vendor call", ms=12)).endswith("I lily.test vendor call ms=12")


def test_exception_is_kept():
    try:
        raise RuntimeError("why")
    except RuntimeError as error:
        line = record("broke")
        line.exc_info = (type(error), error, error.__traceback__)
    assert "RuntimeError: why" in json.loads(logs.JsonLines().format(line))["exc_info"]


def test_paths_are_not_logged(rf):
    line = record("Internal Server Error: %s", status_code=500, request=rf.get("/invitations/secret-token/"))
    line.args = ("/invitations/secret-token/",)
    logs.RouteNotPath().filter(line)
    assert "secret-token" not in logs.JsonLines().format(line)
