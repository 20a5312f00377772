"""What is open on given units: for the gate, which asks one unit or an order of five thousand by the same code.

Reads what these units run, are built to and carry; then only what is found in that. `coverage_on` says whether anything was ever found:
where nothing was, there is nothing to ask.

Of a unit's hundred vulnerabilities mostly none was decided about: what is open then is read off, and only where somebody decided something are
ways looked at one by one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyroaring import BitMap

from asbuilt.built.programming.modules import module_rows
from asbuilt.designed.vulnerability.deciding.decisions import APP
from asbuilt.designed.vulnerability.deciding.findings_in import label_of
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.exposure.decided import Standing, groups_of, standing
from asbuilt.questions.exposure.places import Place, Places, places_over
from asbuilt.questions.exposure.reach import look_at_positions, may_carry, reached
from asbuilt.questions.exposure.said import exploited_among
from asbuilt.questions.exposure.ways import AFFECTED, UNSURE, Way, ways_of_board, ways_of_board_on_few
from asbuilt.questions.genealogy.evaluating.few_units import of_few
from asbuilt.questions.genealogy.evaluating.firmware import runs_over
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

THROUGH_SAID_MAX = 3
Release = tuple[str, str, str]
"""Product, role, version."""


class Open(NamedTuple):
    """A finding that is open on units: affected or unsure, component, place in words, the release where the place is one, the units."""

    state: str
    label: str
    place: str
    release: Release | None
    units: BitMap


@dataclass(slots=True)  # not frozen, which is dear: a unit may have a hundred of them. Never changed
class OpenOn:
    """A vulnerability that is open on units: certainly or possibly. `through` names components and where they are; `findings` say by which of
    them it is open on which units."""

    vulnerability: str
    state: str
    exploited: bool
    through: str
    units: BitMap
    findings: tuple[Open, ...] = field(default=(), repr=False)

    def of_release(self, product: str, role: str, version: str) -> BitMap:
        """The units that have it through this release alone."""
        asked = (product, role or APP, version)
        mine = BitMap().union(*(one.units for one in self.findings if one.release == asked))
        return mine - BitMap().union(*(one.units for one in self.findings if one.release != asked))


class _Behind(NamedTuple):
    """A place with the units behind it, in words, and the release where it is one."""

    place: Place
    words: str
    release: Release | None
    units: BitMap


_FOUND = (
    "SELECT v.name, f.number, c.sbom, f.state, f.first_seen_at, pv.name, pv.version FROM components_sbom_component c {findings} "
    "JOIN components_package_version pv ON pv.tenant = f.tenant AND pv.number = f.package_version "
    "JOIN vulnerability_vulnerability v ON v.tenant = f.tenant AND v.number = f.vulnerability WHERE c.tenant = %s AND f.package_version > 0 AND "
)
"""A finding comes once for each time that the SBOM lists its component."""


def open_on(
    view: View, units: BitMap, loaded: Iterable[tuple] | None = None, parts: list[str] | None = None
) -> list[OpenOn]:
    """What is open on these units, by name; `loaded` are the firmware runs over them and `parts` the parts that advisories speak of, where these
    were read. Five statements, and some where a part on the board is spoken of."""
    if not units:
        return []
    few = of_few(view, units)
    (found, behind), on_board = reading.at_once(
        lambda: _in_software(view, units, loaded, few), lambda: _on_board(view, units, few, parts)
    )
    names = sorted({name for name, rows in found.items() if any(behind[row[2]] for row in rows)} | on_board.keys())
    if not names:
        return []
    decided, exploited = reading.at_once(lambda: standing(view, names), lambda: exploited_among(view, names))
    opened = []
    for name in names:
        rows, board, said = found.get(name, ()), on_board.get(name, ()), decided.get(name)
        left = _left(view, name, rows, behind, board, said) if said or board else _undecided(rows, behind)
        if left:
            opened.append(_told(name, left, name in exploited))
    return opened


def _in_software(
    view: View, units: BitMap, loaded: Iterable[tuple] | None, few: View | None
) -> tuple[dict[str, list[tuple]], dict[int, list[_Behind]]]:
    """What is found in the SBOMs of what is on these units, by vulnerability, and the places behind each SBOM."""
    places = _places(view, units, loaded, few)
    found = _found_in(view, places)
    sboms = {row[2] for rows in found.values() for row in rows}
    return found, {sbom: _behind(view, places[sbom], units, few) for sbom in sboms}


def _places(view: View, units: BitMap, loaded: Iterable[tuple] | None, few: View | None) -> Places:
    """What the current SBOMs are of that may be on these units. One statement, more where packages came programmed or parts have SBOMs."""
    releases = {row[0] for row in (runs_over(view, units) if loaded is None else loaded)}
    if view.recorded.package_programmed:
        sql = "SELECT DISTINCT t.release FROM programming_package t WHERE t.tenant = %s AND t.result = 0"
        releases |= {number for (number,) in reading.fetch(sql + view.seen("t"), (view.tenant,))}
    if view.recorded.module_firmware:
        releases |= {row.release for row in module_rows(view.tenant, view.entry)}
    found = places_over(view, releases, {block.revision for block in view.blocks_over(units)})
    if few is None:
        return found
    kept = {sbom: [one for one in of if one.part is None or may_carry(few.few, one.part)] for sbom, of in found.items()}
    if parts := {one.part for of in kept.values() for one in of} - {None}:
        by_part = few.few.material.packages_by("part")
        look_at_positions(few, (package for part in parts for package in by_part.get(part, ())))
    return {sbom: of for sbom, of in kept.items() if of}


def _found_in(view: View, places: Places) -> dict[str, list[tuple]]:
    """Vulnerability -> the rows of what is found in these SBOMs, each once. One statement where there is one."""
    if not places:
        return {}
    found_in = f"f.tenant = c.tenant AND f.package_version = c.package_version{view.seen('f')}"
    sql = _FOUND.format(findings=reading.each("f", "vulnerability_finding", found_in)) + reading.any_of("c.sbom")
    found: dict[str, list[tuple]] = defaultdict(list)
    for row in sorted(set(reading.fetch(sql, (view.tenant, reading.list_param(sorted(places)))))):
        found[row[0]].append(row)
    return found


def _behind(view: View, places: Sequence[Place], units: BitMap, few: View | None) -> list[_Behind]:
    """These places with those of the units that are behind them, none where there is none."""
    found = []
    for place in places:
        way = Way("", AFFECTED, "", "", 0, *place)
        held = _reached(view if place.part is None or few is None else few, way, units)
        if held:
            binding = place.binding
            release = (binding.product, binding.role or APP, binding.version) if binding.version else None
            found.append(_Behind(place, way.place_words, release, held))
    return found


def _reached(view: View, way: Way, units: BitMap) -> BitMap:
    found = reached(view, [way], False, units)
    # whether a piece on the board is of the lot that is meant may be unknown: then it is open, not clean
    return BitMap((found.possible if way.part is None else found.unrecorded) & units)


def _on_board(
    view: View, units: BitMap, few: View | None, parts: list[str] | None
) -> dict[str, list[tuple[Way, BitMap]]]:
    """Vulnerability -> the ways of parts on the board, with those of the units that they reach."""
    found: dict[str, list[tuple[Way, BitMap]]] = defaultdict(list)
    held: dict[tuple, BitMap] = {}
    ways = ways_of_board(view) if few is None else ways_of_board_on_few(few, parts)
    if few is not None and ways:
        look_at_positions(few, (package for way in ways for some in way.pieces[:2] for package in some))
    for way in ways:
        if way.place not in held:
            held[way.place] = _reached(few or view, way, units)
        if held[way.place]:
            found[way.vulnerability].append((way, held[way.place]))
    return found


def _undecided(rows: Iterable[tuple], behind: dict[int, list[_Behind]]) -> list[Open]:
    """What is open where nobody decided anything: all of it."""
    return [
        Open(state, label_of(component, version), words, release, units)
        for _, _, sbom, state, _, component, version in rows
        for _, words, release, units in behind[sbom]
    ]


def _left(
    view: View, name: str, rows: Iterable[tuple], behind: dict[int, list[_Behind]], board: Sequence[tuple[Way, BitMap]], said: Sequence[Standing] | None
) -> list[Open]:  # fmt: skip
    """What decisions leave open of this vulnerability."""
    ways: list[Way] = []
    of_way: dict[int, tuple[str, Release | None, BitMap]] = {}
    for _, _, sbom, state, since, component, version in rows:
        for place, words, release, units in behind[sbom]:
            ways.append(Way(name, state, label_of(component, version), "", since, *place))
            of_way[id(ways[-1])] = (words, release, units)
    for way, units in board:
        ways.append(way)
        of_way[id(way)] = (way.place_words, None, units)
    found = []
    for group in groups_of(ways, said or ()):
        for way in group.ways:
            words, release, units = of_way[id(way)]
            left = group.left(view, UnitSet.sure(units)).possible if group.steps else units
            if left:
                found.append(Open(way.state, way.label, words, release, left))
    return found


def _told(name: str, left: Sequence[Open], exploited: bool) -> OpenOn:
    state = AFFECTED if any(one.state == AFFECTED for one in left) else UNSURE
    through = list(dict.fromkeys([(one.label, one.place) for one in left]))
    words = ", ".join([f"{label} ({place})" for label, place in through[:THROUGH_SAID_MAX]])
    more = f" and {len(through) - THROUGH_SAID_MAX} more" if len(through) > THROUGH_SAID_MAX else ""
    first = left[0].units
    # mostly all of them are open on the same units
    units = first if all(one.units is first for one in left) else BitMap().union(*(one.units for one in left))
    return OpenOn(name, state, exploited, words + more, units, tuple(left))
