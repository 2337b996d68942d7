"""Who is behind a handle: handle → DID → DID document → the server that holds the account, each step checked back.

Sources: https://atproto.com/specs/handle, https://atproto.com/specs/did.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from apps.core import http
from apps.core.errors import Invalid, TryLater

LOOK_UP = 5.0  # seconds a look-up may take
DOCUMENT_BYTES = 256 * 1024

_HANDLE = re.compile(r"(?=.{3,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
_DID = re.compile(r"did:(plc:[a-z2-7]{24}|web:[a-z0-9.-]+(%3A\d+)?)")
_RESERVED = (".alt", ".arpa", ".example", ".internal", ".invalid", ".local", ".localhost", ".onion")


@dataclass(frozen=True)
class Identity:
    """An account: its unchanging DID, its present handle, and the server (PDS) that holds it."""

    did: str
    handle: str
    pds: str


def identify(hint: str, *, server: str = "") -> Identity:
    """The account a person means by a handle. Raises Invalid (for the form) and TryLater.

    `server`, where the person named one, is asked when the handle itself does not lead anywhere. Whoever answered,
    the account's own document must name the handle back.
    """
    handle = clean_handle(hint)
    did = _from_dns(handle) or _from_well_known(handle) or (_from_server(handle, server) if server else None)
    if did is None:
        raise Invalid(
            fields={"handle": [_("Bluesky does not know “%(handle)s”. Check the spelling.") % {"handle": handle}]}
        )
    document = fetch_document(did)
    if f"at://{handle}" not in document.get("alsoKnownAs", []):
        raise Invalid(
            fields={"handle": [_("“%(handle)s” does not belong to the account it points to.") % {"handle": handle}]}
        )
    return Identity(did, handle, pds_of(document))


def clean_handle(hint: str) -> str:
    """A handle as the network writes it. Raises Invalid."""
    handle = hint.strip().removeprefix("https://bsky.app/profile/").strip("/ ").removeprefix("@").lower()
    handle = handle.strip("\u200e\u200f\u202a\u202c\u2068\u2069")  # marks of direction that copying brings along
    if "." not in handle and handle:
        handle += ".bsky.social"
    if not _HANDLE.fullmatch(handle) or handle.endswith(_RESERVED):
        raise Invalid(fields={"handle": [_("A Bluesky handle looks like name.bsky.social or your own domain.")]})
    return handle


def fetch_document(did: str) -> dict[str, Any]:
    """The DID document: from the directory (did:plc) or the named site (did:web). Raises Invalid and TryLater."""
    if did.startswith("did:plc:"):
        url = f"{settings.BLUESKY_PLC}/{did}"
    else:
        url = f"https://{did.removeprefix('did:web:').replace('%3A', ':')}/.well-known/did.json"
    document = get_json(url)
    if document.get("id") != did:
        raise TryLater(_("Bluesky's directory did not answer as expected. Try again in a minute."))
    return document


def pds_of(document: dict[str, Any]) -> str:
    """The server that holds the account. Raises Invalid where the document names none."""
    for service in document.get("service", []):
        is_pds = service.get("type") == "AtprotoPersonalDataServer"
        if is_pds and service.get("id", "").endswith("#atproto_pds"):
            return clean_server(service.get("serviceEndpoint", ""))
    raise Invalid(fields={"handle": [_("This account has no server to post to.")]})


def clean_server(url: str) -> str:
    """`scheme://host[:port]` of a server. Raises Invalid."""
    parts = urlsplit(url.strip() if "://" in url else f"https://{url.strip()}")
    if parts.scheme not in ("https", "http") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise Invalid(fields={"server": [_("A server looks like https://bsky.social.")]})
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _from_dns(handle: str) -> str | None:
    """The DID in the TXT records of `_atproto.<handle>`; None where there is not exactly one."""
    import dns.resolver  # 3 MB that most processes never need

    resolver = dns.resolver.Resolver(configure=not settings.BLUESKY_NAMESERVERS)
    if settings.BLUESKY_NAMESERVERS:
        resolver.nameservers = [dns.nameserver.Do53Nameserver(*_address(each)) for each in settings.BLUESKY_NAMESERVERS]
    try:
        answer = resolver.resolve(f"_atproto.{handle}", "TXT", lifetime=LOOK_UP, search=False)
    except dns.exception.DNSException:
        return None
    texts = {b"".join(record.strings).decode(errors="replace") for record in answer}
    dids = {text.removeprefix("did=") for text in texts if text.startswith("did=")}
    return _checked(dids.pop()) if len(dids) == 1 else None


def _address(text: str) -> tuple[str, int]:
    host, _sep, port = text.partition(":")
    return host, int(port or 53)


def _from_well_known(handle: str) -> str | None:
    """The DID a site names for itself (RFC 8615); None where it does not."""
    try:
        with http.client("bluesky", timeout=LOOK_UP, max_bytes=2048) as client:
            answer = client.get(f"https://{handle}/.well-known/atproto-did")
    except http.httpx2.HTTPError:
        return None
    return _checked(answer.text.strip()) if answer.status_code == 200 else None


def _from_server(handle: str, server: str) -> str | None:
    """The DID a server knows the handle by; None where it does not."""
    address = f"{clean_server(server)}/xrpc/com.atproto.identity.resolveHandle"
    with http.calling("bluesky", has_effect=False), http.client("bluesky", timeout=LOOK_UP) as client:
        answer = client.get(address, params={"handle": handle})
    try:
        return _checked(answer.json()["did"]) if answer.status_code == 200 else None
    except (ValueError, KeyError, TypeError):
        return None


def _checked(did: str) -> str | None:
    return did if _DID.fullmatch(did) else None


def get_json(url: str) -> dict[str, Any]:
    """A JSON object from a look-up. Raises TryLater."""
    with (
        http.calling("bluesky", has_effect=False),
        http.client("bluesky", timeout=LOOK_UP, max_bytes=DOCUMENT_BYTES) as client,
    ):
        answer = client.get(url, headers={"Accept": "application/json"})
    try:
        value = answer.json()
    except (json.JSONDecodeError, UnicodeDecodeError):
        value = None
    if answer.status_code != 200 or not isinstance(value, dict):
        raise TryLater(
            _("Bluesky did not answer as expected. Try again in a minute."), retry_after=http.retry_after(answer)
        )
    return value
