"""Reading JSON that others wrote: each cell with its kind checked, its text made fit to be stored, its length limited."""

import math
from collections.abc import Iterator
from datetime import UTC, datetime

from asbuilt.formats.advisory.records import RecordBroken
from asbuilt.kernel.instants import INSTANT_MAX

TEXT_CHARACTERS_MAX = 20_000
WORD_CHARACTERS_MAX = 1_000
ID_CHARACTERS_MAX = 300
LIST_MAX = 50_000
REFERENCES_MAX = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def fit(text: str) -> str:
    """The text without what neither database takes: NUL, halves of surrogate pairs."""
    if text.isascii():
        return text.replace("\0", "�") if "\0" in text else text
    return text.replace("\0", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def word(node: dict, key: str, limit: int = WORD_CHARACTERS_MAX) -> str:
    """The text under the key, "" where there is none; a number is written out; RecordBroken for anything else or too long."""
    value = node.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        if len(value) > limit:
            raise RecordBroken(key, f"is longer than {limit} characters")
        return fit(value.strip())
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    raise RecordBroken(key, "is no text")


def text(node: dict, key: str, limit: int = TEXT_CHARACTERS_MAX) -> str:
    """Prose under the key, cut at the limit."""
    value = node.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RecordBroken(key, "is no text")
    return fit(value[:limit].strip())


def branch(node: dict, key: str) -> dict:
    """The structure under the key, empty where there is none."""
    value = node.get(key)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RecordBroken(key, "is no structure")
    return value


def listed(node: dict, key: str) -> list:
    """The list under the key, empty where there is none."""
    value = node.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise RecordBroken(key, "is no list")
    if len(value) > LIST_MAX:
        raise RecordBroken(key, f"has more than {LIST_MAX} entries")
    return value


def branches(node: dict, key: str) -> Iterator[dict]:
    """The structures in the list under the key."""
    for n, value in enumerate(listed(node, key)):
        if not isinstance(value, dict):
            raise RecordBroken(f"{key}/{n}", "is no structure")
        yield value


def words(node: dict, key: str, limit: int = WORD_CHARACTERS_MAX) -> list[str]:
    """The texts in the list under the key."""
    found = []
    for n, value in enumerate(listed(node, key)):
        if not isinstance(value, str):
            raise RecordBroken(f"{key}/{n}", "is no text")
        if len(value) > limit:
            raise RecordBroken(f"{key}/{n}", f"is longer than {limit} characters")
        found.append(fit(value.strip()))
    return found


def flag(node: dict, key: str, otherwise: bool) -> bool:
    """True or false under the key."""
    value = node.get(key)
    if value is None:
        return otherwise
    if not isinstance(value, bool):
        raise RecordBroken(key, "is neither true nor false")
    return value


def number(node: dict, key: str, low: float, high: float) -> float | None:
    """The number under the key, also written as text; None where there is none; RecordBroken outside low to high."""
    value = node.get(key)
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool):
            raise ValueError
        found = float(value)
    except (TypeError, ValueError, OverflowError):
        raise RecordBroken(key, "is no number") from None
    if not math.isfinite(found) or not low <= found <= high:
        raise RecordBroken(key, f"lies outside {low:g} to {high:g}")
    return found


def instant(written: str) -> int | None:
    """UTC microseconds of an ISO 8601 time or date; UTC where it names no offset, as NVD's; None where it is none."""
    if not written:
        return None
    if len(written) > 40:
        return None
    try:
        moment = datetime.fromisoformat(_microseconds(written))
        since = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        return None
    found = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    return found if 0 <= found <= INSTANT_MAX else None


def _microseconds(written: str) -> str:
    # Go writes nanoseconds, which datetime reads only up to six digits before an offset
    dot = written.find(".")
    if dot < 0:
        return written
    end = dot + 1
    while end < len(written) and written[end].isdigit():
        end += 1
    return written[: min(end, dot + 7)] + written[end:]


def when(node: dict, key: str, notes: list[str]) -> int | None:
    """The instant under the key; one that cannot be read is noted, and None."""
    written = word(node, key)
    found = instant(written)
    if written and found is None:
        notes.append(f"{key}: {written[:40]} is no time")
    return found


def urls(node: dict, key: str, field: str = "url") -> tuple[str, ...]:
    """The addresses in a list of references, each once, at most REFERENCES_MAX."""
    found: dict[str, None] = {}
    for reference in branches(node, key):
        address = word(reference, field, 4_000)
        if address:
            found[address] = None
            if len(found) >= REFERENCES_MAX:
                break
    return tuple(found)


def identifier(node: dict, key: str) -> str:
    """The record's id; RecordBroken where it is missing, too long, or holds blanks or control characters."""
    found = word(node, key, ID_CHARACTERS_MAX)
    if not found:
        raise RecordBroken(key, "is missing")
    if not found.isprintable():
        raise RecordBroken(key, "holds control characters")
    return found
