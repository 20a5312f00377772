"""A description of an advisory out of a JSON file: the fields of `advisory` by their names.

Refused: an unknown field, a missing one, a value of another kind; each with its place.
"""

from dataclasses import MISSING, fields
from typing import get_args, get_origin, get_type_hints

from asbuilt.formats.csaf.advisory import Advisory
from asbuilt.formats.csaf.checking import read
from asbuilt.formats.csaf.findings import pointer, quoted
from asbuilt.formats.csaf.limits import Limits
from asbuilt.kernel.errors import Invalid


def read_description(content: bytes) -> Advisory:
    """The description that the bytes hold. Invalid with the place of what is wrong."""
    return _made(Advisory, read(content, Limits()), ())


def _made(kind, given, place: tuple):
    """`given` as a value of this kind: text, a number, true or false, a list, a part of the description."""
    if get_origin(kind) is tuple:
        if not isinstance(given, list):
            raise _wrong(place, "is no list")
        return tuple(_made(get_args(kind)[0], one, (*place, at)) for at, one in enumerate(given))
    if kind in (str, int, bool):
        if type(given) is not kind:
            raise _wrong(place, f"is no {'text' if kind is str else 'number' if kind is int else 'true or false'}")
        return given
    if not isinstance(given, dict):
        raise _wrong(place, "is no group of fields")
    kinds = get_type_hints(kind)
    for name in given:
        if name not in kinds:
            raise _wrong((*place, name), f"is unknown; known are {', '.join(kinds)}")
    for one in fields(kind):
        if one.default is MISSING and one.name not in given:
            raise _wrong((*place, one.name), "is missing")
    return kind(**{name: _made(kinds[name], value, (*place, name)) for name, value in given.items()})


def _wrong(place: tuple, reason: str) -> Invalid:
    where = pointer(place) or "/"
    return Invalid(
        "csaf.description_wrong",
        f"{quoted(where)[1:-1]} {reason}.",
        {"place": where[:300]},
        "Mend the description there.",
    )
