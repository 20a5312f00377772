"""Returns as people read them: a number with its units, what was done with each since it came back, which unit stands for which.

    return_seen(actor, "RMA-1")      -> the units of a number, with replacements, programming and tests since they came back
    open_returns(actor)              -> numbers of which a unit is still here, and the newest others

A party reader sees the returns of units that his party ordered or received, and those units alone.
"""

from dataclasses import dataclass
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.built.shipping import returns
from asbuilt.built.shipping.returns import RECEIVED, ReturnRow
from asbuilt.designed.parties.queries import names_of as parties_named
from asbuilt.questions.genealogy.answering.lookup import place_name, view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.states import here_again
from asbuilt.questions.genealogy.seen.happenings import Event
from asbuilt.questions.genealogy.seen.life import unit_life
from asbuilt.storage import reading

SINCE = frozenset({"replaced", "programmed", "tested", "processed", "built_in", "holds", "taken_out", "let_out"})
UNITS_SHOWN_MAX = 50


class ReturnLine(NamedTuple):
    """A return of the list: its number, how many units, how many of them are here still, when something was said of it last."""

    rma: str
    units: int
    here: int
    at: int


@dataclass(frozen=True)
class Said:
    """One thing that was said of a unit that came back."""

    event: str
    said: str
    at: int
    who: str
    party: str
    shipment: str


@dataclass(frozen=True)
class UnitBack:
    """A unit of a return: `state` is the last that was said; `since` what the record has of it since it came back."""

    name: str
    code: str
    state: str
    here: bool
    received_at: int
    said: tuple[Said, ...]
    replacement: str = ""
    since: tuple[Event, ...] = ()


@dataclass(frozen=True)
class ReturnSeen:
    """A number and its units."""

    rma: str
    units: tuple[UnitBack, ...]

    @property
    def open(self) -> int:
        """How many of them are still here."""
        return sum(one.here for one in self.units)


def return_seen(actor: Actor, rma: str) -> ReturnSeen:
    """The units of a number. NotFound where there is none, or none the reader may see."""
    with reading.snapshot():
        view = view_of(actor)
        rows = [row for row in returns.rows_of_rma(view.tenant, rma, view.seen("t")) if view.sees(row.unit)]
        if not rows:
            raise unknown("return", rma, returns.rma_numbers(view.tenant) if view.visible is None else ())
        units = BitMap(row.unit for row in rows)
        others = BitMap(row.replacement for row in rows if row.replacement is not None)
        names = names_of(view, units | (others if view.visible is None else others & view.visible))
        people = People(view.tenant, 0).codes({row.operator for row in rows}) if view.visible is None else {}
        parties = parties_named(view.tenant, {row.party for row in rows if row.party is not None})
        here = here_again(view, BitMap(returns.received(view.tenant, view.seen("t"))))
        places = {unit: place_name(view, unit) for unit in units}
    found = []
    for unit in units:
        mine = [row for row in rows if row.unit == unit]
        since = _since(actor, names[unit], mine) if len(found) < UNITS_SHOWN_MAX else ()
        found.append(_unit(mine, names, people, parties, places[unit], unit in here, since))
    return ReturnSeen(rma, tuple(found))


def _unit(rows: list[ReturnRow], names, people, parties, place: str, here: bool, since: tuple[Event, ...]) -> UnitBack:
    said = tuple(
        Said(
            row.event, row.said, row.happened_at, people.get(row.operator, ""), parties.get(row.party, ""), row.shipment
        )
        for row in rows
    )
    received = [row.happened_at for row in rows if row.event == RECEIVED]
    other = next((names.get(row.replacement, "") for row in reversed(rows) if row.replacement is not None), "")
    at = received[-1] if received else rows[0].happened_at
    return UnitBack(names[rows[0].unit], place, rows[-1].event, here, at, said, other, since)


def _since(actor: Actor, name: str, rows: list[ReturnRow]) -> tuple[Event, ...]:
    at = next((row.happened_at for row in rows if row.event == RECEIVED), rows[0].happened_at)
    return tuple(
        one for one in unit_life(actor, name).events if one.kind in SINCE and one.at is not None and one.at >= at
    )


def open_returns(actor: Actor, limit: int = 200) -> list[ReturnLine]:
    """Returns, the newest first: every number of which a unit is still here, and `limit` others."""
    return returns_page(actor, limit)[0]


def returns_page(
    actor: Actor, limit: int, after: tuple[int, ...] | None = None
) -> tuple[list[ReturnLine], tuple[int, ...] | None]:
    """(returns, the place to go on after; None after the last). The first page has every return of which a unit is still here; the others have none of those."""
    with reading.snapshot():
        view = view_of(actor)
        here = here_again(view, BitMap(returns.received(view.tenant, view.seen("t"))))
        numbers: dict[str, list[tuple[int, int, tuple[int, int]]]] = {}
        for rma, unit, at, *first in returns.units_by_rma(view.tenant, view.seen("t")):
            if view.sees(unit):
                numbers.setdefault(rma, []).append((unit, at, tuple(first)))
    told = []
    for rma, units in numbers.items():
        line = ReturnLine(rma, len(units), sum(unit in here for unit, *_ in units), max(at for _, at, _ in units))
        told.append(((line.at, *min(first for *_, first in units)), line))
    told.sort(key=lambda one: one[0], reverse=True)
    gone = [one for one in told if not one[1].here and (after is None or one[0] < after)]
    shown = {line.rma for _, line in gone[:limit]}
    lines = [line for _, line in told if line.rma in shown or line.here and after is None]
    return lines, gone[limit - 1][0] if len(gone) > limit > 0 else None
