"""BOM-Links: how one CycloneDX document points at another, or at a component in it.

    read_link("urn:cdx:3E671687-395B-41F5-A30F-A58921A69B79/1#tls")  -> "3e671687-395b-41f5-a30f-a58921a69b79/1#tls"
    document_key("urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", "1")  -> "3e671687-395b-41f5-a30f-a58921a69b79/1"

Without a reference the link means what the document is of. A document that says no version is its first. Source: CycloneDX, BOM-Link
(urn:cdx), registered with IANA; the reference is percent-encoded.
"""

import re

from asbuilt.formats.percent_encoding import decoded

SCHEME = "urn:cdx:"
SERIAL_CHARACTERS = 36
_SERIAL = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_LINK = re.compile(
    rf"urn:cdx:(?P<serial>{_SERIAL})/(?P<version>[0-9]{{1,9}})(?:#(?P<ref>.*))?", re.IGNORECASE | re.DOTALL
)
_DOCUMENT = re.compile(rf"urn:uuid:(?P<serial>{_SERIAL})", re.IGNORECASE)


def read_link(text: str) -> str:
    """The link in its one spelling, `serial/version#reference` or `serial/version`; empty where the text is none."""
    found = _LINK.fullmatch(text.strip())
    if found is None:
        return ""
    document = f"{found['serial'].lower()}/{int(found['version'])}"
    return f"{document}#{found['ref']}" if found["ref"] else document


def split_link(link: str) -> tuple[str, tuple[str, ...]]:
    """Document and reference ("": what the document is of) of a link in its one spelling. Tools that do not encode write a reference with a
    percent sign as it stands, so it may be meant either way."""
    document, _, ref = link.partition("#")
    return document, tuple(dict.fromkeys((ref, decoded(ref))))


def document_key(identity: str, version: str) -> str:
    """`serial/version` of a document by its serial number; empty where it has none that is a UUID."""
    found = _DOCUMENT.fullmatch(identity.strip())
    number = version.strip() or "1"
    return f"{found['serial'].lower()}/{int(number)}" if found and number.isascii() and number.isdigit() else ""
