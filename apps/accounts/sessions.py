"""Who is asking: the session and its person, which every page of a signed-in person reads first.

Both are Django's and allauth's own; only their one query each is composed once (docs/decisions/house.md).
"""

from __future__ import annotations

from allauth.account import auth_backends
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from apps.accounts.models import User
from apps.core.prepared import Prepared

_session = Prepared(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))
_person = Prepared(lambda pk: User.objects.filter(pk=pk))


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Session | None:
        session = _session.first(key=self.session_key, now=timezone.now())
        if session is None:
            self._session_key = None
        return session


class AuthenticationBackend(auth_backends.AuthenticationBackend):
    def get_user(self, user_id: object) -> User | None:
        user = _person.first(pk=user_id)
        return user if user is not None and self.user_can_authenticate(user) else None
