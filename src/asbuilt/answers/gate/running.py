"""The firmware that units run now, by their own records and by the packages on them, against what is demanded of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from pyroaring import BitMap

from asbuilt.answers.gate.bounded_versions import AskedFirmware, chains_of, demands_held
from asbuilt.answers.gate.groups import Group
from asbuilt.answers.gate.missing import Around, Missing, came_to, plain
from asbuilt.answers.gate.touched import Touched
from asbuilt.built.programming.demands import demands_of
from asbuilt.designed.changes.controlling.eco import FIRMWARE
from asbuilt.designed.firmware.queries import APP, standing_release, withdrawn_releases
from asbuilt.kernel.spans import opened
from asbuilt.questions.genealogy.evaluating.came_with import certainly_by_package, packages_on, releases_named
from asbuilt.questions.genealogy.evaluating.firmware import units_of_releases
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

AHEAD_REMEDY = "Set the clock that is wrong. Program it again, or correct the record."


def not_running(
    view: View, asked: Around, groups: list[Group], loaded: Touched, runs: Iterable[tuple], now: int
) -> Iterator[Missing]:
    """Firmware that is demanded and missing, that is another, whose last writing failed or has an impossible time, or that was withdrawn; `runs`
    are the firmware runs over the units."""
    running = _running(view, asked.all, runs)
    inside = _inside_packages(view, asked.all, running)
    yield from _withdrawn(asked, [*running.values(), *inside])
    for role, units in loaded.failed().items():
        if found := asked.outer(units):
            said = f"The last programming of {{unit}} ({role}) failed: nobody knows what it runs."
            inside = asked.inside(units)
            yield Missing("firmware_failed", role, found, said, "Program it again.", {"role": role}, inside=inside)
    for role, units in loaded.ahead().items():
        if found := asked.outer(units):
            said = f"The last programming of {{unit}} ({role}) lies ahead of when it was recorded: nobody knows when it was."
            inside = asked.inside(units)
            yield Missing("firmware_ahead", role, found, said, AHEAD_REMEDY, {"role": role}, inside=inside)
    bounded = chains_of(view, sorted({group.product for group in groups}), FIRMWARE)
    for group in groups:
        for demand in demands_of(view.tenant, group.order, group.product, group.revision, now):
            if demand.version:
                for held in demands_held(view, group, demand, bounded.get((group.product, demand.role)), now):
                    yield from _of_demand(
                        view, asked, replace(group, units=held.units), held, running, inside, loaded.loaded_by
                    )


def _of_demand(
    view: View,
    asked: Around,
    group: Group,
    held: AskedFirmware,
    running: "dict[int, _Running]",
    inside: "list[_Running]",
    loaded_by: Mapping[int, int],
) -> Iterator[Missing]:
    nobody, demand = BitMap(), held.demand
    said = (demand.of_product, demand.role, demand.version)
    wanted = next((number for number, one in running.items() if (one.product, one.role, one.version) == said), -1)
    if wanted < 0 and (release := standing_release(view.tenant, *said)):
        wanted = release.number
    of_role = [found.units for found in running.values() if found.role == demand.role]
    lacking = group.units - (running[wanted].units if wanted in running else nobody)
    if lacking and wanted >= 0 and (demand.part or demand.of_product != group.product):
        lacking -= units_of_releases(view, [wanted], False, lacking).certain
    for one in inside:
        if (one.product, one.role, one.version) == said:
            lacking -= one.units
    for one in running.values():  # what another side of a boundary runs, the boundary stops
        if (one.product, one.role) == said[:2] and one.version in held.bounded:
            lacking -= one.units
    other = lacking & nobody.union(*of_role) if of_role else nobody
    facts = {"demand": demand.name, "role": demand.role, "version": demand.version, "by": demand.by}
    name = plain(demand.name)
    for reason, units, said in (
        ("firmware_missing", lacking - other, f"{{unit}} does not run {name}, which is demanded."),
        ("firmware_other", other, f"{{unit}} runs another firmware than {name}, which is demanded."),
    ):
        if found := asked.outer(units):
            came = came_to(asked, {unit: loaded_by[unit] for unit in units if unit in loaded_by})
            remedy, inside = f"Program it with {demand.name}.", asked.inside(units)
            yield Missing(reason, demand.role, found, said, remedy, facts, came, demand.entry, inside)


@dataclass(frozen=True)
class _Running:
    """A release that units run now."""

    product: str
    role: str
    version: str
    units: BitMap = field(hash=False)
    withdrawn: bool


def _running(view: View, units: BitMap, runs: Iterable[tuple]) -> dict[int, _Running]:
    """Release -> the units that run it. One statement at most."""
    found: dict[int, BitMap] = defaultdict(BitMap)
    for release, *run in runs:
        found[release] |= opened(*run) & units
    sql = (
        "SELECT f.number, c.code, f.role, f.version, EXISTS (SELECT 1 FROM firmware_release_state w WHERE w.tenant = f.tenant AND w.product = c.code "
        f"AND coalesce(nullif(w.role, ''), '{APP}') = coalesce(nullif(f.role, ''), '{APP}') AND w.version = f.version AND w.state = 'withdrawn' "
        "AND w.until_entry IS NULL) FROM firmware_release f JOIN catalog_product c ON c.tenant = f.tenant "
        "AND c.number = f.product WHERE f.tenant = %s AND " + reading.any_of("f.number")
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(found)))) if found else []
    return {
        number: _Running(product, role or APP, version, found[number], bool(gone))
        for number, product, role, version, gone in rows
    }


def _withdrawn(asked: Around, running: list[_Running]) -> Iterator[Missing]:
    for one in running:
        if one.withdrawn and (found := asked.outer(one.units)):
            said = f"{{unit}} runs {one.version}, which was withdrawn."
            facts = {"version": one.version, "product": one.product, "role": one.role}
            remedy, inside = "Program it with a release that stands.", asked.inside(one.units)
            yield Missing("firmware_withdrawn", one.version, found, said, remedy, facts, inside=inside)


def _inside_packages(view: View, units: BitMap, running: dict[int, _Running]) -> list[_Running]:
    """What units run because a package on them came with it, not by a record of their own. No statement where none ever did."""
    if not (view.recorded.package_programmed or view.recorded.module_firmware):
        return []
    found = certainly_by_package(view, units, packages_on(view, units))
    named = releases_named(view, set(found))
    for release in found.keys() & running.keys():
        found[release] -= running[release].units
    gone = withdrawn_releases(view.tenant) if found else set()
    said = {one: (named[one][3], named[one][1] or APP, named[one][2]) for one in found}
    return [_Running(*said[one], some, said[one] in gone) for one, some in found.items() if some]
