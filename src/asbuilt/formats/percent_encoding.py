"""Percent-encoding of RFC 3986, section 2.1, undone: for names that hold it, without the network's library."""

import re

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def decoded(text: str) -> str:
    """The text with each %XX as the UTF-8 it stands for; what is no UTF-8 becomes the replacement character."""
    if "%" not in text:
        return text
    return _ENCODED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text)
