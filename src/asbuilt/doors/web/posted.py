"""What forms of several pages send alike: the key of the request, a moment, names of units and containers.

A name may hold blanks (`SN 0001`). A field that takes a line each is read by its lines; a field of one line has its names with blanks between, and one
that holds a blank in double quotes, as in a question.
"""

import re
from collections.abc import Iterable

from django.http import HttpRequest

from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant


def key_of(request: HttpRequest) -> str | None:
    """The key under which this form is recorded once, however often it is sent; None without one."""
    return request.POST.get("request_key") or None


def moment_of(text: str) -> int | None:
    """A moment as it was typed, in UTC microseconds; None where nothing was. Raises Invalid for what is no moment."""
    try:
        return parse_instant(text) if text else None
    except ValueError as refusal:
        remedy = "Write it as 2027-03-15T08:00:00+01:00, or leave the field empty: then it is the present moment."
        raise Invalid("web.time_wrong", f"{text[:40]}: {refusal}.", {"value": text[:40]}, remedy) from None


def lines_of(text: str) -> list[str]:
    """The names in a field that takes a line each."""
    return [line for one in re.split(r"[\r\n\t]+", text) if (line := one.strip())]


def as_typed(names: Iterable[str]) -> str:
    """Names as `names_of` reads them."""
    return " ".join(f'"{name}"' if re.search(r"\s", name) else name for name in names)


def names_of(text: str) -> list[str]:
    """The names in a field that takes them with blanks between, those that hold one in double quotes."""
    return [quoted.strip() or bare for quoted, bare in re.findall(r'"([^"]*)"|(\S+)', text) if quoted.strip() or bare]
