"""What must not start: system checks over settings."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import Error, register


@register
def outbound_allow_is_empty(app_configs: Any, **kwargs: Any) -> list[Error]:
    """The allow-list of private addresses is for tests and trials."""
    if not (settings.PRODUCTION and settings.OUTBOUND_ALLOW):
        return []
    return [
        Error(
            "OUTBOUND_ALLOW opens private addresses to outgoing calls.",
            hint="Remove it from the environment of production.",
            id="core.E001",
        )
    ]


@register
def development_stays_home(app_configs: Any, **kwargs: Any) -> list[Error]:
    """Neither a mailbox page nor a clock that moves exists in production."""
    names = [name for name in ("MAILBOX_DIR", "CLOCK_FILE") if getattr(settings, name)]
    if not settings.PRODUCTION or not names:
        return []
    return [Error(f"{', '.join(names)} must be None in production.", id="core.E002")]
