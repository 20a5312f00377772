"""Spans and unit sets on the unit axis.

A span is half open, [first, until). A unit set has four grades, held as three nested bitmaps (design, section 6):

    certain  ⊆  possible or better  ⊆  unrecorded or better        everything else: no

- `and` takes the lowest grade: intersect each bitmap with its like
- `or` takes the highest: unite each with its like
- `not` swaps certain and no and leaves the two between: possible stays possible, unrecorded stays unrecorded

Sets travel as spans, never as lists of ids. `pack` keeps an interleaved run as its gaps and lengths: on a board line units come
in whole panels, so dividing by the greatest common divisor leaves about one byte a panel.
Example: `UnitSet.of([(1, 11)], [(11, 13)])` has ten certain units and two possible ones.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from math import gcd

from pyroaring import BitMap, FrozenBitMap

CERTAIN, POSSIBLE, UNRECORDED, NO = "certain", "possible", "unrecorded", "no"
GRADES = (CERTAIN, POSSIBLE, UNRECORDED)
Span = tuple[int, int]


def bitmap_of(spans: Iterable[Span]) -> BitMap:
    """The units of these spans; spans may touch and overlap."""
    units = BitMap()
    for first, until in spans:
        units.add_range(first, until)
    return units


def united(sets: Iterable[BitMap | FrozenBitMap]) -> BitMap | FrozenBitMap:
    """All of them, for reading only: one alone is itself. An empty set before them would make their union twice as dear."""
    held = list(sets)
    if len(held) > 1:
        return BitMap.union(*held)
    return held[0] if held else BitMap()


def spans_of(units: BitMap) -> list[Span]:
    """The spans of a bitmap, ascending, as few as possible. Costs a step a span, not a step a unit."""
    if not units:
        return []
    low, high = units.min(), units.max()
    if len(units) == high - low + 1:
        return [(low, high + 1)]
    after = units.shift(1)
    return list(zip(units - after, after - units, strict=True))


def pack(units: BitMap) -> bytes | None:
    """The bitmap for storage beside its first and until: None where it is one unbroken span."""
    spans = spans_of(units)
    if len(spans) <= 1:
        return None
    steps, at = [], spans[0][0]
    for first, until in spans:
        steps += (first - at, until - first)
        at = until
    scale = gcd(*steps)
    out = bytearray()
    for number in (scale, *(step // scale for step in steps[1:])):
        while number > 127:
            out.append(number & 127 | 128)
            number >>= 7
        out.append(number)
    return bytes(out)


class _Varints(dict):
    """Varint -> its number; each text is read once. Two bytes are most of them, so there are few."""

    def __missing__(self, text: bytes) -> int:
        number = sum((byte & 127) << 7 * place for place, byte in enumerate(text))
        if len(text) <= 2:
            self[text] = number
        return number


UNPACKED_REMEMBERED_MAX = 2_048  # some 8 KB each
WALKED_AT_ONCE = 32  # bytes of a packed run that are added up at once
_VARINT = re.compile(rb"[\x80-\xff]*[\x00-\x7f]", re.DOTALL)
_NUMBERS = _Varints()


def unpack(first: int, until: int, packed: bytes | None) -> BitMap:
    """What `pack` wrote, given the first and until of the run. The last ones opened are remembered: questions meet again."""
    units = opened(first, until, packed)
    return units if packed is None else BitMap(units)


def opened(first: int, until: int, packed: bytes | None) -> BitMap | FrozenBitMap:
    """What `unpack` gives, for reading only: nothing is copied, so the set is frozen where it was remembered."""
    if packed is None:
        units = BitMap()
        units.add_range(first, until)
        return units
    return _unpacked(first, bytes(packed))


@lru_cache(UNPACKED_REMEMBERED_MAX)
def _unpacked(first: int, packed: bytes) -> FrozenBitMap:
    units = _read(first, packed)
    units.run_optimize()
    return FrozenBitMap(units)


def _read(first: int, packed: bytes) -> BitMap:
    numbers = _numbers(packed)
    scale, steps = numbers[0], numbers[1:]
    edges = list(accumulate(steps if scale == 1 else [step * scale for step in steps], initial=first))
    units, lows, highs = BitMap(), edges[::2], edges[1::2]
    if scale == 1 and highs:
        # units one by one, or all but some one by one, are what reprogramming and skipped positions leave
        if max(steps[::2]) == 1:
            return BitMap(lows[: len(highs)])
        if max(steps[1::2], default=1) == 1:
            units.add_range(first, highs[-1])
            units.difference_update(BitMap(highs[:-1]))
            return units
    for low, high in zip(lows, highs, strict=False):
        units.add_range(low, high)
    return units


def _numbers(packed: bytes) -> bytes | list[int]:
    # no step a byte: where each number is one byte, the bytes are the numbers
    return packed if packed.isascii() else list(map(_NUMBERS.__getitem__, _VARINT.findall(packed)))


def packed_holds(first: int, packed: bytes, unit: int) -> bool:
    """Whether a packed run that begins at `first` holds the unit: lengths and gaps are added up, no bitmap is built and nothing is remembered. One unit asks
    some hundred runs, each of some hundred bytes, and the next unit others."""
    scale, at = (packed[0], 1) if packed[0] < 128 else _number(packed, 0)
    place, holds, size = (unit - first) // scale, True, len(packed)
    while at < size:
        some = packed[at : at + WALKED_AT_ONCE]
        if some.isascii():  # each byte is a number
            if (length := sum(some)) <= place:
                place -= length
                holds ^= len(some) & 1
                at += len(some)
                continue
            for number in some:
                if place < number:
                    return bool(holds)
                place -= number
                holds = not holds
        until = min(at + WALKED_AT_ONCE, size)
        while at < until:
            number, at = _number(packed, at)
            if place < number:
                return bool(holds)
            place -= number
            holds = not holds
    return bool(holds)


def _number(packed: bytes, at: int) -> tuple[int, int]:
    """(the number that begins at a place, where the next one begins)."""
    number = shift = 0
    while (byte := packed[at]) > 127:
        number |= (byte & 127) << shift
        shift += 7
        at += 1
    return number | byte << shift, at + 1


@dataclass(slots=True)  # not frozen, which makes each one six times as dear: a question makes dozens
class UnitSet:
    """Units with their grades: `certain`, `possible` (or better), `unrecorded` (or better), each within the next. Never changed."""

    certain: BitMap | FrozenBitMap
    possible: BitMap | FrozenBitMap
    unrecorded: BitMap | FrozenBitMap

    @classmethod
    def none(cls) -> "UnitSet":
        """The empty set."""
        return cls(BitMap(), BitMap(), BitMap())

    @classmethod
    def sure(cls, units: BitMap) -> "UnitSet":
        """All of these units, certainly."""
        return cls(units, units, units)

    @classmethod
    def nested(cls, certain: BitMap, possible: BitMap, unrecorded: BitMap) -> "UnitSet":
        """From three bitmaps that need not be nested yet."""
        possible = certain | possible if possible else certain
        return cls(certain, possible, possible | unrecorded if unrecorded else possible)

    @classmethod
    def of(
        cls, certain: Sequence[Span] = (), possible: Sequence[Span] = (), unrecorded: Sequence[Span] = ()
    ) -> "UnitSet":
        """From spans of each grade."""
        return cls.nested(bitmap_of(certain), bitmap_of(possible), bitmap_of(unrecorded))

    @classmethod
    def of_graded(cls, rows: Iterable[Sequence]) -> "UnitSet":
        """From (first, until, grade), as answers write their units."""
        of: dict[str, list[Span]] = {}
        for first, until, grade in rows:
            of.setdefault(grade, []).append((first, until))
        return cls.of(of.get(CERTAIN, ()), of.get(POSSIBLE, ()), of.get(UNRECORDED, ()))

    @property
    def is_sure(self) -> bool:
        """Whether the three are known to be one set."""
        return self.certain is self.unrecorded

    def __and__(self, other: "UnitSet") -> "UnitSet":
        if self.is_sure and other.is_sure:
            return UnitSet.sure(self.certain & other.certain)
        return UnitSet(self.certain & other.certain, self.possible & other.possible, self.unrecorded & other.unrecorded)

    def __or__(self, other: "UnitSet") -> "UnitSet":
        return UnitSet(self.certain | other.certain, self.possible | other.possible, self.unrecorded | other.unrecorded)

    def complement(self, universe: BitMap) -> "UnitSet":
        """`not` within the universe."""
        certain = universe - self.unrecorded
        if self.is_sure:
            return UnitSet.sure(certain)
        return UnitSet(certain, certain | (universe & self.possible) - self.certain, universe - self.certain)

    def within(self, units: BitMap) -> "UnitSet":
        """Only these units."""
        if self.is_sure:
            return UnitSet.sure(self.certain & units)
        return UnitSet(self.certain & units, self.possible & units, self.unrecorded & units)

    def without(self, units: BitMap) -> "UnitSet":
        """All but these units."""
        if self.is_sure:
            return UnitSet.sure(self.certain - units)
        return UnitSet(self.certain - units, self.possible - units, self.unrecorded - units)

    def compact(self) -> "UnitSet":
        """The same units, frozen, in as few words as they need: an answer is counted many times, and units come in spans."""
        of_size: dict[int, FrozenBitMap] = {}
        for units in (self.certain, self.possible, self.unrecorded):
            if len(units) not in of_size:
                short = BitMap(units)
                short.run_optimize()
                of_size[len(units)] = FrozenBitMap(short)
        # each set lies within the next, so those of one size are one
        return UnitSet(*(of_size[len(units)] for units in (self.certain, self.possible, self.unrecorded)))

    def at_most_possible(self) -> "UnitSet":
        """The same units, none of them certain any more."""
        return UnitSet(BitMap(), self.possible, self.unrecorded)

    def __bool__(self) -> bool:
        return bool(self.unrecorded)

    def bands(self) -> tuple[tuple[str, BitMap], ...]:
        """Each grade with exactly its units."""
        return (
            (CERTAIN, self.certain),
            (POSSIBLE, self.possible - self.certain),
            (UNRECORDED, self.unrecorded - self.possible),
        )

    def counts(self) -> dict[str, int]:
        """The three numbers."""
        certain, possible = len(self.certain), len(self.possible)
        return {CERTAIN: certain, POSSIBLE: possible - certain, UNRECORDED: len(self.unrecorded) - possible}

    def count_in(self, units: BitMap) -> dict[str, int]:
        """The three numbers among these units."""
        certain = self.certain.intersection_cardinality(units)
        if len(self.certain) == len(self.unrecorded):
            return {CERTAIN: certain, POSSIBLE: 0, UNRECORDED: 0}
        possible = self.possible.intersection_cardinality(units)
        if len(self.possible) == len(self.unrecorded):
            return {CERTAIN: certain, POSSIBLE: possible - certain, UNRECORDED: 0}
        unrecorded = self.unrecorded.intersection_cardinality(units)
        return {CERTAIN: certain, POSSIBLE: possible - certain, UNRECORDED: unrecorded - possible}

    def count_between(self, first: int, until: int) -> dict[str, int]:
        """The three numbers among the units of a span."""
        certain = self.certain.range_cardinality(first, until)
        if len(self.certain) == len(self.unrecorded):
            return {CERTAIN: certain, POSSIBLE: 0, UNRECORDED: 0}
        possible = self.possible.range_cardinality(first, until)
        unrecorded = self.unrecorded.range_cardinality(first, until)
        return {CERTAIN: certain, POSSIBLE: possible - certain, UNRECORDED: unrecorded - possible}

    def grade(self, unit: int) -> str:
        """The grade of one unit."""
        if unit in self.certain:
            return CERTAIN
        if unit in self.possible:
            return POSSIBLE
        return UNRECORDED if unit in self.unrecorded else NO

    def spans(self) -> list[tuple[int, int, str]]:
        """(first, until, grade), ascending."""
        return sorted((first, until, grade) for grade, units in self.bands() for first, until in spans_of(units))
