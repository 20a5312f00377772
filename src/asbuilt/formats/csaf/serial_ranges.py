"""Ranges of serial numbers in a product tree: patterns that cover them, and the exact range as a URI.

    patterns("A-10000", "A-10199")   -> ("A-100??", "A-101??")

Standard: CSAF 2.0, 3.1.3.3.6: `?` stands for one character. The patterns cover the range and no other number of as many digits; a
serial number with a letter there would fit too, so the range stands beside them exactly (3.1.3.3.8).
"""

import re

from asbuilt.formats.csaf.advisory import SerialRange
from asbuilt.formats.percent_encoding import encoded
from asbuilt.kernel.errors import Invalid

NAMESPACE_PATH = "/csaf/serial-range"
_NUMBERED = re.compile(r"(.*?)(\d{1,30})", re.ASCII | re.DOTALL)


def patterns(one: SerialRange) -> tuple[str, ...]:
    """The fewest patterns that cover the range. Invalid: another prefix or length, or its end before its beginning."""
    if one.first == one.last:
        return (_escapable(one.first, one),)
    begin, end = _NUMBERED.fullmatch(one.first), _NUMBERED.fullmatch(one.last)
    if not begin or not end or begin[1] != end[1] or len(begin[2]) != len(end[2]) or begin[2] > end[2]:
        raise _no_range(one)
    prefix, digits = _escapable(begin[1], one), len(begin[2])
    at, until, found = int(begin[2]), int(end[2]) + 1, []
    while at < until:
        wide = 0
        while wide < digits and at % 10 ** (wide + 1) == 0 and at + 10 ** (wide + 1) <= until:
            wide += 1
        found.append(prefix + f"{at:0{digits}}"[: digits - wide] + "?" * wide)
        at += 10**wide
    return tuple(found)


def range_uri(namespace: str, product: str, one: SerialRange) -> dict[str, str]:
    """The range exactly, as a generic URI in the publisher's namespace."""
    base = namespace.rstrip("/") + NAMESPACE_PATH
    query = f"product={encoded(product)}&first={encoded(one.first)}&last={encoded(one.last)}"
    return {"namespace": base, "uri": f"{base}?{query}"}


def _escapable(text: str, one: SerialRange) -> str:
    """Serial numbers with the two characters that stand for others cannot be written."""
    if not text and one.first == one.last or "?" in text or "*" in text:
        raise _no_range(one)
    return text


def _no_range(one: SerialRange) -> Invalid:
    said = f"{one.first[:40]!a} to {one.last[:40]!a} is no range of serial numbers."
    facts = {"first": one.first[:80], "last": one.last[:80]}
    return Invalid(
        "csaf.serial_range", said, facts, "Give two numbers of one prefix and as many digits, the lower one first."
    )
