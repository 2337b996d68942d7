"""What we ask of allauth beyond its settings."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core import crypto

_PLACE = "mfa_authenticator.secret"


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up keeps the optional name; everything else is allauth's."""

    def save_user(self, request: HttpRequest, user: User, form, commit: bool = True) -> User:
        user.name = form.cleaned_data.get("name", "")
        return super().save_user(request, user, form, commit)


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie encrypted, under the same keys as the profiles' tokens."""

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, place=_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, place=_PLACE)
