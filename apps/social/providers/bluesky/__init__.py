"""Bluesky (atproto): sign-in by OAuth or app password, posts that cannot double.

A post is written with `putRecord` under a key made from the publication's own: the same call again answers the same
cid, so a retry is safe and a lost answer is settled by one look. Sources: https://docs.bsky.app/docs/api/,
https://atproto.com/specs/xrpc, https://docs.bsky.app/docs/advanced-guides/rate-limits.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx2
from django.utils.translation import gettext as _

from apps.core import clock, http
from apps.core.errors import ContentRejected, Invalid, OutcomeUnknown, Reconnect, TryLater, VendorError
from apps.social.providers.base import SEND_BUDGET, Account, Capabilities, Draft, Profile, Provider, Published
from apps.social.providers.bluesky import oauth
from apps.social.providers.bluesky.identity import LOOK_UP, clean_server, identify
from apps.social.providers.bluesky.posts import COLLECTION, make_record, record_key

PASSWORD_ACCESS, PASSWORD_SESSION = timedelta(minutes=120), timedelta(days=90)  # @atproto/pds, helpers/auth.ts
CALL = 12.0  # seconds of one call
LAST_CALL = 8.0  # seconds kept for the call that publishes

_ENDED = {
    "ExpiredToken",
    "InvalidToken",
    "AuthMissing",
    "AuthenticationRequired",
    "InsufficientScope",
    "AccountTakedown",
    "AccountSuspended",
    "AccountDeactivated",
    "RepoDeactivated",
    "RepoTakendown",
    "RepoSuspended",
    "RepoNotFound",
}


class Bluesky(Provider):
    key: ClassVar[str] = "bluesky"
    capabilities: ClassVar[Capabilities] = Capabilities(
        idempotent=True, can_find=True, can_delete=True, app_password=True, needs_handle=True
    )

    def is_configured(self) -> bool:
        return oauth.is_configured()

    def clean_server(self, text: str) -> str:
        return clean_server(text) if text.strip() else ""

    def begin(
        self, *, server: str, hint: str, redirect_uri: str, state: str, app: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        return oauth.push(identify(hint, server=server), redirect_uri=redirect_uri, state=state)

    def finish(
        self, *, remembered: dict[str, Any], query: dict[str, str], redirect_uri: str
    ) -> tuple[list[Profile], Account]:
        credentials = oauth.exchange(remembered, query, redirect_uri)
        account = Account(
            remembered["pds"], remembered["did"], remembered["handle"], remembered["client_id"], credentials
        )
        return [self.verify(account)], account

    def finish_with_password(self, *, server: str, hint: str, password: str) -> tuple[list[Profile], Account]:
        who = identify(hint, server=server)
        body = {"identifier": who.did, "password": password}
        answer = _ask("POST", f"{who.pds}/xrpc/com.atproto.server.createSession", json=body)
        session = _value(answer)
        if answer.status_code in (400, 401):
            raise Invalid(
                fields={"password": [_("Bluesky does not take this password. Make a new app password there.")]}
            )
        if answer.status_code != 200 or session.get("did") != who.did:
            raise _kind(answer, has_effect=False)
        account = Account(who.pds, who.did, who.handle, "", _session_credentials(session))
        return [self.verify(account)], account

    def refresh(self, account: Account) -> dict[str, Any]:
        if account.credentials["kind"] == "oauth":
            return oauth.renew(account.credentials)
        headers = {"Authorization": f"Bearer {account.credentials['refresh_token']}"}
        answer = _ask("POST", f"{account.server}/xrpc/com.atproto.server.refreshSession", headers=headers)
        if answer.status_code != 200 or not {"accessJwt", "refreshJwt"} <= _value(answer).keys():
            raise _kind(answer, has_effect=False)
        return _session_credentials(_value(answer))

    def verify(self, account: Account) -> Profile:
        """Raises Reconnect when the token is refused, or the account was closed or put to sleep."""
        with http.calling("bluesky", has_effect=False):
            session = _read(_call(account, "GET", "com.atproto.server.getSession"))
        if session.get("did") != account.account_id:
            raise Reconnect(_("Bluesky answered for another profile. Connect this one again."))
        if session.get("active") is False:
            raise Reconnect(_("This Bluesky account is switched off. Switch it on there, then connect it again."))
        handle = session.get("handle") or account.handle
        return Profile(
            account.account_id, f"@{handle}", _display_name(account) or handle, f"https://bsky.app/profile/{handle}"
        )

    def publish(self, account: Account, draft: Draft) -> Published:
        deadline = time.monotonic() + SEND_BUDGET
        blobs = [
            _upload(account, picture.data, picture.mime, timeout=_left(deadline) - LAST_CALL)
            for picture in draft.pictures
        ]
        record = make_record(draft, blobs, lambda handle: _resolve(account.server, handle, _left(deadline) - LAST_CALL))
        body = {
            "repo": account.account_id,
            "collection": COLLECTION,
            "rkey": record_key(draft),
            "record": record,
            "validate": True,
        }
        with http.calling("bluesky", has_effect=True):
            answer = _call(account, "POST", "com.atproto.repo.putRecord", json=body, timeout=_left(deadline))
        if answer.status_code != 200:
            raise _kind(answer, has_effect=True)
        return _published(account, _value(answer))

    def find(self, account: Account, draft: Draft) -> Published | None:
        params = {"repo": account.account_id, "collection": COLLECTION, "rkey": record_key(draft)}
        answer = _ask("GET", f"{account.server}/xrpc/com.atproto.repo.getRecord", params=params)
        if answer.status_code == 400 and _value(answer).get("error") == "RecordNotFound":
            return None
        if answer.status_code != 200:
            raise _kind(answer, has_effect=False)
        return _published(account, _value(answer))

    def revoke(self, account: Account) -> None:
        if account.credentials["kind"] == "oauth":
            oauth.give_back(account.credentials)
        else:
            headers = {"Authorization": f"Bearer {account.credentials['refresh_token']}"}
            _ask("POST", f"{account.server}/xrpc/com.atproto.server.deleteSession", headers=headers)


# -- calls


def _call(account: Account, method: str, name: str, *, timeout: float = CALL, **request: Any) -> httpx2.Response:
    """One XRPC call for an account. Raises httpx2's own errors: the caller knows whether the call has an effect."""
    url, known = f"{account.server}/xrpc/{name}", account.credentials
    if known["kind"] == "oauth":
        return oauth.send(method, url, known["dpop_key"], token=known["access_token"], timeout=timeout, **request)
    headers = request.pop("headers", {}) | {"Authorization": f"Bearer {known['access_token']}"}
    with http.client("bluesky", timeout=timeout) as client:
        return client.request(method, url, headers=headers, **request)


