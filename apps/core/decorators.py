"""How a view states who may use it, where no tenant is involved. `accounts.decorators` adds `member_required`.

Every view carries one of these; tests/architecture fails without.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from apps.core.errors import NotFound

View = Callable[..., HttpResponse]


def public(view: View) -> View:
    """Anyone, signed in or not."""
    view.access = "public"  # type: ignore[attr-defined]
    return login_not_required(view)


def signed_in(view: View) -> View:
    """Anyone with an account; the view touches only the person's own rows."""
    view.access = "signed_in"  # type: ignore[attr-defined]
    return view


def operator_required(view: View) -> View:
    """Our own staff; everyone else gets 404."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not request.user.is_staff:
            raise NotFound
        return view(request, *args, **kwargs)

    wrapped.access = "operator"  # type: ignore[attr-defined]
    return wrapped
