"""What a request asked, so that its key answers the same request again and refuses another one.

What is asked goes into the entry as a hash, and a hash of a name can be guessed. So names are left out of it: they are
compared with what the first request stored.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from asbuilt.ledger.recording import AlreadyRecorded, digest, refuse_reused_key
from asbuilt.storage import reading


def asked(*said: object) -> bytes:
    """The content of a request: its values but for names."""
    return digest(*(repr(value).encode() for value in said))


@contextmanager
def same_names(tenant: int, request_key: str | None, sql: str, *said: str | None) -> Iterator[None]:
    """Conflict where the request was recorded before with other names; `sql` selects them by tenant and entry.

    What was erased since cannot be compared and counts as the same.
    """
    try:
        yield
    except AlreadyRecorded as known:
        stored = reading.fetch_one(sql, (tenant, known.number)) or ()
        if any(before and before != now for before, now in zip(stored, said, strict=False)):
            refuse_reused_key(request_key)
        raise
