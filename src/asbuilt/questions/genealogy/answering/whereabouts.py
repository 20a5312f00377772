"""Where the units of an answer are: the shipment, customer and country of the outermost unit, and its state.

An answer counts customers by finished units; these sets hold the affected units themselves, so that a band of the flow and
the count of a narrower question are the same units.
"""

from collections.abc import Callable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.designed.parties.queries import names as party_names
from asbuilt.questions.genealogy.answering.answers import Answer
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.states import outside_now, returned_now
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED


@dataclass(frozen=True)
class Place:
    """A shipment with its customer and the affected units that it took out; `finished` are the units that the customer holds."""

    shipment: str
    customer: str
    country: str
    first_at: int
    units: BitMap
    finished: BitMap


@dataclass
class Whereabouts:
    """Shipments of an answer's affected units, most first; `states` holds the affected units by state."""

    places: list[Place]
    here: BitMap
    states: dict[str, BitMap]


def whereabouts(answer: Answer) -> Whereabouts:
    """Where the affected units are. Nine statements at most."""
    view, affected = answer.view, answer.affected.unrecorded
    finished = answer.finished.unrecorded
    below = inside_of(answer)
    names = party_names(view.tenant, view.entry)
    found: dict[str, list] = {}
    for line, tops in last_lines(view, finished):
        said = found.setdefault(line.shipment, [names.get(line.customer, ""), line.country, line.shipped_at, BitMap()])
        said[2] = min(said[2], line.shipped_at)
        said[3] |= tops
    places = [
        Place(code, customer, country, at, below(tops), tops) for code, (customer, country, at, tops) in found.items()
    ]
    places.sort(key=lambda place: (-len(place.units), place.shipment))
    away = BitMap().union(*(place.units for place in places)) if places else BitMap()
    return Whereabouts(places, affected - away, _states(view, finished, away, below))


def _states(view, finished: BitMap, away: BitMap, below: Callable[[BitMap], BitMap]) -> dict[str, BitMap]:
    left = finished
    found: dict[str, BitMap] = {}
    for name, units in (
        ("scrapped", view.state_units(SCRAPPED, over=finished)),
        ("outside", outside_now(view, finished)),
        ("returned", returned_now(view, finished)),
        ("shipped", None),
        ("stock", view.state_units(BUILT, over=finished)),
        ("production", view.state_units(BEGUN, over=finished)),
    ):
        if units is None:
            found[name] = away - found["scrapped"] - found["outside"] - found["returned"]
            continue
        found[name] = below(left & units)
        left = left - units
    gone = found["shipped"]
    for name in ("stock", "production"):
        found[name] = found[name] - gone
    return {name: units for name, units in found.items() if units}


def inside_of(answer: Answer) -> Callable[[BitMap], BitMap]:
    """From finished units to the affected units in them (or that they are). No statement."""
    affected, tops = answer.affected.unrecorded, answer.tops
    if not tops:
        return lambda units: units & affected
    alone = affected - BitMap(tops)
    by_top: dict[int, list[int]] = {}
    for unit, top in tops.items():
        by_top.setdefault(top, []).append(unit)
    outer = BitMap(by_top)

    def below(units: BitMap) -> BitMap:
        found = BitMap(units & alone)
        for top in units & outer:
            found.update(by_top[top])
        return found

    return below
