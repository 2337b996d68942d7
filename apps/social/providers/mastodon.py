"""Mastodon, and servers that speak its API. Each server registers Lily for itself and has limits of its own.

The server keeps an Idempotency-Key for one hour (Redis, `PostStatusService`), so a later look does not rest on it:
`find` reads the account's own recent statuses. Sources: https://docs.joinmastodon.org/methods/{apps,oauth,media,
statuses,accounts,instance}/, https://docs.joinmastodon.org/api/rate-limits/, mastodon/mastodon app/services.
"""

from __future__ import annotations

import html
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

import httpx2
from django.conf import settings
from django.utils.translation import gettext as _

from apps.core import clock, http
from apps.core.counting import MENTION
from apps.core.errors import ContentRejected, Invalid, OutcomeUnknown, Reconnect, TryLater, VendorError
from apps.social.providers.base import SEND_BUDGET, Account, Capabilities, Draft, Picture, Profile, Provider, Published

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

SCOPES = "read:accounts read:statuses write:media write:statuses"
CALL = 12.0  # seconds of one call
LAST_CALL = 8.0  # seconds kept for the call that publishes
POLL = 0.5  # seconds between looks at a picture the server still works on
PAGE, PAGES = 40, 5  # how far back `find` reads: 200 statuses
SKEW = timedelta(minutes=5)  # how far a server's clock may be behind ours


