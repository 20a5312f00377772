"""Rows and ids written by hand, for the tests of the log."""

import json
from hashlib import sha256


def text_of(values) -> bytes:
    """The canonical text of a row."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()


def id_of(table, *cells) -> bytes:
    """The eight bytes of a fact's id (design, section 7)."""
    return sha256(json.dumps([table, *cells], ensure_ascii=False, separators=(",", ":")).encode()).digest()[:8]
