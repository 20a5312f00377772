"""Two certain packages at one position of one unit: who claims what, and where claims meet."""

from collections.abc import Iterator
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.runs import Run
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.kernel.spans import spans_of


@dataclass(frozen=True)
class Claim:
    """A package is certain at a group over [first, until); line None where it was recorded before."""

    group: int
    package: int
    first: int
    until: int
    line: int | None


def overlapping(groups: PositionGroups, claims: list[Claim], known: list[Run]) -> Iterator[tuple[Claim, Claim, BitMap]]:
    """Pairs of claims of different packages that meet at a position, new ones first, with the units where they meet.

    Work is a sort and a sweep per class of positions; a pair that meets at several positions is named once.
    """
    used = {claim.group for claim in claims}
    others = {run.group for run in known if run.certain}
    positions = {group: set(groups.positions(group)) for group in used | others}
    named: set[tuple] = set()
    for neighbours in _touching(positions, used):
        at_hand = [claim for claim in claims if claim.group in neighbours]
        for run in known:
            if run.certain and run.group in neighbours:
                at_hand += [Claim(run.group, run.package, first, until, None) for first, until in spans_of(run.units)]
        for one, other, units in _sweep(at_hand, positions):
            key = (one.line, other.line, one.first, other.first)
            if key not in named:
                named.add(key)
                yield one, other, units


def _touching(positions: dict[int, set[str]], used: set[int]) -> list[set[int]]:
    """Sets of groups that share positions with each other, for the groups in use."""
    of: dict[str, set[int]] = {}
    for group, held in positions.items():
        for position in held:
            of.setdefault(position, set()).add(group)
    left, found = set(used), []
    while left:
        reach, queue = set(), [left.pop()]
        while queue:
            group = queue.pop()
            if group not in reach:
                reach.add(group)
                queue.extend(neighbour for position in positions[group] for neighbour in of[position])
        left -= reach
        found.append(reach)
    return found


def _sweep(claims: list[Claim], positions) -> Iterator[tuple[Claim, Claim, BitMap]]:
    active: list[Claim] = []
    for claim in sorted(claims, key=lambda claim: (claim.first, claim.until)):
        active = [other for other in active if other.until > claim.first]
        for other in active:
            if other.package == claim.package or (other.line is None and claim.line is None):
                continue
            if other.group == claim.group or positions[other.group] & positions[claim.group]:
                units = BitMap(range(claim.first, min(claim.until, other.until)))
                yield (claim, other, units) if claim.line is not None else (other, claim, units)
        active.append(claim)
