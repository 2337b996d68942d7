"""One tree of errors. Pages (`core.middleware`) and the API (`core.api`) turn it into HTTP; nothing else does.

`code` is stable and for programs; `str(error)` is one or two sentences for people: what happened, what they can do.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Sentence = str | Promise  # a translated one is turned into text when a person reads it


class DomainError(Exception):
    """Something a rule forbids. Subclasses state `code` and `status`."""

    code = "error"
    status = 400
    default_message = _("That did not work.")

    def __init__(self, message: Sentence = "", **details: object) -> None:
        super().__init__(message or self.default_message)
        self.details = details


class NotAuthenticated(DomainError):
    """Nobody we know; `challenge` is the WWW-Authenticate of the API (RFC 6750, section 3)."""

    code, status, default_message = "not_authenticated", 401, _("Log in to go on.")
    challenge = "Bearer"


class KeyRefused(NotAuthenticated):
    """A key was given, and it is made up, revoked or lapsed."""

    default_message = _("This key is not valid, or no longer. Make a new one in the organization's settings.")
    challenge = 'Bearer error="invalid_token"'


class NotFound(DomainError):
    code, status, default_message = (
        "not_found",
        404,
        _("It may have been moved or deleted, or belong to somebody else."),
    )


class PermissionRefused(DomainError):
    code, status, default_message = (
        "permission_denied",
        403,
        _("Your role does not allow this. Ask an owner or an admin."),
    )


class FeatureNotInPlan(DomainError):
    """A feature, level or choice the plan does not state. `plan` is the key of the smallest plan that would do."""

    code, status, default_message = "feature_not_in_plan", 403, _("Your plan does not include this.")

    def __init__(self, message: Sentence = "", *, feature: str = "", plan: str | None = None) -> None:
        super().__init__(message, feature=feature, plan=plan)
        self.feature, self.plan = feature, plan


class LimitReached(DomainError):
    """A reached count. `resets_at` is None for counts that do not reset (channels, members, workspaces)."""

    code, status, default_message = "limit_reached", 402, _("You have reached a limit of your plan.")

    def __init__(
        self,
        message: Sentence = "",
        *,
        limit: str,
        allowed: int,
        used: int,
        resets_at: datetime | None = None,
        plan: str | None = None,
    ) -> None:
        super().__init__(message, limit=limit, allowed=allowed, used=used, resets_at=resets_at, plan=plan)
        self.limit, self.allowed, self.used, self.resets_at, self.plan = limit, allowed, used, resets_at, plan


class MethodNotAllowed(DomainError):
    code, status, default_message = "method_not_allowed", 405, _("This address does not answer that method.")


class WrongState(DomainError):
    code, status, default_message = "wrong_state", 409, _("This has changed in the meantime. Load the page again.")


class Outdated(WrongState):
    """Another version was saved since the one the caller knows. The API, where If-Match says which that is, answers it
    as a `PreconditionFailed`."""

    code = "version_mismatch"


class PreconditionFailed(DomainError):
    """If-Match of the API names another version than the present one (RFC 9110, section 13.1.1)."""

    code, status = "version_mismatch", 412
    default_message = _("This has changed in the meantime. Read it again and look at what changed.")


class Invalid(DomainError):
    """Fields that are wrong: `fields` is name → list of sentences."""

    code, status, default_message = "invalid", 422, _("Please look at the marked fields.")

    def __init__(self, message: Sentence = "", *, fields: dict[str, list[str]] | None = None) -> None:
        super().__init__(message, fields=fields or {})
        self.fields = fields or {}


class TooManyRequests(DomainError):
    code, status, default_message = "too_many_requests", 429, _("That was too fast. Wait a moment and try again.")

    def __init__(self, message: Sentence = "", *, retry_after: timedelta) -> None:
        super().__init__(message, retry_after=retry_after)
        self.retry_after = retry_after


class VendorError(DomainError):
    """A network or model vendor failed us. The kinds say what *we* must do, not what they called it."""

    code, status, default_message = "vendor_error", 502, _("The other side did not answer as expected.")


class TryLater(VendorError):
    """Nothing happened over there; the same call may succeed after `retry_after` (None: our own back-off)."""

    code, status, default_message = "try_later", 503, _("The other side is busy. We will try again.")

    def __init__(self, message: Sentence = "", *, retry_after: timedelta | None = None, **details: object) -> None:
        super().__init__(message, retry_after=retry_after, **details)
        self.retry_after = retry_after


class ContentRejected(VendorError):
    """The content itself was refused; sending it again unchanged is pointless."""

    code, status, default_message = "content_rejected", 422, _("The other side refused this content.")


class Reconnect(VendorError):
    """The customer's permission is gone; only they can give it again."""

    code, status, default_message = "reconnect", 409, _("The connection has ended. Connect the profile again.")


class OutcomeUnknown(VendorError):
    """The call may or may not have had its effect; look before doing anything else."""

    code, status, default_message = "outcome_unknown", 504, _("We do not know yet whether this worked.")
