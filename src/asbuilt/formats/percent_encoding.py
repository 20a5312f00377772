"""Percent-encoding of RFC 3986, section 2.1, done and undone: for names that hold it, without the network's library."""

import re

_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def decoded(text: str) -> str:
    """The text with each %XX as the UTF-8 it stands for; what is no UTF-8 becomes the replacement character."""
    if "%" not in text:
        return text
    return _ENCODED.sub(lambda found: bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace"), text)


def encoded(text: str, safe: str = "") -> str:
    """The text with every octet but letters, digits, -._~ and what is safe as %XX."""
    kept = frozenset(safe + "-._~")
    return "".join(
        sign
        if sign in kept or (sign.isascii() and sign.isalnum())
        else "".join(f"%{octet:02X}" for octet in sign.encode())
        for sign in text
    )
