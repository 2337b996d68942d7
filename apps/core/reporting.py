"""What broke, told to Sentry: where in the code, never for whom.

Only `start` imports the SDK, and only installations with SENTRY_DSN call it. What leaves is a list of what may leave:
no person, address, body, header, cookie, variable or breadcrumb. Messages of errors stay, without what looks like a
mail address, a value PostgreSQL quotes or a token. The SDK sends by itself and not through `core.http`: the address is
the operator's own and may be a private one.
"""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import SuspiciousOperation

from apps.core import context

WHAT = frozenset({"event_id", "timestamp", "level", "logger", "transaction", "exception", "logentry", "contexts"})
WHERE = frozenset({"platform", "release", "environment", "server_name", "sdk", "modules"})
CONTEXTS = frozenset({"runtime", "trace"})
TAGS = frozenset({"request", "task", "organization", "workspace"})  # random ids, as in the logs
HIDDEN = "[hidden]"
TELLING = re.compile(
    r"(?P<mail>[^\s<>\"'=(]+@[^\s<>\"'),]+)"
    r"|(?P<quoted>(?<=\)=\().*?(?=\) )|(?<=Failing row contains \().*(?=\)))"  # PostgreSQL's DETAIL
    r"|(?P<query>(?<=\?)[^\s\"']+=[^\s\"']*)"
    r"|(?P<token>(?<![\w.])(?=[\w+=-]*\d)[\w+=-]{20,})"
)


def start() -> None:
    """Report from this process and those it forks. Raises BadDsn for a SENTRY_DSN that is none.

    Without SENTRY_RELEASE the release is the checkout's commit, where there is one: the SDK looks for it.
    """
    import sentry_sdk
    from sentry_sdk.integrations.celery import CeleryIntegration
    from sentry_sdk.integrations.django import DjangoIntegration

    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        release=settings.SENTRY_RELEASE or None,
        environment="production" if settings.PRODUCTION else "development",
        integrations=[DjangoIntegration(transaction_style="url", middleware_spans=False), CeleryIntegration()],
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        ignore_errors=[SuspiciousOperation],  # whoever tries names of hosts is nothing to mend
        before_send=allowed,
    )


def allowed(event: Any, hint: Any) -> Any:
    """What of an event may leave."""
    kept = {name: value for name, value in event.items() if name in WHAT | WHERE}
    kept["contexts"] = {name: value for name, value in kept.get("contexts", {}).items() if name in CONTEXTS}
    kept["tags"] = {name: value for name, value in context.facts().items() if name in TAGS}
    if "transaction" in kept:  # the address's pattern, or the path where none matches
        kept["transaction"] = without_secrets(kept["transaction"])
    if "logentry" in kept:
        kept["logentry"] = {"message": without_secrets(kept["logentry"].get("message", ""))}
    for error in kept.get("exception", {}).get("values", []):
        error["value"] = without_secrets(error.get("value") or "")
    return kept


def without_secrets(text: str) -> str:
    return TELLING.sub(HIDDEN, str(text))
