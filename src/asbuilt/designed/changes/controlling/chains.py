"""What holds at a unit: the changes that are in force for one thing, one after the other. Pure.

    Chain(steps).at(unit, at)   -> the value that this unit is to be built with, and by which ECO

Two ECOs on one line follow each other: the second begins where the first ended, at or behind its boundary. A value that no change speaks of
is not judged; one that a change took away, or that has not begun, does not go.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.designed.changes.controlling.eco import PART, Boundary, Change


@dataclass(frozen=True)
class Step:
    """One change with the boundary of its ECO; `approved`: all who have to agree do so now."""

    eco: str
    change: Change
    boundary: Boundary
    approved: bool


@dataclass(frozen=True)
class Held:
    """What a unit is to be built with; `by` is the last step that it is behind, `next` the first that is still ahead."""

    value: str
    by: Step | None
    next: Step | None


@dataclass(frozen=True)
class Chain:
    """The steps of one thing, in the order in which they took its place."""

    key: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def values(self) -> frozenset[str]:
        """Every value that one of the changes speaks of."""
        return frozenset(value for one in self.steps for value in (one.change.old, one.change.new))

    def written(self, value: str) -> str:
        """A value as it is compared: a maker's part however people write it, anything else to the letter."""
        return value.casefold() if self.key[1] == PART else value

    def speaks_of(self, value: str) -> bool:
        """Whether one of the changes does."""
        return self.written(value) in {self.written(one) for one in self.values}

    def differ(self, one: str, other: str) -> bool:
        """Whether two values are not the same."""
        return self.written(one) != self.written(other)

    @property
    def by_date(self) -> bool:
        """Whether its boundaries are days; all of them are said in one way."""
        return any(one.boundary.at is not None for one in self.steps)

    def at(self, unit: int, at: int) -> Held:
        """What holds for a unit at an instant."""
        by, value = None, self.steps[0].change.old
        for one in self.steps:
            if not one.boundary.reached(unit, at):
                return Held(value, by, one)
            by, value = one, one.change.new
        return Held(value, by, None)


def chains(steps: Iterable[Step]) -> list[Chain]:
    """The steps by what they change; of each thing in the order in which they were put in force."""
    found: dict[tuple[str, ...], list[Step]] = {}
    for one in sorted(steps, key=lambda step: step.boundary.happened_at):
        found.setdefault(one.change.key, []).append(one)
    return [Chain(key, tuple(some)) for key, some in found.items()]
