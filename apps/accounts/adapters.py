"""What we ask of allauth beyond its settings."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts import services
from apps.accounts.models import Invitation, User
from apps.core import crypto, languages

_PLACE = "mfa_authenticator.secret"


INVITATION = "invitation"  # session key: the token of the invitation a stranger has opened


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up keeps the optional name and the page's language, and believes an open invitation's link that its address
    is the person's own."""

    def save_user(self, request: HttpRequest, user: User, form, commit: bool = True) -> User:
        user.name, user.language = form.cleaned_data.get("name", ""), get_language() or ""
        return super().save_user(request, user, form, commit)

    def is_email_verified(self, request: HttpRequest, email: str) -> bool:
        """Whoever opened the mailed link reads the mail: no second mail to that address, and to no other."""
        token = request.session.get(INVITATION)
        return bool(token) and Invitation.objects.with_token(token).pending().filter(email__iexact=email).exists()

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Every mail of allauth, rendered here (it needs the request) and sent by a worker; in the reader's language
        where it is for somebody we know, else in the page's."""
        facts = {"request": self.request, "email": email, "current_site": get_current_site(self.request)}
        chosen = context["user"].language if "user" in context else ""
        with languages.speaking(chosen or get_language() or ""):
            mail = self.render_mail(template_prefix, email, facts | context)
        services.post_mail(to=email, subject=mail.subject, text=mail.body)

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict | None = None, email: str | None = None
    ) -> None:
        """What was done to an account, told to its person."""
        super().send_notification_mail(template_prefix, user, {"user": user} | (context or {}), email)

    def unstash_verified_email(self, request: HttpRequest) -> None:
        """Nothing: allauth would add the stashed address to whatever account is made next in this browser."""


class MFAAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps and recovery codes lie encrypted, under the same keys as the profiles' tokens."""

    error_messages = DefaultMFAAdapter.error_messages | {  # in the words of our pages
        "add_email_blocked": _("Turn off the second step before you change your address."),
        "cannot_generate_recovery_codes": _("Set up the app or a passkey first."),
        "unverified_email": _("Confirm your address first."),
    }

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)s") % {"number": number + 1} if number else gettext("Passkey")

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text, place=_PLACE)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text, place=_PLACE)
