"""OAuth as atproto asks for it: pushed requests (PAR), PKCE, and tokens bound to a key (DPoP) with the server's nonce.

Sources: https://atproto.com/specs/oauth, RFC 9126 (PAR), RFC 7636 (PKCE), RFC 9449 (DPoP), RFC 7523 (client assertion).
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from joserfc import jwt
from joserfc.jwk import ECKey

from apps.core import clock, http
from apps.core.errors import Invalid, Reconnect, TryLater
from apps.social.providers.bluesky.identity import Identity, clean_server, get_json

SCOPE = "atproto transition:generic"
CALL = 10.0  # seconds one call may take
ASSERTION_LIFE = 60  # seconds
# The reference server's constants (@atproto/oauth-provider, constants.ts).
PUBLIC_SESSION = timedelta(weeks=2)
CONFIDENTIAL_SESSION, CONFIDENTIAL_REFRESH = timedelta(days=730), timedelta(days=91)

_nonces: dict[str, str] = {}  # the newest nonce of each server, per process; a wrong one costs one more call
_NONCES_MAX = 1000


# -- who we are


def is_loopback() -> bool:
    """Whether we run on this machine only: then the spec's loopback client needs no metadata page."""
    parts = urlsplit(settings.BASE_URL)
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")


def is_configured() -> bool:
    return is_loopback() or (settings.BASE_URL.startswith("https://") and bool(settings.BLUESKY_CLIENT_KEY))


def client_id(redirect_uri: str) -> str:
    """Our name at every server: the loopback client in development, else the address of our metadata."""
    if is_loopback():
        return "http://localhost?" + urlencode({"redirect_uri": redirect_uri, "scope": SCOPE})
    return settings.BASE_URL + reverse("bluesky_client_metadata")


def client_metadata() -> dict[str, Any]:
    """What servers read at our client id."""
    return {
        "client_id": settings.BASE_URL + reverse("bluesky_client_metadata"),
        "client_name": "Lily",
        "client_uri": settings.BASE_URL,
        "application_type": "web",
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "redirect_uris": [settings.BASE_URL + reverse("channel_callback", kwargs={"network": "bluesky"})],
        "scope": SCOPE,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks_uri": settings.BASE_URL + reverse("bluesky_jwks"),
        "dpop_bound_access_tokens": True,
    }


def jwks() -> dict[str, Any]:
    """The public half of our key, for servers that check our assertions."""
    key = _client_key()
    return {"keys": [{**key.as_dict(private=False), "kid": key.thumbprint(), "use": "sig", "alg": "ES256"}]}


def _client_key() -> ECKey:
    return ECKey.import_key(json.loads(settings.BLUESKY_CLIENT_KEY))


def _client_fields(name: str, issuer: str) -> dict[str, str]:
    """How we prove who we are: not at all (loopback), or with a signed assertion."""
    if name.startswith("http://localhost"):
        return {"client_id": name}
    now, key = int(time.time()), _client_key()  # the servers' clock does not move with ours
    claims = {
        "iss": name,
        "sub": name,
        "aud": issuer,
        "jti": secrets.token_urlsafe(16),
        "iat": now,
        "exp": now + ASSERTION_LIFE,
    }
    return {
        "client_id": name,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": jwt.encode({"alg": "ES256", "kid": key.thumbprint()}, claims, key, algorithms=["ES256"]),
    }


# -- connecting


def authorization_server(pds: str) -> dict[str, Any]:
    """The metadata of the server that gives permissions for accounts on `pds`. Raises TryLater."""
    servers = get_json(f"{pds}/.well-known/oauth-protected-resource").get("authorization_servers", [])
    if not servers:
        raise TryLater(_("This server does not offer the sign-in we need. Use an app password instead."))
    issuer = clean_server(servers[0])
    metadata = get_json(f"{issuer}/.well-known/oauth-authorization-server")
    wanted = ("pushed_authorization_request_endpoint", "authorization_endpoint", "token_endpoint")
    if metadata.get("issuer") != issuer or not all(isinstance(metadata.get(name), str) for name in wanted):
        raise TryLater(_("This server's sign-in is not set up as it should be. Use an app password instead."))
    return metadata


def push(identity: Identity, *, redirect_uri: str, state: str) -> tuple[str, dict[str, Any]]:
    """Push an authorization request: where to send the person, and what to remember until they are back."""
    metadata = authorization_server(identity.pds)
    key, verifier, name = new_key(), secrets.token_urlsafe(48), client_id(redirect_uri)
    form = {
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": SCOPE,
        "state": state,
        "code_challenge": _sha256(verifier),
        "code_challenge_method": "S256",
        "login_hint": identity.handle,
        **_client_fields(name, metadata["issuer"]),
    }
    answer = _post(metadata["pushed_authorization_request_endpoint"], form, key)
    if answer.status_code not in (200, 201):
        raise TryLater(
            _("Bluesky did not start the sign-in. Try again in a minute."), retry_after=http.retry_after(answer)
        )
    query = urlencode({"client_id": name, "request_uri": _json(answer)["request_uri"]})
    remembered = {
        "did": identity.did,
        "handle": identity.handle,
        "pds": identity.pds,
        "verifier": verifier,
        "client_id": name,
        "dpop_key": key,
        "issuer": metadata["issuer"],
        "token_endpoint": metadata["token_endpoint"],
        "revocation_endpoint": metadata.get("revocation_endpoint", ""),
    }
    return f"{metadata['authorization_endpoint']}?{query}", remembered


