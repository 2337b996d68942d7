"""Tickets to the stream of events: which rows a page may hear of, signed for as long as it is looked at.

A page makes one after its access was checked, and the events process (`config/events.py`), which knows neither people
nor a database, believes it. It opens nothing but that: whoever has it learns when a row changed, never what.
"""

from __future__ import annotations

import time

from django.core import signing

CHANNEL = "lily:events"  # of Valkey: each message is a topic
LIFE = 3600  # seconds; then the stream ends and the page comes with a new ticket
_signer = signing.TimestampSigner(salt="core.events")


def topic(kind: str, pk: object) -> str:
    """The name under which the news of a row go out, such as `post:0198…`."""
    return f"{kind}:{pk}"


def make(*topics: str) -> str:
    return _signer.sign_object(topics)


def read(ticket: str) -> tuple[frozenset[str], float]:
    """The topics of a ticket, and for how many seconds it holds. Raises BadSignature for a forged or an old one."""
    topics = frozenset(_signer.unsign_object(ticket, max_age=LIFE))
    made_at = signing.b62_decode(ticket.rsplit(_signer.sep, 2)[1])
    return topics, made_at + LIFE - time.time()
