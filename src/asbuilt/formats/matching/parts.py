"""Hardware: whether a lot of a maker's part, or a part as such, is what a criterion speaks of.

A criterion names maker and part number and may narrow that to lots, date codes (YYWW, a range as 2301..2318), silicon
revisions (A0, a range as A0..B1, <3.1) and serial numbers, which nobody records of purchased parts. Whatever it narrows by and nobody recorded is unsure: neither in nor out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from asbuilt.formats.versions.matches import Match, all_of, any_of

RANGE = ".."
_DATE_CODE = re.compile(r"(?:20)?([0-9]{2})([0-5][0-9])")
_REVISION = re.compile(r"([A-Z]*)([0-9]*)(?:\.([0-9]+))?")
_COMPARED = re.compile(r"(<=?|>=?)(.*)")


@dataclass(frozen=True, slots=True)
class Pieces:
    """What is known of pieces of a part; "" is not known."""

    lot: str = ""
    date_code: str = ""
    silicon_revision: str = ""


class Narrowing(NamedTuple):
    """The pieces of a part that one criterion speaks of, by every way in which it narrows it. `sure`: it says that they are affected."""

    lots: tuple[str, ...]
    date_codes: tuple[str, ...]
    silicon_revisions: tuple[str, ...]
    serials: tuple[str, ...]
    sure: bool


def narrowing(criterion, *, sure: bool) -> tuple[Narrowing, ...]:
    """What a criterion narrows a part to; none where it speaks of the part as such."""
    if not narrowed(criterion):
        return ()
    return (Narrowing(criterion.lots, criterion.date_codes, criterion.silicon_revisions, criterion.serials, sure),)


def read_narrowing(said: Sequence) -> Narrowing:
    """A narrowing as it was kept: a list of lists."""
    *ways, sure = said
    return Narrowing(*map(tuple, ways), bool(sure))


def narrowed(criterion) -> bool:
    """Whether the criterion speaks of some pieces of the part only."""
    return bool(criterion.lots or criterion.date_codes or criterion.silicon_revisions or criterion.serials)


def pieces_match(criterion, pieces: Pieces) -> Match:
    """Whether these pieces are meant: every way in which the criterion narrows the part has to fit."""
    return all_of(
        (
            _one_of(criterion.lots, pieces.lot, _lot),
            _one_of(criterion.date_codes, pieces.date_code, _date_code),
            _one_of(criterion.silicon_revisions, pieces.silicon_revision, _silicon),
            Match.UNSURE if criterion.serials else Match.YES,
        )
    )


def _one_of(wanted, value: str, matches) -> Match:
    if not wanted:
        return Match.YES
    if not value.strip():
        return Match.UNSURE
    return any_of(matches(one, value.strip()) for one in wanted)


def _lot(wanted: str, value: str) -> Match:
    return Match.YES if wanted.strip().upper() == value.upper() else Match.NO


def _date_code(wanted: str, value: str) -> Match:
    return _between(wanted, value, _week)


def _silicon(wanted: str, value: str) -> Match:
    compared, place = _COMPARED.fullmatch(wanted.strip()), _stepping(value)
    ends = [_stepping(end) for end in ((compared[2],) if compared else wanted.split(RANGE)) if end.strip()]
    if place is not None and any(end is not None and bool(end[0]) != bool(place[0]) for end in ends):
        return Match.UNSURE  # B0 and 3.1 are of two ways to count
    if compared is None:
        return _between(wanted, value, _stepping)
    sign, end = compared[1], ends[0] if ends else None
    if place is None or end is None:
        return Match.UNSURE
    inside = place < end if sign[0] == "<" else place > end
    return Match.YES if inside or (sign.endswith("=") and place == end) else Match.NO


def _between(wanted: str, value: str, key) -> Match:
    low, dots, high = wanted.partition(RANGE)
    if not dots:
        low = high = wanted
    place = key(value)
    ends = [key(end) if end.strip() else "" for end in (low, high)]
    if place is None or None in ends:
        return Match.YES if wanted.strip().upper() == value.upper() else Match.UNSURE
    inside = (ends[0] == "" or ends[0] <= place) and (ends[1] == "" or place <= ends[1])
    return Match.YES if inside else Match.NO


def _week(text: str) -> tuple[int, int] | None:
    found = _DATE_CODE.fullmatch(text.strip())
    if found is None or not 1 <= int(found[2]) <= 53:
        return None
    return int(found[1]), int(found[2])


def _stepping(text: str) -> tuple[str, int, int] | None:
    """A0 < A1 < B0; 1 < 1.1 < 3: letters, then numbers; None where the text is neither."""
    said = text.strip().upper().removeprefix("REV").removeprefix("V").strip(" ._-")
    found = _REVISION.fullmatch(said)
    if found is None or not said:
        return None
    return found[1], int(found[2] or 0), int(found[3] or 0)
