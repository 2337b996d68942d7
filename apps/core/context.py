"""Which request, organization, workspace and task the running code works for: read by logs and by the audit record."""

from __future__ import annotations

from contextvars import ContextVar

_facts: ContextVar[dict[str, str]] = ContextVar("facts", default={})  # noqa: B039  # never mutated, only replaced


def bind(**facts: object) -> None:
    """Add facts (`request`, `organization`, `workspace`, `task`, `client`) to those of the running code."""
    _facts.set({**_facts.get(), **{name: str(value) for name, value in facts.items() if value}})


def clear() -> None:
    """Forget them: at the end of a request or a task, because threads and workers are used again."""
    _facts.set({})


def facts() -> dict[str, str]:
    return _facts.get()


def request_id() -> str:
    return _facts.get().get("request", "")


def client_address() -> str | None:
    return _facts.get().get("client")
