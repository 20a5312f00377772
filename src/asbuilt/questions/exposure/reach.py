"""Reach: the units behind a place of a component, as sets. Nothing is listed one by one.

A firmware release reaches the units that run it by the record, or came with it inside a package. A hardware revision reaches the units built
to it; what is only planned carries nothing yet. A purchased part reaches the units that carry packages of it, of the lot where its SBOM
names one. A part that an advisory speaks of reaches the units that carry its lots, possibly where lot or date code is not known.
"""

from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.designed.components.queries import CURRENT, CURRENT_AS_OF, OF_IMAGE
from asbuilt.kernel.spans import UnitSet, bitmap_of
from asbuilt.questions.exposure.ways import Way
from asbuilt.questions.genealogy.evaluating.firmware import units_of_releases
from asbuilt.questions.genealogy.evaluating.history import shipped
from asbuilt.questions.genealogy.evaluating.material import Material, carrying
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, Few, View
from asbuilt.storage import reading


def reached(view: View, ways: Iterable[Way], ever: bool, within: BitMap | None = None) -> UnitSet:
    """The units behind these ways: possibly only where the way itself is unsure. A few statements for each kind of place."""
    result = UnitSet.none()
    listed = list(ways)
    for sure in (True, False):
        mine = [way for way in listed if (way.state == "affected") == sure]
        if not mine:
            continue
        found = behind(view, mine, ever, within)
        result |= found if sure else found.at_most_possible()
    return result


def behind(view: View, ways: list[Way], ever: bool, within: BitMap | None = None) -> UnitSet:
    """The units behind these ways, as sure as the record is of the units."""
    result = UnitSet.none()
    if releases := sorted({way.release for way in ways if way.release is not None}):
        result |= units_of_releases(view, releases, ever, within)
    if revisions := sorted({way.revision for way in ways if way.revision is not None}):
        result |= UnitSet.sure(_of_revisions(view, revisions, within))
    for part, lot in sorted({(way.part, way.lot) for way in ways if way.part is not None and way.pieces is None}):
        result |= carrying(view, of_part(view, part, lot, ever), within)
    for pieces in {way.pieces for way in ways if way.pieces is not None}:
        sure, maybe, admits = pieces
        result |= carrying(view, Material(sure, maybe, admits, None, ever, pieces=True), within)
    return view_limited(view, result, within)


def view_limited(view: View, found: UnitSet, within: BitMap | None) -> UnitSet:
    """What of it the reader may see and was asked for."""
    if view.visible is not None:
        found = found.within(view.visible)
    return found if within is None else found.within(within)


def _of_revisions(view: View, revisions: list[int], within: BitMap | None) -> BitMap:
    sql = (
        "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s AND "
        + reading.any_of("b.revision")
        + view.seen("b")
    )
    units = bitmap_of(reading.fetch(sql, (view.tenant, reading.list_param(revisions))))
    if within is not None:
        units &= within
    return view.built(units) if units else units


def of_part(view: View, part: int, lot: str, ever: bool) -> Material:
    """Packages of a part, of one lot code where named; those whose lot nobody said may be of it. One statement, none more of few units."""
    if view.few is not None:
        few = view.few
        rows = [
            (number, few.material.packages[number].lot_code)
            for number in few.material.packages_by("part").get(part, ())
        ]
    else:
        sql = (
            "SELECT p.number, l.lot_code FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
            "WHERE p.tenant = %s AND p.part = %s" + view.seen("p")
        )
        rows = reading.fetch(sql, (view.tenant, part))
    match = frozenset(package for package, code in rows if not lot or code == lot)
    maybe = frozenset(package for package, code in rows if lot and not code)
    return Material(match, maybe, frozenset({part}), None, ever)


def may_carry(few: Few, part: int) -> bool:
    """Whether a part may be on few units: a package of it is, or nobody recorded what lies where it belongs."""
    return part in few.material.packages_by("part") or (not few.material.whole and part in few.material.parts)


def look_at_positions(view: View, packages: Iterable[int]) -> None:
    """Look up together where these packages lie on the few units: asked part by part it would be a statement each."""
    meant = frozenset(packages)
    view.groups.look_at({run[1] for run in view.few.material.runs if run[4] in meant})


def unlisted(view: View) -> list[int]:
    """Releases, by number, without an SBOM, or whose current one lists nothing: that says no more than none. One statement."""
    current, params = (
        (CURRENT, (view.tenant,)) if view.entry is None else (CURRENT_AS_OF, (view.tenant, view.entry, view.entry))
    )
    sql = (
        f"SELECT f.number FROM firmware_release f WHERE f.tenant = %s{view.seen('f')} AND NOT EXISTS (SELECT 1 FROM "
        "components_sbom s WHERE s.tenant = f.tenant AND s.product = f.product AND s.role = f.role AND s.version = f.version "
        f"AND s.components > 0 AND {OF_IMAGE.format(release='f')} AND s.number IN ({current}))"
    )
    return [number for (number,) in reading.fetch(sql, (view.tenant, *params))]


def silent(view: View, ever: bool, within: BitMap | None, spoken_of: Iterable[int] = ()) -> UnitSet:
    """Units that run a release of which nobody recorded the components: neither with a component nor without. `spoken_of` are
    releases about which a decision says what no SBOM does. Two statements beside those of the releases."""
    known = set(spoken_of)
    releases = [number for number in unlisted(view) if number not in known]
    if not releases:
        return UnitSet.none()
    found = view_limited(view, units_of_releases(view, releases, ever, within), within)
    return UnitSet.nested(BitMap(), BitMap(), BitMap(found.possible))


def in_the_field(view: View, units: BitMap) -> BitMap:
    """Those of the units that were shipped, also inside another unit: `in:shipped` of the question language, but for returns."""
    out = shipped(view) - view.state_units(SCRAPPED)
    return (units & out) | BitMap(unit for unit, top in view.outermost(units - out).items() if top in out)
