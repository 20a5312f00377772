"""Firmware that units run because of what they carry: packages programmed before placement, and modules as their maker ships them.

    came_with(view, packages)             -> package -> what it came with
    certainly_by_package(view, units, …)  -> release -> units that certainly run it and carry a package that came with it

A unit's own later record goes before what its package came with, as in every question (`firmware`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.programming.modules import lot_images
from asbuilt.built.programming.queries import came_programmed
from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.designed.firmware.queries import stated_then
from asbuilt.questions.genealogy.evaluating.firmware import units_of_releases
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class Came:
    """What a package came with: `at` None where it came so from the maker; not `sure` where its lot may be another."""

    release: int
    at: int | None
    source: str
    entry: int
    sure: bool = True


def came_with(view: View, packages: Iterable[int]) -> dict[int, list[Came]]:
    """Package -> what it came with, the maker's first, then in the order in which it was programmed. Up to four statements."""
    lots = {row.number: row.lot for row in packages_of(view.tenant, set(packages)).values()}
    modules = lot_images(view.tenant, view.entry) if lots else {}
    found: dict[int, list[Came]] = {}
    for package, lot in lots.items():
        found[package] = [Came(one.release, None, "maker", one.said.entry, one.sure) for one in modules.get(lot, ())]
    for row in came_programmed(view.tenant, set(packages), view.entry):
        if row.result == "pass":
            found.setdefault(row.package, []).append(Came(row.release, row.happened_at, row.source, row.entry))
    return found


def certainly_by_package(view: View, units: BitMap, packages: Iterable[int]) -> dict[int, BitMap]:
    """Release -> those of these units that certainly run it, for each release that one of the packages came with."""
    if not (view.recorded.package_programmed or view.recorded.module_firmware):
        return {}
    releases = {one.release for ones in came_with(view, packages).values() for one in ones}
    found = {release: units_of_releases(view, [release], False, units).certain & units for release in sorted(releases)}
    return {release: BitMap(some) for release, some in found.items() if some}


def packages_on(view: View, units: BitMap) -> set[int]:
    """Packages that were placed on these units, or put on them since. Two statements."""
    placed = view.rows_by_block(
        "t.package, t.first_unit, t.until_unit", "production_material_run", view.blocks_over(units)
    )
    found = {package for package, first, until in placed if units.range_cardinality(first, until)}
    sql = (
        "SELECT DISTINCT t.installed FROM production_replacement t WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
    )
    rows = reading.fetch(sql + view.seen("t"), (view.tenant, units.min(), units.max() + 1)) if units else []
    return found | {package for (package,) in rows if package is not None}


def releases_named(view: View, numbers: set[int]) -> dict[int, tuple]:
    """Number -> (number, role, version, code of the product, SHA-256, number of the product, security relevant), as of the moment of the question. Two statements at most."""
    said = "t.number, t.role, t.version, c.code, t.sha256, t.product, t.security_relevant"
    of = "FROM firmware_release t JOIN catalog_product c ON c.tenant = t.tenant AND c.number = t.product WHERE t.tenant = %s AND "
    if not numbers:
        return {}
    listed = reading.list_param(sorted(numbers))
    found = {
        row[0]: row for row in reading.fetch(f"SELECT {said} {of}{reading.any_of('t.number')}", (view.tenant, listed))
    }
    if view.entry is not None:
        sql = f"SELECT {said}, t.until_entry, t.entry, t.row {of}t.entry <= %s"
        then = stated_then(reading.fetch(sql, (view.tenant, view.entry)), view.entry)
        found.update((row[0], row) for row in then if row[0] in numbers)
    return found
