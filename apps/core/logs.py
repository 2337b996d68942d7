"""Logs: one JSON object a line, with the ids of the request, organization, workspace and task they belong to.

Development gets a short line for people instead. Either way a value with a line break or an escape sequence cannot
start a line of its own: JSON escapes it, and the short format does too.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import signals
from pythonjsonlogger.json import JsonFormatter

from apps.core import context

_PLAIN = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName", "color_message"}
_CONTROL = {point: f"\\x{point:02x}" for point in (*range(32), *range(127, 160)) if point != 9} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}


class JsonLines(JsonFormatter):
    """For machines. Times are UTC, ISO 8601."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{message}",
            style="{",
            timestamp="at",
            rename_fields={"levelname": "level", "name": "logger"},
            json_ensure_ascii=True,
        )

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        super().add_fields(log_data, record, message_dict)
        for name, value in context.facts().items():
            log_data.setdefault(name, value)


class ShortLines(logging.Formatter):
    """For people: time, level, logger, message and what came with it."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname).1s %(name)s %(message)s", "%H:%M:%S")

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = " ".join(f"{name}={value}" for name, value in record.__dict__.items() if name not in _PLAIN)
        return f"{super().formatMessage(record)} {facts}".rstrip().translate(_CONTROL)


class RouteNotPath(logging.Filter):
    """Django's own lines about requests name the path, which may hold a secret: they get the address's pattern."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = record.__dict__.pop("request", None)
        if request is not None and hasattr(request, "META"):
            match = getattr(request, "resolver_match", None)
            record.msg, record.args = "%s %s broke", (request.method, match.route if match else "a request")
        elif request is not None:
            record.request = request
        return True


# -- the ids travel with a task


@signals.before_task_publish.connect
def _send_ids(headers: dict[str, Any] | None = None, **kwargs: Any) -> None:
    if headers is not None:
        headers["lily"] = {
            name: value for name, value in context.facts().items() if name in ("request", "organization")
        }


@signals.task_prerun.connect
def _bind_ids(task_id: str = "", task: Any = None, **kwargs: Any) -> None:
    if not task.request.is_eager:
        context.clear()
        context.bind(task=task_id, **(task.request.get("lily") or {}))


@signals.task_postrun.connect
def _forget_ids(task: Any = None, **kwargs: Any) -> None:
    if not task.request.is_eager:
        context.clear()


def configuration(*, json: bool, level: str) -> dict[str, Any]:
    """The LOGGING setting: everything to standard error, ours from `level`, others from warnings."""
    formatter = "apps.core.logs.JsonLines" if json else "apps.core.logs.ShortLines"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"route": {"()": "apps.core.logs.RouteNotPath"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["route"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "lily": {"level": level},
            "django": {"level": "WARNING", "handlers": [], "propagate": True},
            "django.server": {"level": "ERROR", "handlers": [], "propagate": True},
            "django.request": {"level": "ERROR"},  # every answer has a line of ours already
            "celery": {"level": level},
        },
    }
