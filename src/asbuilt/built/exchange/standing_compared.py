"""What a table says at each entry, against what the facts say: the arithmetic of a rebuilt projection.

Both sides are pieces: at this place these units stood from an entry up to another one. How a table cuts and merges its
rows is its own affair; what counts is that at every entry where either side changes, both say the same units.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.kernel.spans import pack, spans_of, unpack
from asbuilt.ledger.checks.report import Finding

EVER = 2**31 - 1
SPANS_SHOWN = 3


@dataclass(frozen=True)
class Piece:
    """Units at a place, visible from entry `since` and, unless None, up to `until`."""

    place: Hashable
    units: BitMap
    since: int
    until: int | None = None


def compare(
    table: str,
    expected: Iterable[Piece],
    found: Iterable[Piece],
    name_unit: Callable[[int], str] | None = None,
    *,
    once: bool = True,
) -> Iterator[Finding]:
    """A finding for each place where table and facts differ at some entry, with the first entry and units that do.

    `once`: the table says a unit at a place in one row at a time.
    """
    sides: dict[Hashable, tuple[list[Piece], list[Piece]]] = defaultdict(lambda: ([], []))
    for side, pieces in enumerate((expected, found)):
        for piece in pieces:
            if piece.units and piece.since != piece.until:
                sides[piece.place][side].append(piece)
    for place, (wanted, there) in sides.items():
        entries = {piece.since for piece in (*wanted, *there)}
        entries |= {piece.until for piece in (*wanted, *there) if piece.until is not None}
        for entry in sorted(entries):
            should, _ = _at(wanted, entry)
            is_, twice = _at(there, entry)
            if should != is_ or (once and twice):
                yield _finding(table, place, entry, should - is_, (is_ - should) or twice, name_unit)
                break


def opened(first: int, until: int, packed: bytes | None) -> tuple[BitMap, tuple]:
    """The units of a stored run, and an empty tuple, or what is odd about the way in which they are stored."""
    units = unpack(first, until, packed)
    stored = bytes(packed) if packed is not None else None
    right = bool(units) and (units.min(), units.max() + 1) == (first, until) and pack(units) == stored
    return units, () if right else ("stored oddly", first, until)


def _at(pieces: list[Piece], entry: int) -> tuple[BitMap, BitMap]:
    """The units of the pieces that are visible at an entry, and those that several of them hold."""
    units, twice = BitMap(), BitMap()
    for piece in pieces:
        if piece.since <= entry and (piece.until is None or entry < piece.until):
            twice |= units & piece.units
            units |= piece.units
    return units, twice


def _finding(table: str, place: Hashable, entry: int, missing: BitMap, strange: BitMap, name_unit) -> Finding:
    differing = missing or strange
    shown = [list(span) for span in spans_of(differing)[:SPANS_SHOWN]]
    where = {"table": table, "key": repr(place), "entry": entry}
    said = "misses what was recorded" if missing else "says what was never recorded"
    what = f"{table} {said} at entry {entry}: {_short(place)}"
    if name_unit:
        where |= {"units": shown, "serial": name_unit(differing.min())}
        what += f", {len(differing)} units from {where['serial']} on"
    code = "ledger.projection_row_missing" if missing else "ledger.projection_row_unrecorded"
    return Finding(code, f"{what}.", where)


def _short(place: Hashable) -> str:
    parts = place if isinstance(place, tuple) else (place,)
    return " ".join(str(part)[:60] for part in parts if part not in (None, ""))[:200]
