"""What one unit runs: by role, by its own last successful record, or as the package came programmed that it carries: by order, by
a supplier, or as its maker's modules of that lot are said to come."""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.carried import Position
from asbuilt.built.programming.queries import firmware_of_unit, may_run, records_of_unit
from asbuilt.designed.firmware.queries import APP, ranks
from asbuilt.kernel.spans import CERTAIN, POSSIBLE
from asbuilt.questions.genealogy.evaluating.came_with import Came, came_with, releases_named
from asbuilt.questions.genealogy.evaluating.tool_only import weak_attempts
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class FirmwareSeen:
    """A release on a unit. `package` is the one it came with, or empty; `newer` the newest release of product and role; `since`
    None: as the maker's module came. `source`: station, supplier, field or maker, empty where nobody said. `ahead`: `since` lay
    ahead of when it was recorded, so nobody knows when it was."""

    role: str
    version: str
    product: str
    sha256: str
    since: int | None
    grade: str
    package: str = ""
    newer: str = ""
    security_relevant: bool = False
    source: str = ""
    ahead: bool = False


@dataclass(frozen=True)
class CameSeen:
    """An image that a package on the unit came with, at any time: `at` None where so from the maker; `entry` says so."""

    role: str
    version: str
    product: str
    sha256: str
    at: int | None
    source: str
    package: str
    entry: int
    sure: bool


def runs_on(view: View, unit: int, positions: dict[str, Position]) -> list[FirmwareSeen]:
    """Firmware by role, app first. Nine statements, one a role and one for each maker's part with firmware of its own."""
    own = firmware_of_unit(view.tenant, unit, view.entry)
    last = {row.release: row for row in records_of_unit(view.tenant, unit, view.entry) if row.result == "pass"}
    doubt = may_run(view.tenant, unit, view.entry) if view.recorded.last_in_doubt else {}
    mine = [(role, number) for role, release in own.items() for number in sorted({release, *doubt.get(role, ())})]
    carried = {
        package for one in positions.values() if one.now for package in one.now.candidates if package is not None
    }
    came = came_with(view, carried)
    said = releases_named(
        view, {*(number for _, number in mine), *(one.release for ones in came.values() for one in ones)}
    )
    weak = weak_attempts(view, BitMap([unit]))
    found = [
        _seen(
            view,
            said[number],
            POSSIBLE
            if role in doubt or (number in last and (unit, last[number].happened_at, role) in weak)
            else CERTAIN,
            last.get(number) and last[number].happened_at,
            last.get(number) and last[number].source,
            ahead=number in last and last[number].ahead,
        )
        for role, number in mine
        if number in said
    ]
    newest: dict[tuple[str, int], list[Came]] = {}
    for package, ones in came.items():
        for one in ones:
            if one.release in said:
                _put(newest.setdefault((said[one.release][1] or APP, package), []), one)
    for (role, package), ones in newest.items():
        written = last.get(own.get(role, 0))
        for one in ones:
            if role in own and (one.at is None or written is None or written.happened_at >= one.at):
                continue
            grade = _grade(positions, role, package, newest)
            found.append(_seen(view, said[one.release], grade, one.at, one.source, _code(view, package)))
    return sorted(
        {(one.role, one.version, one.package): one for one in found}.values(),
        key=lambda one: (one.role != APP, one.role, one.version),
    )


def came_inside(view: View, positions: dict[str, Position]) -> list[CameSeen]:
    """Everything that the packages on the unit came with, the newest first, what their makers say last."""
    carried = {
        package for one in positions.values() if one.now for package in one.now.candidates if package is not None
    }
    came = came_with(view, carried)
    said = releases_named(view, {one.release for ones in came.values() for one in ones})
    found = []
    for package, ones in came.items():
        for one in ones:
            if one.release in said:
                _, role, version, product, sha256, *_ = said[one.release]
                image = (role or APP, version, product, bytes(sha256).hex())
                found.append(CameSeen(*image, one.at, one.source, _code(view, package), one.entry, one.sure))
    return sorted(found, key=lambda one: (one.at is None, -(one.at or 0), one.package, one.role))


def _put(known: list[Came], one: Came) -> None:
    """Several rows of the maker may hold of a lot that is not known; whoever programmed it since goes before them all."""
    if one.at is not None:
        known.clear()
    known.append(one)


def _grade(positions: dict[str, Position], role: str, package: int, newest: dict[tuple[str, int], list[Came]]) -> str:
    """Certain where, at some position, every candidate surely came with the same release."""
    (mine, *more) = newest[role, package]
    if more or not mine.sure:
        return POSSIBLE
    for one in positions.values():
        if one.now and package in one.now.candidates and None not in one.now.candidates:
            others = [newest.get((role, other), ()) for other in one.now.candidates]
            if all(len(came) == 1 and came[0].sure and came[0].release == mine.release for came in others):
                return CERTAIN
    return POSSIBLE


def _seen(
    view: View, row: tuple, grade: str, since: int | None, source: str | None, package: str = "", ahead: bool = False
) -> FirmwareSeen:
    number, role, version, product, sha256, product_number, security = row
    places = ranks(view.tenant, product_number, role, view.entry)
    newest = max(places, key=lambda one: places[one]) if places else number
    newer = ""
    if places.get(newest, 0) > places.get(number, 0) > 0:
        newer = releases_named(view, {newest})[newest][2]
    return FirmwareSeen(
        role or APP,
        version,
        product,
        bytes(sha256).hex(),
        since,
        grade,
        package,
        newer,
        bool(security),
        source or "",
        ahead,
    )


def _code(view: View, package: int) -> str:
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND number = %s"
    return reading.fetch_one(sql, (view.tenant, package))[0]
