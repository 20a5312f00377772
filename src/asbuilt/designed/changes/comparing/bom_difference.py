"""What differs between two BOM versions, by meaning. Pure.

    difference(old, new)  -> Difference

Lines are compared by what they put where, never by their place in the file: a line that was renumbered, split or joined is no change. At each
reference designator stands one part; from that follow parts that are new or gone, designators where another part stands now (two that changed
places with each other are a swap), designators that moved (the same part, as many, elsewhere) and quantities. A line without designators counts
by its part. With the same internal number the approved makers' parts are compared: one that took another's place, alternates added or dropped.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.designed.catalog.positions import natural_key


@dataclass(frozen=True)
class SideLine:
    """A line: its part's code, how many pieces, at which designators (none: a label, a board, glue)."""

    line: str
    part: str
    quantity: int
    positions: tuple[str, ...]


@dataclass(frozen=True)
class Side:
    """A BOM version: its lines, and part -> approved (maker, MPN), either of which may be empty."""

    lines: tuple[SideLine, ...]
    makers: dict[str, frozenset[tuple[str, str]]]


@dataclass(frozen=True)
class PartChange:
    """A part that is new, gone, or of another quantity; `positions` are the designators that it gained or lost."""

    part: str
    old_quantity: int
    new_quantity: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True)
class Replaced:
    """Designators at which another part stands."""

    old_part: str
    new_part: str
    positions: tuple[str, ...]


@dataclass(frozen=True)
class Swapped:
    """Two parts that changed places: the first stands now at what the second had, and the other way round."""

    part: str
    positions: tuple[str, ...]
    other_part: str
    other_positions: tuple[str, ...]


@dataclass(frozen=True)
class Moved:
    """Pieces of one part that stand elsewhere, at designators that the other BOM did not have."""

    part: str
    old_positions: tuple[str, ...]
    new_positions: tuple[str, ...]


@dataclass(frozen=True)
class MakersChanged:
    """Approved makers' parts of the same internal number: (maker, MPN) that went and that came."""

    part: str
    gone: tuple[tuple[str, str], ...]
    new: tuple[tuple[str, str], ...]
    kept: tuple[tuple[str, str], ...]

    @property
    def substituted(self) -> bool:
        """Whether a maker or an MPN took the place of another, rather than an alternate coming or going."""
        return bool(self.gone and self.new)


@dataclass(frozen=True)
class Difference:
    """Everything that differs; nothing where the two mean the same."""

    added: tuple[PartChange, ...]
    removed: tuple[PartChange, ...]
    quantities: tuple[PartChange, ...]
    replaced: tuple[Replaced, ...]
    swapped: tuple[Swapped, ...]
    moved: tuple[Moved, ...]
    makers: tuple[MakersChanged, ...]

    @property
    def same(self) -> bool:
        """Whether both mean the same."""
        return not any(
            (self.added, self.removed, self.quantities, self.replaced, self.swapped, self.moved, self.makers)
        )


def difference(old: Side, new: Side) -> Difference:
    """What differs between the two; each list by part, designators in natural order."""
    before, after = _at(old), _at(new)
    pairs: dict[tuple[str, str], list[str]] = defaultdict(list)
    gained: dict[str, list[str]] = defaultdict(list)
    lost: dict[str, list[str]] = defaultdict(list)
    for position in before.keys() | after.keys():
        was, now = before.get(position), after.get(position)
        if was is None:
            gained[now].append(position)
        elif now is None:
            lost[was].append(position)
        elif was != now:
            pairs[was, now].append(position)
    swapped = _swaps(pairs)
    replaced = tuple(Replaced(was, now, _sorted(found)) for (was, now), found in sorted(pairs.items()))
    moved, quantities = [], []
    counts = _counts(old), _counts(new)
    for part in sorted(counts[0].keys() & counts[1].keys()):
        was, now = counts[0][part], counts[1][part]
        here, gone = _sorted(gained.get(part, ())), _sorted(lost.get(part, ()))
        if was == now and here and gone:
            moved.append(Moved(part, gone, here))
        elif was != now:
            quantities.append(PartChange(part, was, now, here, gone))
    return Difference(
        tuple(_only(counts[1], counts[0], gained, pairs, 1)), tuple(_only(counts[0], counts[1], lost, pairs, 0)),
        tuple(quantities), replaced, swapped, tuple(moved), tuple(_makers(old, new)),
    )  # fmt: skip


def _at(side: Side) -> dict[str, str]:
    return {position: line.part for line in side.lines for position in line.positions}


def _counts(side: Side) -> Counter:
    found: Counter = Counter()
    for line in side.lines:
        found[line.part] += line.quantity
    return found


def _swaps(pairs: dict[tuple[str, str], list[str]]) -> tuple[Swapped, ...]:
    """Takes out of the pairs those that changed places one for one."""
    found = []
    for was, now in sorted(pairs):
        if was < now and len(pairs.get((now, was), ())) == len(pairs[was, now]):
            found.append(Swapped(was, _sorted(pairs[now, was]), now, _sorted(pairs[was, now])))
    for one in found:
        del pairs[one.part, one.other_part], pairs[one.other_part, one.part]
    return tuple(found)


def _only(
    mine: Counter, others: Counter, alone: dict[str, list[str]], pairs: dict[tuple[str, str], list[str]], place: int
) -> Iterable[PartChange]:
    """Parts that only one of the two has; `place` says which of a pair is its part."""
    beside: dict[str, list[str]] = defaultdict(list)
    for pair, positions in pairs.items():
        beside[pair[place]] += positions
    for part in sorted(mine.keys() - others.keys()):
        positions = _sorted([*alone.get(part, ()), *beside.get(part, ())])
        if place:
            yield PartChange(part, 0, mine[part], positions, ())
        else:
            yield PartChange(part, mine[part], 0, (), positions)


def _makers(old: Side, new: Side) -> Iterable[MakersChanged]:
    nobody: frozenset = frozenset()
    for part in sorted({line.part for line in old.lines} & {line.part for line in new.lines}):
        was, now = old.makers.get(part, nobody), new.makers.get(part, nobody)
        if was != now:
            yield MakersChanged(part, tuple(sorted(was - now)), tuple(sorted(now - was)), tuple(sorted(was & now)))


def _sorted(positions: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(positions, key=natural_key))
