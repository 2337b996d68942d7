"""Keys of our rows: time-ordered, so that newest-first lists and keyset pages read one index."""

from uuid import UUID

from uuid6 import uuid7 as _uuid7


def uuid7() -> UUID:
    """A new time-ordered UUID (RFC 9562, version 7) as the plain type Django and JSON know."""
    return UUID(int=_uuid7().int)
