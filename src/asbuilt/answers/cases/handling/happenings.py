"""What rooms above the file know of a case, for its timeline and its gaps. A module of its own, because rooms register at every start."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Happened:
    """Something for the timeline: what, since when it is recorded, of whom, by whom (numbers), in which entry."""

    kind: str
    name: str
    recorded_at: int
    entry: int
    why: str = ""
    at: int | None = None
    party: int | None = None
    person: int | None = None
    said: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What a room knows of a case: what happened, and what is not known, in words of the reader's language; and of gaps to be
    closed as soon as the report that was due first is on its way, what to do then."""

    happened: Sequence[Happened]
    gaps: Sequence[str]
    asks: dict[str, str] = field(default_factory=dict)


HAPPENINGS: dict[str, Callable[[int, str], Known]] = {}
"""By room. Each takes tenant and case."""

OPEN_ENDS: dict[str, Callable[[int, str], dict[str, str]]] = {}
"""By room. Each takes tenant and case, and gives what is open there by its code: closing the case asks about it."""

HELD_BACK: dict[str, Callable[[int], dict[str, list[str]]]] = {}
"""By room. Each takes the tenant and gives what is held for the risk now, by case: nothing of the same flaw is published meanwhile."""
