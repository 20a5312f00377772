"""What one unit runs: by role, by its own last successful record, or as the package came programmed that it carries."""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.carried import Position
from asbuilt.built.programming.queries import came_programmed, firmware_of_unit, records_of_unit
from asbuilt.designed.firmware.queries import APP, ranks
from asbuilt.kernel.spans import CERTAIN, POSSIBLE
from asbuilt.questions.genealogy.tool_only import weak_attempts
from asbuilt.questions.genealogy.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class FirmwareSeen:
    """A release on a unit. `package` is the one it came with, or empty; `newer` the newest release of product and role."""

    role: str
    version: str
    product: str
    sha256: str
    since: int | None
    grade: str
    package: str = ""
    newer: str = ""
    security_relevant: bool = False


def runs_on(view: View, unit: int, positions: dict[str, Position]) -> list[FirmwareSeen]:
    """Firmware by role, app first. Seven statements and one a role."""
    own = firmware_of_unit(view.tenant, unit, view.entry)
    last: dict[int, int] = {}
    for row in records_of_unit(view.tenant, unit, view.entry):
        if row.result == "pass":
            last[row.release] = row.happened_at
    carried = {
        package for one in positions.values() if one.now for package in one.now.candidates if package is not None
    }
    came = [row for row in came_programmed(view.tenant, carried, view.entry) if row.result == "pass"]
    said = _releases(view, {*own.values(), *(row.release for row in came)})
    weak = weak_attempts(view, BitMap([unit]))
    found = [
        _seen(view, said[number], last.get(number), POSSIBLE if (unit, last.get(number), role) in weak else CERTAIN)
        for role, number in own.items()
        if number in said
    ]
    newest: dict[tuple[str, int], object] = {}
    for row in came:
        if row.release in said:
            newest[said[row.release][1] or APP, row.package] = row
    for (role, package), row in newest.items():
        mine = own.get(role)
        if mine is not None and last.get(mine, row.happened_at) >= row.happened_at:
            continue
        found.append(
            _seen(
                view, said[row.release], row.happened_at, _grade(positions, role, package, newest), _code(view, package)
            )
        )
    return sorted(
        {(one.role, one.version, one.package): one for one in found}.values(),
        key=lambda one: (one.role != APP, one.role, one.version),
    )


def _grade(positions: dict[str, Position], role: str, package: int, newest: dict) -> str:
    """Certain where, at some position, every candidate came with the same release."""
    release = newest[role, package].release
    for one in positions.values():
        if one.now and package in one.now.candidates and None not in one.now.candidates:
            others = [newest.get((role, other)) for other in one.now.candidates]
            if all(other is not None and other.release == release for other in others):
                return CERTAIN
    return POSSIBLE


def _releases(view: View, numbers: set[int]) -> dict[int, tuple]:
    sql = (
        "SELECT t.number, t.role, t.version, c.code, t.sha256, t.product, t.security_relevant FROM firmware_release t "
        "JOIN catalog_product c ON c.tenant = t.tenant AND c.number = t.product WHERE t.tenant = %s AND "
    ) + reading.any_of("t.number")
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(numbers)))) if numbers else []
    return {row[0]: row for row in rows}


def _seen(view: View, row: tuple, since: int | None, grade: str, package: str = "") -> FirmwareSeen:
    number, role, version, product, sha256, product_number, security = row
    places = ranks(view.tenant, product_number, role, view.entry)
    newest = max(places, key=lambda one: places[one]) if places else number
    newer = ""
    if places.get(newest, 0) > places.get(number, 0) > 0:
        newer = _releases(view, {newest})[newest][2]
    return FirmwareSeen(
        role or APP, version, product, bytes(sha256).hex(), since, grade, package, newer, bool(security)
    )


def _code(view: View, package: int) -> str:
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND number = %s"
    return reading.fetch_one(sql, (view.tenant, package))[0]
