"""Codes in the addresses of pages: each is one segment, whatever stands in it, so that no page's words take another's code.

People choose the codes of boxes, shipments, returns, orders and units, and `WO/2027/change` is one. As segments of its own it
would be the page that changes `WO/2027`. What would cut a code or be resolved by a browser is written as RFC 6901 writes it
in pointers: `~` is `~0`, `/` is `~1`; of a code that is `.` or `..` the first dot is `~2`. All other codes stand as they are.

    /shipment/SH-1/note/          the delivery note of SH-1
    /shipment/SH-1~1note/         the shipment SH-1/note

A word of ours never stands where a code may (`tests/web/test_addresses.py` walks all pages). Addresses as they were
written before, `/unit/PANEL/3/` and `/packing/BOX-1/`, lead on to the ones of today.
"""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import register_converter
from django.views.decorators.http import require_safe

WRITTEN = {"~": "~0", "/": "~1"}
READ = {"~0": "~", "~1": "/", "~2": "."}
DOTS = (".", "..")  # browsers take these for the folder itself and the one above
# first word of an address written before codes were one segment -> the name of its page
BEFORE = {
    "unit": "unit", "lot": "lot", "package": "package", "order": "order", "product": "product", "panel": "panel",
    "shipment": "shipment", "packing": "container", "returns": "return", "concessions": "concession", "holds": "hold",
    "exposure": "exposure", "waivers": "waiver", "vulnerability": "vulnerability", "instruments": "instrument",
}  # fmt: skip


class Code:
    """A code as one segment."""

    regex = "[^/]+"

    def to_python(self, segment: str) -> str:
        """The code of a segment; a `~` that we never wrote is taken as it stands, people type addresses too."""
        return re.sub("~[012]", lambda found: READ[found[0]], segment)

    def to_url(self, code: object) -> str:
        """The segment of a code."""
        written = re.sub("[~/]", lambda found: WRITTEN[found[0]], str(code))
        return "~2" + written[1:] if written in DOTS else written


class WordBefore:
    """The first word of an address as it was written before."""

    regex = "|".join(BEFORE)

    def to_python(self, word: str) -> str:
        """The word."""
        return word

    def to_url(self, word: str) -> str:
        """The word."""
        return word


register_converter(Code, "code")
register_converter(WordBefore, "before")


@require_safe
def as_before(request: HttpRequest, word: str, code: str) -> HttpResponse:
    """An address in an old mail or typed by hand: on to the page of today, with its question."""
    there = redirect(BEFORE[word], code)
    query = request.META.get("QUERY_STRING", "")
    if query:
        there["Location"] += "?" + query
    return there