class Mastodon(Provider):
    key: ClassVar[str] = "mastodon"
    capabilities: ClassVar[Capabilities] = Capabilities(
        idempotent=True, can_find=True, can_delete=True, needs_server=True, registers_app=True
    )

    def is_configured(self) -> bool:
        return True

    def clean_server(self, text: str) -> str:
        """`https://host` from what people type: a host, an address, or a handle. Raises Invalid."""
        host = text.strip().lower().rpartition("@")[2]
        parts = urlsplit(host if "://" in host else f"https://{host}")
        is_name = bool(re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+(:\d+)?", parts.netloc))
        if parts.scheme not in ("https", "http") or not is_name:
            raise Invalid(fields={"server": [_("A server looks like mastodon.social.")]})
        is_plain = parts.netloc in settings.OUTBOUND_ALLOW and parts.scheme == "http"
        return f"{'http' if is_plain else 'https'}://{parts.netloc}"

    def register_app(self, *, server: str, redirect_uri: str) -> dict[str, Any]:
        form = {"client_name": "Lily", "redirect_uris": redirect_uri, "scopes": SCOPES, "website": settings.BASE_URL}
        answer = _ask("POST", f"{server}/api/v1/apps", data=form)
        value = _value(answer)
        if answer.status_code != 200 or not {"client_id", "client_secret"} <= value.keys():
            raise Invalid(fields={"server": [_("There is no Mastodon at this address. Check it for typos.")]})
        return {
            "client_id": value["client_id"],
            "client_secret": value["client_secret"],
            "authorize": f"{server}/oauth/authorize",
            "token": f"{server}/oauth/token",
            "revoke": f"{server}/oauth/revoke",
        }

    def begin(
        self, *, server: str, hint: str, redirect_uri: str, state: str, app: dict[str, Any] | None = None
    ) -> tuple[str, dict[str, Any]]:
        verifier = secrets.token_urlsafe(48)
        with _oauth(app, redirect_uri=redirect_uri, scope=SCOPES) as client:
            url, _state = client.create_authorization_url(app["authorize"], state=state, code_verifier=verifier)
        return url, {"server": server, "verifier": verifier, "app": app}

    def finish(
        self, *, remembered: dict[str, Any], query: dict[str, str], redirect_uri: str
    ) -> tuple[list[Profile], Account]:
        if query.get("error") == "access_denied":
            raise Invalid(_("You did not allow Lily to post to this profile, so nothing was connected."))
        if "code" not in query:
            raise Invalid(_("The server ended the sign-in. Start again."))
        app = remembered["app"]
        tokens = exchange(app, code=query["code"], verifier=remembered["verifier"], redirect_uri=redirect_uri)
        account = Account(remembered["server"], "", "", app["client_id"], _credentials(app, tokens))
        profile = self.verify(account)
        return [profile], Account(
            account.server, profile.account_id, profile.handle, account.client_id, account.credentials
        )

    def refresh(self, account: Account) -> dict[str, Any]:
        """Most servers give tokens that do not end; then there is nothing to do."""
        known = account.credentials
        if not known.get("refresh_token"):
            return known
        with _oauth(known["app"]) as client, _token_calls():
            tokens = client.refresh_token(known["app"]["token"], refresh_token=known["refresh_token"])
        return _credentials(known["app"], known | tokens)

    def verify(self, account: Account) -> Profile:
        """Raises Reconnect when the token is refused or the account suspended. Reads the server's limits."""
        value = _read(_call(account, "GET", "/api/v1/accounts/verify_credentials"))
        if not value.get("id") or value.get("suspended"):
            raise Reconnect(_("This Mastodon account cannot post. Look there what happened, then connect it again."))
        host = urlsplit(account.server).netloc
        account_id, username = f"{value['id']}@{host}", value.get("username", "")
        if account.account_id not in ("", account_id):
            raise Reconnect(_("The server answered for another profile. Connect this one again."))
        return Profile(
            account_id,
            f"@{username}@{host}",
            html.unescape(value.get("display_name") or username),
            value.get("url", ""),
            limits=_limits(account.server),
        )

    def publish(self, account: Account, draft: Draft) -> Published:
        deadline = time.monotonic() + SEND_BUDGET
        media = [_upload(account, picture, deadline) for picture in draft.pictures]
        body = {"status": draft.text, "media_ids": media, "language": draft.language[:2], "visibility": "public"}
        with http.calling("mastodon", has_effect=True):
            answer = _send(
                account,
                "POST",
                "/api/v1/statuses",
                json=body,
                headers={"Idempotency-Key": draft.key},
                timeout=min(_left(deadline), CALL),
            )
        if answer.status_code != 200:
            raise _kind(answer, has_effect=True)
        return _published(_value(answer))

    def find(self, account: Account, draft: Draft) -> Published | None:
        """The account's own status with exactly this text since the draft's time, and of no other publication.

        Raises TryLater when more statuses were made since than we read.
        """
        since = draft.created_at - clock.offset() - SKEW
        path = f"/api/v1/accounts/{account.account_id.partition('@')[0]}/statuses"
        params: dict[str, str | int] = {"limit": PAGE, "exclude_reblogs": "true"}
        for _page in range(PAGES):
            statuses = _read(_call(account, "GET", path, params=params))
            for status in statuses:
                if datetime.fromisoformat(status["created_at"]) < since:
                    return None
                if status["id"] not in draft.taken and plain_text(status["content"]) == _as_shown(draft.text):
                    return _published(status)
            if len(statuses) < PAGE:
                return None
            params["max_id"] = statuses[-1]["id"]
        raise TryLater(_("This profile posts so much that we could not look through all of it."))

    def revoke(self, account: Account) -> None:
        known = account.credentials
        form = {
            "client_id": known["app"]["client_id"],
            "client_secret": known["app"]["client_secret"],
            "token": known["access_token"],
        }
        _ask("POST", known["app"]["revoke"], data=form)


# -- OAuth


def exchange(app: dict[str, Any], *, code: str, verifier: str, redirect_uri: str) -> dict[str, Any]:
    """The tokens for a code. Raises Invalid when the server refuses it, TryLater."""
    with _oauth(app, redirect_uri=redirect_uri) as client:
        try:
            with _token_calls():
                return dict(client.fetch_token(app["token"], code=code, code_verifier=verifier))
        except Reconnect as error:
            raise Invalid(_("The server did not accept the sign-in. Start again.")) from error


def _oauth(app: dict[str, Any], **options: Any) -> OAuth2Client:
    """Authlib's client over our own guarded transport."""
    from authlib.integrations.httpx_client import OAuth2Client  # 3 MB that most processes never need

    return OAuth2Client(
        app["client_id"],
        app["client_secret"],
        token_endpoint_auth_method="client_secret_post",  # noqa: S106  # the name of a method
        code_challenge_method="S256",
        transport=http.Transport("mastodon", total=CALL, max_bytes=1_000_000),
        headers={"User-Agent": http.USER_AGENT, "Accept-Encoding": "gzip"},
        timeout=CALL,
        trust_env=False,
        **options,
    )


@contextmanager
def _token_calls() -> Iterator[None]:
    """What the token endpoint's failures mean: refused is Reconnect, everything else may pass."""
    from authlib.integrations.base_client import OAuthError

    try:
        yield
    except OAuthError as error:
        if error.error in ("invalid_grant", "invalid_client", "unauthorized_client"):
            raise Reconnect(_("The server has ended this connection. Connect the profile again.")) from error
        raise TryLater(_("The server did not answer as expected. Try again in a minute.")) from error
    except (httpx2.HTTPError, ValueError) as error:
        raise TryLater(_("The server did not answer as expected. Try again in a minute.")) from error


def _credentials(app: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    credentials = {"app": app, "access_token": tokens["access_token"], "scope": tokens.get("scope", SCOPES)}
    if not {"write:statuses", "write"} & set(credentials["scope"].split()):
        raise Invalid(_("The server did not give the permission to post. Start again."))
    if tokens.get("refresh_token"):
        credentials["refresh_token"] = tokens["refresh_token"]
    if tokens.get("expires_in"):
        credentials["expires_at"] = (clock.now() + timedelta(seconds=int(tokens["expires_in"]))).isoformat()
    return credentials


# -- calls


def _send(account: Account, method: str, path: str, *, timeout: float = CALL, **request: Any) -> httpx2.Response:
    """One call for an account. Raises httpx2's own errors."""
    headers = request.pop("headers", {}) | {"Authorization": f"Bearer {account.credentials['access_token']}"}
    with http.client("mastodon", timeout=timeout) as client:
        return client.request(method, account.server + path, headers=headers, **request)


def _call(account: Account, method: str, path: str, **request: Any) -> httpx2.Response:
    """A call for an account without an effect that anyone could see. Raises TryLater."""
    with http.calling("mastodon", has_effect=False):
        return _send(account, method, path, **request)


def _ask(method: str, url: str, **request: Any) -> httpx2.Response:
    """A call for nobody in particular. Raises TryLater."""
    with http.calling("mastodon", has_effect=False), http.client("mastodon", timeout=CALL) as client:
        return client.request(method, url, **request)


def _read(answer: httpx2.Response) -> Any:
    """The JSON of a look-up. Raises the kind of any other answer."""
    try:
        value = answer.json()
    except ValueError:
        value = None
    if answer.status_code != 200 or value is None:
        raise _kind(answer, has_effect=False)
    return value


def _limits(server: str) -> dict[str, Any]:
    """The server's own limits (entity Instance, `configuration`); empty where it does not say."""
    try:
        configuration = _value(_ask("GET", f"{server}/api/v2/instance")).get("configuration", {})
    except TryLater:
        return {}
    statuses, media = configuration.get("statuses", {}), configuration.get("media_attachments", {})
    found = {
        "max_characters": statuses.get("max_characters"),
        "pictures_max": statuses.get("max_media_attachments"),
        "picture_bytes_max": media.get("image_size_limit"),
        "alt_max": media.get("description_limit"),
    }
    return {name: value for name, value in found.items() if isinstance(value, int)}


def _upload(account: Account, picture: Picture, deadline: float) -> str:
    """A picture on the server, ready to be attached; its id. Nobody sees it until then, so it is safe to send again.

    A server may answer 202 and work on (methods/media, v2): then we look again until it says 200, inside the budget.
    """
    name = f"picture.{picture.mime.partition('/')[2]}"
    answer = _call(
        account,
        "POST",
        "/api/v2/media",
        files={"file": (name, picture.data, picture.mime)},
        data={"description": picture.alt},
        timeout=min(_left(deadline) - LAST_CALL, CALL),
    )
    if answer.status_code not in (200, 202) or "id" not in _value(answer):
        raise _kind(answer, has_effect=False)
    pk = str(_value(answer)["id"])
    while answer.status_code in (202, 206):
        time.sleep(POLL)
        answer = _call(account, "GET", f"/api/v1/media/{pk}", timeout=min(_left(deadline) - LAST_CALL, CALL))
    if answer.status_code != 200:
        raise _kind(answer, has_effect=False)
    return pk


def _left(deadline: float) -> float:
    """Seconds left of the budget. Raises TryLater when too few are left to publish in: nothing is live yet."""
    left = deadline - time.monotonic()
    if left < LAST_CALL + 1:
        raise TryLater(_("The server took too long to take the pictures. We will try again."))
    return left


# -- what answers mean


def _kind(answer: httpx2.Response, *, has_effect: bool) -> VendorError:
    """The kind of error an answer is, by what we must do.

    A 5xx to a call that publishes is unknown (behind a slow database the post can be live, mastodon/mastodon#21840),
    unless the server itself says when to come back.
    """
    said = str(_value(answer).get("error", ""))[:200]
    facts = {"status": answer.status_code, "error": said}
    if answer.status_code == 429 or "finished processing" in said:
        error: VendorError = TryLater(_("The server asks us to slow down."), retry_after=_retry_after(answer))
    elif answer.status_code in (401, 403):
        error = Reconnect(_("The server no longer accepts this connection. Connect the profile again."))
    elif answer.status_code in (400, 413, 422):
        reason = said or _("it gave no reason")
        error = ContentRejected(_("The server refused this post: %(reason)s") % {"reason": reason})
    elif has_effect and not (answer.status_code == 503 and "Retry-After" in answer.headers):
        error = OutcomeUnknown()
    else:
        error = TryLater(_("The server has trouble of its own."), retry_after=http.retry_after(answer))
    error.details |= facts
    return error


def _retry_after(answer: httpx2.Response) -> timedelta | None:
    """Retry-After, else `X-RateLimit-Reset` (ISO 8601 on Mastodon; some kin of it send Unix seconds)."""
    reset = answer.headers.get("X-RateLimit-Reset", "")
    if "Retry-After" in answer.headers or not reset:
        return http.retry_after(answer)
    try:
        at = datetime.fromtimestamp(int(reset), UTC) if reset.isdecimal() else datetime.fromisoformat(reset)
        return max(timedelta(seconds=1), at - datetime.now(UTC))
    except (ValueError, TypeError, OverflowError):
        return None


def _value(answer: httpx2.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _published(status: dict[str, Any]) -> Published:
    """Raises OutcomeUnknown for an answer that does not say what was made."""
    if not status.get("id"):
        raise OutcomeUnknown(_("The server's answer could not be read. We look whether the post is there."))
    media = [str(each.get("id")) for each in status.get("media_attachments", [])]
    return Published(str(status["id"]), status.get("url") or "", {"media": media})


# -- a status's text as we wrote it


class _Text(HTMLParser):
    """The text of a status's HTML: paragraphs and line breaks become new lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "br":
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain_text(content: str) -> str:
    """What a status's HTML says, with white space made even."""
    parser = _Text()
    parser.feed(content)
    parser.close()
    return _even("".join(parser.parts))


def _as_shown(text: str) -> str:
    """A text as the server shows it: `@user@domain` becomes `@user`."""
    return _even(MENTION.sub(r"@\2", text))


def _even(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