def _ask(method: str, url: str, *, timeout: float = CALL, **request: Any) -> httpx2.Response:
    """A call without an effect that anyone could see, so that it may be made again. Raises TryLater."""
    with http.calling("bluesky", has_effect=False), http.client("bluesky", timeout=timeout) as client:
        return client.request(method, url, **request)


def _read(answer: httpx2.Response) -> dict[str, Any]:
    if answer.status_code != 200 or not _value(answer):
        raise _kind(answer, has_effect=False)
    return _value(answer)


def _upload(account: Account, data: bytes, mime: str, *, timeout: float) -> dict[str, Any]:
    """A picture's bytes, stored but shown nowhere until a record names them: safe to send again."""
    with http.calling("bluesky", has_effect=False):
        answer = _call(
            account,
            "POST",
            "com.atproto.repo.uploadBlob",
            content=data,
            headers={"Content-Type": mime},
            timeout=min(timeout, CALL),
        )
    blob = _value(answer).get("blob")
    if answer.status_code != 200 or not isinstance(blob, dict):
        raise _kind(answer, has_effect=False)
    return blob


def _resolve(server: str, handle: str, seconds: float) -> str | None:
    """The DID of a mentioned handle; None when it is unknown or nobody answers in time."""
    try:
        answer = _ask(
            "GET",
            f"{server}/xrpc/com.atproto.identity.resolveHandle",
            params={"handle": handle},
            timeout=min(seconds, LOOK_UP),
        )
    except VendorError:
        return None
    return _value(answer).get("did") if answer.status_code == 200 else None


def _display_name(account: Account) -> str:
    """The name on the profile; empty where there is none."""
    params = {"repo": account.account_id, "collection": "app.bsky.actor.profile", "rkey": "self"}
    answer = _ask("GET", f"{account.server}/xrpc/com.atproto.repo.getRecord", params=params)
    profile = _value(answer).get("value", {}) if answer.status_code == 200 else {}
    return str(profile.get("displayName") or "")


def _left(deadline: float) -> float:
    """Seconds left of the budget. Raises TryLater when too few are left to publish in: nothing is live yet."""
    left = deadline - time.monotonic()
    if left < LAST_CALL + 1:
        raise TryLater(_("Bluesky took too long to take the pictures. We will try again."))
    return left


# -- what answers mean


def _kind(answer: httpx2.Response, *, has_effect: bool) -> VendorError:
    """The kind of error an answer is, by what we must do."""
    value = _value(answer)
    error, said = str(value.get("error", "")), str(value.get("message", ""))[:200]
    facts = {"status": answer.status_code, "error": error}
    if answer.status_code == 429:
        return _with(TryLater(_("Bluesky asks us to slow down."), retry_after=_retry_after(answer)), facts)
    if answer.status_code in (401, 403) or error in _ENDED:
        return _with(Reconnect(_("Bluesky no longer accepts this connection. Connect the profile again.")), facts)
    if answer.status_code in (400, 413, 415, 422):
        reason = said or _("it gave no reason")
        return _with(ContentRejected(_("Bluesky refused this post: %(reason)s") % {"reason": reason}), facts)
    if has_effect and answer.status_code != 503:
        return _with(OutcomeUnknown(), facts)
    return _with(TryLater(_("Bluesky has trouble of its own."), retry_after=http.retry_after(answer)), facts)


def _with(error: VendorError, facts: dict[str, Any]) -> VendorError:
    error.details |= facts
    return error


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    """Retry-After, else `RateLimit-Reset` (Unix seconds)."""
    reset = answer.headers.get("RateLimit-Reset", "")
    if "Retry-After" in answer.headers or not reset.isdecimal():
        return http.retry_after(answer)
    return max(timedelta(seconds=1), datetime.fromtimestamp(int(reset), UTC) - datetime.now(UTC))


def _value(answer: httpx2.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _published(account: Account, value: dict[str, Any]) -> Published:
    """Raises OutcomeUnknown for an answer that does not say what was made."""
    uri, cid = value.get("uri"), value.get("cid")
    if not isinstance(uri, str) or not isinstance(cid, str):
        raise OutcomeUnknown(_("Bluesky's answer could not be read. We look whether the post is there."))
    key = uri.rpartition("/")[2]
    return Published(uri, f"https://bsky.app/profile/{account.account_id}/post/{key}", {"cid": cid})


def _session_credentials(session: dict[str, Any]) -> dict[str, Any]:
    now = clock.now()
    return {
        "kind": "password",
        "access_token": session["accessJwt"],
        "refresh_token": session["refreshJwt"],
        "expires_at": (now + PASSWORD_ACCESS).isoformat(),
        "ends_at": (now + PASSWORD_SESSION).isoformat(),
    }
