"""Which images some units run, by release and by how sure, and which packages brought them.

Certain and possible are those of the question `firmware:` (design, section 6): by the last successful record of a unit, or because a
package on it came so. `carriers` are the packages whose devices came with it; without any it was written to the unit itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.programming.modules import lot_images
from asbuilt.built.programming.queries import came_programmed
from asbuilt.built.supply.queries import PackageRow
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel.spans import CERTAIN, POSSIBLE
from asbuilt.questions.genealogy.evaluating.firmware import runs_over, units_of_releases
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class FirmwareUse:
    """An image on units: `grade` certain or possible; `sha512` empty where the register did not take it in."""

    release: int
    product: str
    role: str
    version: str
    sha256: str
    sha512: str
    grade: str
    units: BitMap
    carriers: frozenset[int]


def firmware_of(view: View, units: BitMap, carried: dict[int, PackageRow]) -> list[FirmwareUse]:
    """The images on these units; `carried` are the packages that may stand on them. About ten statements a release."""
    brought = _brought(view, carried)
    releases = {release for release, *_ in runs_over(view, units)} | set(brought)
    found = []
    for number, product, role, version, digest, longer in _told(view, releases):
        running = units_of_releases(view, [number], False, units).within(units)
        for grade, mine in ((CERTAIN, running.certain), (POSSIBLE, running.possible - running.certain)):
            if mine:
                image = (number, product, role or APP, version, bytes(digest).hex(), longer or "")
                found.append(FirmwareUse(*image, grade, BitMap(mine), frozenset(brought.get(number, ()))))
    return sorted(found, key=lambda one: (one.product, one.role != APP, one.role, one.version, one.grade))


def _brought(view: View, carried: dict[int, PackageRow]) -> dict[int, set[int]]:
    """Release -> packages that came with it."""
    found: dict[int, set[int]] = {}
    if view.recorded.package_programmed:
        for row in came_programmed(view.tenant, carried, view.entry):
            if row.result == "pass":
                found.setdefault(row.release, set()).add(row.package)
    modules = lot_images(view.tenant, view.entry) if view.recorded.module_firmware else {}
    for number, row in carried.items() if modules else ():
        for image in modules.get(row.lot, ()):
            found.setdefault(image.release, set()).add(number)
    return found


def _told(view: View, releases: Iterable[int]) -> list[tuple]:
    sql = (
        "SELECT t.number, c.code, t.role, t.version, t.sha256, d.sha512 FROM firmware_release t JOIN catalog_product c "
        "ON c.tenant = t.tenant AND c.number = t.product LEFT JOIN firmware_release_draft d ON d.tenant = t.tenant "
        "AND d.product = c.code AND d.role = CASE WHEN t.role = '' THEN 'app' ELSE t.role END AND d.version = t.version "
        "AND d.until_entry IS NULL WHERE t.tenant = %s AND "
    ) + reading.any_of("t.number")
    listed = sorted(releases)
    return reading.fetch(sql, (view.tenant, reading.list_param(listed))) if listed else []
