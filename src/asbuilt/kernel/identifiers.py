"""Identifiers: ULIDs, the names of documents, entries and master data.

A ULID is 48 bits of milliseconds and 80 random bits in 26 characters of Crockford's base 32, so that names sort by time
and nobody counts our orders from them. Time and randomness come from the caller. Units, spans and per-unit records have
no ULID: they are numbered. Standard: the ULID specification, github.com/ulid/spec, canonical upper-case form.
"""

import re

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")
_MILLISECONDS_MAX = (1 << 48) - 1
_PAIRS = [high + low for high in _LETTERS for low in _LETTERS]


def new_ulid(now_us: int, randomness: bytes) -> str:
    """A ULID of that instant (UTC microseconds) and these ten random bytes."""
    milliseconds = now_us // 1000
    if not 0 <= milliseconds <= _MILLISECONDS_MAX:
        raise ValueError(f"the instant {now_us} does not fit a ULID")
    if len(randomness) != 10:
        raise ValueError(f"a ULID takes 10 random bytes, not {len(randomness)}")
    number = milliseconds << 80 | int.from_bytes(randomness, "big")
    return "".join(_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10))


def is_ulid(text: str) -> bool:
    """Whether this is a ULID in its canonical form."""
    return isinstance(text, str) and _ULID.fullmatch(text) is not None
