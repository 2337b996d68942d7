"""How a program says who it is: `Authorization: Bearer lily_…` (RFC 6750), with a key a member has made."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from apps.accounts import access
from apps.accounts.models import ApiKey, User

SCHEME = "Bearer"


class KeyAuthentication(BaseAuthentication):
    """The key's member as the user and the key as `request.auth`; `access.narrow` keeps it to its organization."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """None without a key: the session decides. Raises KeyRefused for a key that opens nothing."""
        scheme, _space, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != SCHEME.lower():
            return None
        key = access.find_key(token.strip())
        key.note_use()
        return key.membership.user, key

    def authenticate_header(self, request: Request) -> str:
        return SCHEME
