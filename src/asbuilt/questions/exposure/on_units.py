"""What is open on given units: for the gate, which asks one unit or an order of five thousand by the same code.

Reads what these units run, are built to and carry; then only what is found in that. `coverage_on` says whether anything was ever found:
where nothing was, there is nothing to ask.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.designed.vulnerability.deciding.decisions import APP
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.exposure.decided import Standing, groups_of, standing
from asbuilt.questions.exposure.reach import reached
from asbuilt.questions.exposure.said import exploited_among
from asbuilt.questions.exposure.ways import Way, every_way
from asbuilt.questions.genealogy.evaluating.view import View

THROUGH_SAID_MAX = 3
Behind = tuple[Way, BitMap, str]
"""A way with the units that it reaches, and its place in words."""


@dataclass(frozen=True)
class OpenOn:
    """A vulnerability that is open on units: certainly or possibly. `through` names components and where they are, `by_release` the units
    that have it through a release (product, role, version)."""

    vulnerability: str
    state: str
    exploited: bool
    through: str
    units: BitMap = field(hash=False)
    by_release: dict[tuple[str, str, str], BitMap] = field(default_factory=dict, hash=False)

    def of_release(self, product: str, role: str, version: str) -> BitMap:
        """The units that have it through this release alone."""
        mine = self.by_release.get((product, role or APP, version), BitMap())
        others = BitMap().union(
            *(units for key, units in self.by_release.items() if key != (product, role or APP, version))
        )
        return mine - others


def open_on(view: View, units: BitMap, loaded: Iterable[tuple] | None = None) -> list[OpenOn]:
    """What is open on these units, by name; `loaded` are the firmware runs over them, where these were read."""
    if not units:
        return []
    by_name: dict[str, list[Behind]] = defaultdict(list)
    for ways, held in _ways_by_place(view, units, loaded):
        place = ways[0].place_words
        for way in ways:
            by_name[way.vulnerability].append((way, held, place))
    if not by_name:
        return []
    decided, exploited = standing(view, by_name), exploited_among(view, by_name)
    found = (_open(view, name, of, decided.get(name, ()), name in exploited) for name, of in sorted(by_name.items()))
    return [one for one in found if one.units]


def _ways_by_place(view: View, units: BitMap, loaded: Iterable[tuple] | None) -> list[tuple[list[Way], BitMap]]:
    """Ways that reach any of these units, by place, with the units they reach."""
    places: dict[tuple, list[Way]] = defaultdict(list)
    for way in every_way(view, units, loaded):
        places[way.place].append(way)
    found = []
    for ways in places.values():
        behind = reached(view, ways[:1], False, units)
        # whether a piece on the board is of the lot that is meant may be unknown: then it is open, not clean
        held = BitMap((behind.possible if ways[0].part is None else behind.unrecorded) & units)
        if held:
            found.append((ways, held))
    return found


def _open(view: View, name: str, behind: Sequence[Behind], said: Sequence[Standing], exploited: bool) -> OpenOn:
    of_way = {id(way): (held, place) for way, held, place in behind}
    units, by_release, through = BitMap(), defaultdict(BitMap), {}
    state = "unsure"
    for group in groups_of([way for way, *_ in behind], said):
        for way in group.ways:
            held, place = of_way[id(way)]
            # mostly no decision takes units out
            left = group.left(view, UnitSet.sure(held)).possible if group.steps else held
            if not left:
                continue
            units |= left
            state = "affected" if way.state == "affected" else state
            through[way.label, place] = None
            binding = way.binding
            key = (
                (binding.product, binding.role or APP, binding.version) if binding and binding.version else ("", "", "")
            )
            by_release[key] |= left
    words = [f"{label} ({place})" for label, place in list(through)[:THROUGH_SAID_MAX]]
    more = f" and {len(through) - THROUGH_SAID_MAX} more" if len(through) > THROUGH_SAID_MAX else ""
    return OpenOn(name, state, exploited, ", ".join(words) + more, units, dict(by_release))
