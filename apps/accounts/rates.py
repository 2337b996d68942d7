"""How many requests the keys of an organization may make in an hour of the clock, together.

Counted in Valkey, because a row would be written at each request; what a lost count costs is told in
docs/decisions/api.md. The headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import redis
from django.utils.translation import gettext as _
from rest_framework.throttling import BaseThrottle

from apps.core import clock, valkey
from apps.core.errors import TooManyRequests
from apps.plans import entitlements
from apps.plans.catalog import Limit

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

    from apps.accounts.models import Organization

HOUR = 3600  # seconds

log = logging.getLogger("lily.api")


@dataclass(frozen=True)
class Quota:
    """What is left of the hour after a request; `used` goes on counting past `allowed`."""

    allowed: int
    used: int
    resets_in: int  # seconds

    @property
    def is_passed(self) -> bool:
        return self.used > self.allowed

    @property
    def headers(self) -> dict[str, str]:
        left = max(self.allowed - self.used, 0)
        return {
            "RateLimit-Policy": f'"hour";q={self.allowed};w={HOUR}',
            "RateLimit": f'"hour";r={left};t={self.resets_in}',
        }


def take(organization: Organization) -> Quota | None:
    """Count one request. None where Valkey does not answer: nothing is counted then and nobody refused.

    Raises LimitReached where the plan has no API.
    """
    entitlements.require_some(organization, Limit.API_HOUR)
    seconds = int(clock.now().timestamp())
    key = f"api:{organization.pk}:{seconds // HOUR}"
    try:
        with valkey.connection().pipeline(transaction=False) as pipe:  # sent together, so that no count stays for ever
            pipe.incr(key)
            pipe.expire(key, HOUR)
            used = pipe.execute()[0]
    except redis.RedisError:
        log.warning("valkey does not answer, requests are not counted", extra={"key": key})
        return None
    return Quota(entitlements.plan_of(organization).allowed(Limit.API_HOUR), used, HOUR - seconds % HOUR)


class HourlyThrottle(BaseThrottle):
    """Counts the requests of keys, once it is known that they may ask; people with a session are not counted."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Raises TooManyRequests. The quota is kept on Django's request, for the answer's headers."""
        if request.auth is None or request.method not in view.allowed_methods:
            return True
        quota = request._request.quota = take(request.organization)
        if quota is not None and quota.is_passed:
            words = _("The plan allows %(allowed)s requests an hour, and they are used.") % {"allowed": quota.allowed}
            raise TooManyRequests(words, retry_after=timedelta(seconds=quota.resets_in))
        return True