def exchange(remembered: dict[str, Any], query: dict[str, str], redirect_uri: str) -> dict[str, Any]:
    """Credentials for the code the person came back with. Raises Invalid, Reconnect and TryLater."""
    if query.get("error") == "access_denied":
        raise Invalid(_("You did not allow Lily to post to this profile, so nothing was connected."))
    if "error" in query or "code" not in query:
        raise Invalid(_("Bluesky ended the sign-in. Start again."))
    if query.get("iss") != remembered["issuer"]:
        raise Invalid(_("The answer came from another server than the one we asked. Start again."))
    form = {
        "grant_type": "authorization_code",
        "code": query["code"],
        "redirect_uri": redirect_uri,
        "code_verifier": remembered["verifier"],
    }
    tokens = _tokens(remembered, form)
    if tokens.get("sub") != remembered["did"]:
        raise Invalid(
            _("You signed in to another profile than %(handle)s. Start again.") % {"handle": remembered["handle"]}
        )
    if "atproto" not in tokens.get("scope", "").split():
        raise Invalid(_("Bluesky did not give the permission to post. Start again."))
    kept = ("dpop_key", "issuer", "token_endpoint", "revocation_endpoint", "client_id")
    return _credentials({name: remembered[name] for name in kept} | {"since": clock.now().isoformat()}, tokens)


# -- afterwards


def renew(credentials: dict[str, Any]) -> dict[str, Any]:
    """New tokens for old; the old refresh token must never be used again. Raises Reconnect and TryLater."""
    form = {"grant_type": "refresh_token", "refresh_token": credentials["refresh_token"]}
    return _credentials(credentials, _tokens(credentials, form))


def give_back(credentials: dict[str, Any]) -> None:
    """Revoke the whole session (RFC 7009). Raises VendorError kinds."""
    if not credentials.get("revocation_endpoint"):
        return
    form = {"token": credentials["refresh_token"], **_client_fields(credentials["client_id"], credentials["issuer"])}
    _post(credentials["revocation_endpoint"], form, credentials["dpop_key"])


def _tokens(known: dict[str, Any], form: dict[str, str]) -> dict[str, Any]:
    """The token endpoint's answer. A lost answer is TryLater: with the old token we can only ask again."""
    fields = form | _client_fields(known["client_id"], known["issuer"])
    answer = _post(known["token_endpoint"], fields, known["dpop_key"])
    value = _json(answer)
    if answer.status_code == 200 and value.get("token_type") == "DPoP" and value.get("access_token"):
        return value
    if answer.status_code in (400, 401) and value.get("error") in ("invalid_grant", "invalid_client", "access_denied"):
        raise Reconnect(_("Bluesky has ended this connection. Connect the profile again."))
    raise TryLater(_("Bluesky did not answer as expected."), retry_after=http.retry_after(answer))


def _credentials(known: dict[str, Any], tokens: dict[str, Any]) -> dict[str, Any]:
    now, since = clock.now(), datetime.fromisoformat(known["since"])
    if known["client_id"].startswith("http://localhost"):
        ends = since + PUBLIC_SESSION
    else:
        ends = min(since + CONFIDENTIAL_SESSION, now + CONFIDENTIAL_REFRESH)
    return known | {
        "kind": "oauth",
        "access_token": tokens["access_token"],
        "refresh_token": tokens["refresh_token"],
        "expires_at": (now + timedelta(seconds=int(tokens.get("expires_in", 3600)))).isoformat(),
        "ends_at": ends.isoformat(),
    }


# -- DPoP


def new_key() -> dict[str, Any]:
    """A key pair of one connection, as a JWK."""
    return ECKey.generate_key("P-256", private=True).as_dict(private=True)


def send(
    method: str, url: str, key: dict[str, Any], *, token: str = "", timeout: float = CALL, **request: Any
) -> httpx2.Response:
    """One call with a proof of our key, made again once with the nonce the server asks for (nothing happened then).

    Raises httpx2's own errors: the caller knows whether its call has an effect.
    """
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
    headers, deadline = request.pop("headers", {}), time.monotonic() + timeout

    def once() -> httpx2.Response:
        proof = _proof(method, url, key, nonce=_nonces.get(origin), token=token)
        proofs = {"DPoP": proof} | ({"Authorization": f"DPoP {token}"} if token else {})
        with http.client("bluesky", timeout=max(0.1, deadline - time.monotonic())) as client:
            answer = client.request(method, url, headers=headers | proofs, **request)
        _keep_nonce(origin, answer)
        return answer

    answer = once()
    return once() if _asks_for_nonce(answer) else answer


def _asks_for_nonce(answer: httpx2.Response) -> bool:
    if answer.status_code not in (400, 401) or "DPoP-Nonce" not in answer.headers:
        return False
    return "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "") or "use_dpop_nonce" in answer.text


def _keep_nonce(origin: str, answer: httpx2.Response) -> None:
    if nonce := answer.headers.get("DPoP-Nonce"):
        if len(_nonces) >= _NONCES_MAX:
            _nonces.clear()
        _nonces[origin] = nonce


def _proof(method: str, url: str, key: dict[str, Any], *, nonce: str | None, token: str) -> str:
    private = ECKey.import_key(key)
    public = {name: key[name] for name in ("kty", "crv", "x", "y")}
    claims = {
        "jti": secrets.token_urlsafe(16),
        "htm": method,
        "htu": url.partition("?")[0],
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if token:
        claims["ath"] = _sha256(token)
    return jwt.encode({"typ": "dpop+jwt", "alg": "ES256", "jwk": public}, claims, private, algorithms=["ES256"])


def _post(url: str, form: dict[str, str], key: dict[str, Any]) -> httpx2.Response:
    """A form to one of the authorization server's endpoints. Raises TryLater."""
    with http.calling("bluesky", has_effect=False):
        return send("POST", url, key, data=form)


def _json(answer: httpx2.Response) -> dict[str, Any]:
    try:
        value = answer.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _sha256(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
