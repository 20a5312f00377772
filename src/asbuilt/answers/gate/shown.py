"""What has to be shown for units before they leave: the route is complete, every required test plan passed, the firmware is the one demanded,
what measured was calibrated.

A test plan is required where a version of it is in force for the product and the revision. Of a plan for every fiftieth unit the 1st, 51st …
of an order needs it; a unit that failed its last run stays whichever it is. A run counts where it passed, by the version in force, with
the firmware that the unit runs now, and began after the last replacement on it. A run made while nothing was loaded counts as one of the
bare hardware where no step of the plan proves a requirement; else it has to be made again once the firmware is there.

A packing step of the route is not asked for: it is what happens here.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.answers.gate.missing import Around, Missing
from asbuilt.answers.gate.stops import is_packing
from asbuilt.built.production.calibrations import BAD, GOOD, CalibrationRow, calibrations
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.programming.demands import demands_of
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.designed.catalog.routings import routing_in_force
from asbuilt.designed.catalog.test_plans import Version, all_versions, in_force
from asbuilt.designed.firmware.queries import APP, standing_release, withdrawn_releases
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import opened
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.came_with import certainly_by_package, packages_on, releases_named
from asbuilt.questions.genealogy.firmware import runs_over, units_of_releases
from asbuilt.questions.genealogy.view import BlockRow, View, joined
from asbuilt.storage import reading


@dataclass(frozen=True)
class Group:
    """Units of one order, product and revision."""

    block: BlockRow
    order: str
    product: str
    revision: str
    units: BitMap = field(hash=False)
    places: dict[tuple[int, int], int] = field(
        default_factory=dict, hash=False
    )  # block -> how many of the order lie before it

    def every(self, count: int) -> BitMap:
        """Every so many of them, along the order, beginning with its first."""
        if count == 1:
            return self.units
        found = BitMap()
        for block, before in self.places.items():
            found |= BitMap(range(block[0] + -before % count, block[1], count))
        return found & self.units


def groups_of(view: View, units: BitMap) -> list[Group]:
    """The units by order, product and revision. Two statements."""
    reaches = view.reaches(units)
    sql = (
        "SELECT b.work_order, b.product, b.revision, o.code, c.code, r.code, b.first_unit, b.until_unit FROM production_block b "
        "JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
        "JOIN catalog_product c ON c.tenant = b.tenant AND c.number = b.product "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision WHERE b.tenant = %s AND "
        + reading.any_of("b.work_order") + view.seen("b") + view.seen("o") + " ORDER BY b.first_unit"
    )  # fmt: skip
    orders = sorted({block.order for block, _, _ in reaches})
    rows = reading.fetch(sql, (view.tenant, reading.list_param(orders))) if orders else []
    names = {row[:3]: row[3:6] for row in rows}
    before: dict[int, int] = defaultdict(int)
    places: dict[int, dict[tuple[int, int], int]] = defaultdict(dict)
    for order, *_, first, until in rows:
        places[order][first, until] = before[order]
        before[order] += until - first
    found: dict[tuple, tuple[BlockRow, BitMap]] = {}
    for block, low, until in reaches:
        key = (block.order, block.product, block.revision)
        _, mine = found.setdefault(key, (block, BitMap()))
        mine |= units & BitMap(range(low, until))
    return [Group(block, *names[key], mine, places[key[0]]) for key, (block, mine) in found.items() if key in names]


def unshown(view: View, asked: Around, groups: list[Group]) -> Iterator[Missing]:
    """Everything that is not shown of these units."""
    now = clock.now()
    yield from _routes(view, asked, groups, now)
    loaded = _Loaded(view, asked.all)
    yield from _tests(view, asked, groups, loaded, now)
    yield from _firmware(view, asked, groups, loaded, now)


# ---- the route


def _routes(view: View, asked: Around, groups: list[Group], now: int) -> Iterator[Missing]:
    ways = {group.block.revision: routing_in_force(view.tenant, group.block.revision, now) for group in groups}
    if not any(ways.values()):
        return
    done, ended = _through(view, asked.all)
    nobody = BitMap()
    for group in groups:
        way = ways[group.block.revision]
        for step in way.steps if way else ():
            if step.optional or is_packing(step.step):
                continue
            key = (step.step, step.side)
            open_ = group.units - done.get(key, nobody)
            where = f" at {step.place}" if step.place else ""
            facts = {"step": step.name, "place": step.place, "missing": [{"step": step.name, "place": step.place}]}
            name = step.name.replace("{", "{{").replace("}", "}}")
            if failed := asked.outer(open_ & ended.get(key, nobody)):
                said = f"{{unit}} did not complete {name}{where}."
                yield Missing("step_failed", step.name, failed, said, f"Take it to {step.name}{where} again.", facts)
            if skipped := asked.outer(open_ - ended.get(key, nobody)):
                said = f"{name}{where} is not recorded of {{unit}}."
                yield Missing("route_open", step.name, skipped, said, f"Take it to {step.name}{where} first.", facts)


def _through(view: View, units: BitMap) -> tuple[dict[tuple[str, str], BitMap], dict[tuple[str, str], BitMap]]:
    """(step, side) -> units whose last run of it completed, and units that ran it at all; side "" is any. Two statements."""
    columns = "t.step, t.side, t.first_unit, t.until_unit, t.result, t.finished_at, t.entry, t.number"
    rows = view.rows_reached(columns, "production_process_run", view.reaches(units))
    names = FloorNames(view.tenant).names({row[0] for row in rows})
    done: dict[tuple[str, str], BitMap] = defaultdict(BitMap)
    ran: dict[tuple[str, str], BitMap] = defaultdict(BitMap)
    for step, side, first, until, result, *_ in sorted(rows, key=lambda row: row[5:]):
        for key in {(names[step], side), (names[step], "")}:  # a step of the route without a side is done on any
            ran[key].add_range(first, until)
            if result == "completed":
                done[key].add_range(first, until)
            else:
                done[key].remove_range(first, until)
    return done, ran


# ---- what is loaded


class _Loaded:
    """Successful programming of the units, in order; and when something was last replaced on each."""

    def __init__(self, view: View, units: BitMap):
        # what was replaced stands among what was loaded, as a row without a release: one statement for each joined span
        sql = (
            'SELECT p.unit, p.happened_at, p.release, f.role, p.entry, p."row" FROM programming_record p JOIN firmware_release f ON '
            "f.tenant = p.tenant AND f.number = p.release WHERE p.tenant = %s AND p.unit >= %s AND p.unit < %s AND p.result = 0"
            f"{view.seen('p')} UNION ALL SELECT r.unit, r.happened_at, NULL, NULL, r.entry, 0 FROM production_replacement r "
            f"WHERE r.tenant = %s AND r.unit >= %s AND r.unit < %s{view.seen('r')} ORDER BY 2, 5, 6"
        )
        self.records: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
        self.reworked: dict[int, int] = {}
        for span in joined(units):
            for unit, at, release, role, *_ in reading.fetch(sql, (view.tenant, *span, view.tenant, *span)):
                if release is None:
                    self.reworked[unit] = at
                else:
                    self.records[unit].append((at, release, role or APP))

    def on(self, unit: int, at: int | None = None) -> dict[str, int]:
        """Role -> release that the unit runs, now or at an instant."""
        return {role: release for when, release, role in self.records.get(unit, ()) if at is None or when <= at}


# ---- tests


def _tests(view: View, asked: Around, groups: list[Group], loaded: _Loaded, now: int) -> Iterator[Missing]:
    held = {name: in_force(versions, now) for name, versions in all_versions(view.tenant).items()}
    plans = {name: version for name, version in held.items() if version is not None}
    last = _last_tests(view, asked.all)
    if not plans and not last:
        return
    at = {run[4] for runs in last.values() for run in runs.values() if run[4] is not None}
    names = FloorNames(view.tenant).names({*last, *at})
    numbers = {names[plan]: plan for plan in last}
    stations = _Stations(view, {number: names[number] for number in at})
    for group in groups:
        required = [one for one in plans.values() if one.product == group.product]
        for version in required:
            revisions = version.content.revisions
            if not revisions or group.revision in revisions:
                yield from _of_plan(asked, group, version, numbers.get(version.plan), last, loaded, stations)
    yield from _failed_elsewhere(asked, plans, numbers, last)


def _last_tests(view: View, units: BitMap) -> dict[int, dict[int, tuple]]:
    """Plan -> unit -> (finished, started, version, outcome, station) of its last run. One statement for each joined span."""
    sql = (
        (
            "SELECT t.plan, t.unit, t.finished_at, t.started_at, t.plan_version, t.outcome, t.station FROM quality_test_run t "
            "WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
        )
        + view.seen("t")
        + ' ORDER BY t.finished_at, t.entry, t."row"'
    )
    found: dict[int, dict[int, tuple]] = defaultdict(dict)
    for low, high in joined(units):
        for plan, unit, *run in reading.fetch(sql, (view.tenant, low, high)):
            if unit in units:
                found[plan][unit] = tuple(run)
    return found


def _of_plan(
    asked: Around, group: Group, version: Version, number: int | None, last, loaded: _Loaded, stations: "_Stations"
) -> Iterator[Missing]:
    runs = last.get(number, {}) if number is not None else {}
    bare = not any(step.proves for step in version.content.steps)
    wrong: dict[tuple[str, str], BitMap] = defaultdict(BitMap)
    needed = group.every(version.content.every)
    tested = BitMap(runs) & group.units
    wrong["test_missing", ""] = needed - tested
    for unit in tested:
        ended, began, by_version, outcome, station = runs[unit]
        if OUTCOME_WORDS[outcome] != "pass":
            wrong["test_failed", OUTCOME_WORDS[outcome]].add(unit)
            continue
        if unit not in needed:
            continue
        if by_version != version.version:
            wrong["test_version", by_version or "none"].add(unit)
        before = loaded.on(unit, began)
        if before != loaded.on(unit) and (before or not bare):
            wrong["test_before_firmware", ""].add(unit)
        if began < loaded.reworked.get(unit, began):
            wrong["test_before_rework", ""].add(unit)
        if fault := stations.fault(station, began):
            wrong["calibration", fault].add(unit)
    for (reason, detail), units in wrong.items():
        if found := asked.outer(units):
            yield _words(reason, detail, version.plan, version.version, found)


def _failed_elsewhere(asked: Around, plans: dict[str, Version], numbers: dict[str, int], last) -> Iterator[Missing]:
    """Plans that nobody approved, or of other products: a unit whose last run of one failed does not leave."""
    known = {numbers[name] for name in plans if name in numbers}
    names = {number: name for name, number in numbers.items()}
    for plan, runs in last.items():
        if plan in known:
            continue
        failed = BitMap(unit for unit, run in runs.items() if OUTCOME_WORDS[run[3]] != "pass")
        if found := asked.outer(failed):
            yield _words("test_failed", "fail", names.get(plan, ""), "", found)


def _words(reason: str, detail: str, plan: str, version: str, units: BitMap) -> Missing:
    of, to_do = f"{plan} {version}".strip(), f"Test it with {plan} {version}".strip()
    said, remedy = {
        "test_missing": (f"{of} is not recorded of {{unit}}.", f"{to_do} first."),
        "test_failed": (
            f"The last {plan} of {{unit}} ended as {detail}.",
            f"{to_do} again; a failure is looked into first.",
        ),
        "test_version": (f"{{unit}} passed {plan} by version {detail}; {version} is in force.", f"{to_do}."),
        "test_before_firmware": (f"{{unit}} passed {of} before its firmware was loaded.", f"{to_do} again."),
        "test_before_rework": (f"{{unit}} passed {of} before it was reworked.", f"{to_do} again."),
        "calibration": (
            f"{{unit}} passed {of} where {detail}.",
            f"{to_do} again, at an instrument whose calibration holds.",
        ),
    }[reason]
    braces = str.maketrans({"{": "{{", "}": "}}"})
    said = "{unit}".join(part.translate(braces) for part in said.split("{unit}"))
    facts = {"plan": plan, "version": version, "detail": detail}
    return Missing(reason, plan, units, said, remedy, facts)


class _Stations:
    """Which stations measured with instruments that could be believed at an instant. One statement, none without stations."""

    def __init__(self, view: View, names: dict[int, str]):
        self.names = names
        self.rows: dict[str, list[CalibrationRow]] = defaultdict(list)
        for row in calibrations(view.tenant) if names else ():
            self.rows[row.instrument].append(row)
        self._faults: dict[tuple[int, int], str] = {}

    def fault(self, station: int | None, at: int) -> str:
        """What is wrong with an instrument that stood there then; empty where nothing is, or none is known."""
        if station is None or not self.rows:
            return ""
        key = (station, at)
        if key not in self._faults:
            place = self.names.get(station, "")
            faults = (_fault(rows, place, at) for rows in self.rows.values())
            self._faults[key] = next((fault for fault in faults if fault), "")
        return self._faults[key]


def _fault(rows: list[CalibrationRow], place: str, at: int) -> str:
    """`rows` of one instrument, the newest first."""
    before = next((row for row in rows if row.calibrated_at <= at), None)
    if before is None:
        return f"{rows[-1].instrument} was not calibrated yet" if rows[-1].place == place else ""
    if before.place != place:
        return ""
    after = [row for row in reversed(rows) if row.calibrated_at > at]
    if before.as_left == BAD:
        return f"{before.instrument} was out of tolerance"
    if before.valid_until and format_instant(at)[:10] > before.valid_until:
        return f"{before.instrument} was calibrated until {before.valid_until}"
    if after and after[0].as_found == BAD:
        return f"{before.instrument} was found out of tolerance afterwards"
    return "" if before.as_left == GOOD or before.valid_until else f"{before.instrument} was not checked"


# ---- firmware


def _firmware(view: View, asked: Around, groups: list[Group], loaded: _Loaded, now: int) -> Iterator[Missing]:
    nobody, running, gone = BitMap(), _running(view, asked.all), withdrawn_releases(view.tenant)
    inside = _inside_packages(view, asked.all, running) if gone else []
    yield from _withdrawn(asked, gone, [*running.values(), *inside])
    for group in groups:
        for demand in demands_of(view.tenant, group.order, group.product, group.revision, now):
            if not demand.version:
                continue
            said = (demand.of_product, demand.role, demand.version)
            wanted = next(
                (number for number, one in running.items() if (one.product, one.role, one.version) == said), -1
            )
            if wanted < 0 and (release := standing_release(view.tenant, *said)):
                wanted = release.number
            of_role = [found.units for found in running.values() if found.role == demand.role]
            lacking = group.units - (running[wanted].units if wanted in running else nobody)
            if lacking and wanted >= 0 and (demand.part or demand.of_product != group.product):
                lacking -= units_of_releases(view, [wanted], False, lacking).certain
            for one in inside:
                if (one.product, one.role, one.version) == said:
                    lacking -= one.units
            other = lacking & nobody.union(*of_role) if of_role else nobody
            facts = {"demand": demand.name, "role": demand.role, "version": demand.version, "by": demand.by}
            name = demand.name.replace("{", "{{").replace("}", "}}")
            for reason, units, said in (
                ("firmware_missing", lacking - other, f"{{unit}} does not run {name}, which is demanded."),
                ("firmware_other", other, f"{{unit}} runs another firmware than {name}, which is demanded."),
            ):
                if found := asked.outer(units):
                    yield Missing(reason, demand.role, found, said, f"Program it with {demand.name}.", facts)


@dataclass(frozen=True)
class _Running:
    """A release that units run now."""

    product: str
    role: str
    version: str
    units: BitMap = field(hash=False)


def _running(view: View, units: BitMap) -> dict[int, _Running]:
    """Release -> the units that run it. Two statements at most."""
    found: dict[int, BitMap] = defaultdict(BitMap)
    for release, *run in runs_over(view, units):
        found[release] |= opened(*run) & units
    sql = (
        "SELECT f.number, c.code, f.role, f.version FROM firmware_release f JOIN catalog_product c ON c.tenant = f.tenant "
        "AND c.number = f.product WHERE f.tenant = %s AND " + reading.any_of("f.number")
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(found)))) if found else []
    return {number: _Running(product, role or APP, version, found[number]) for number, product, role, version in rows}


def _withdrawn(asked: Around, gone: set[tuple[str, str, str]], running: list[_Running]) -> Iterator[Missing]:
    for one in running:
        if (one.product, one.role, one.version) in gone and (found := asked.outer(one.units)):
            said = f"{{unit}} runs {one.version}, which was withdrawn."
            facts = {"version": one.version, "product": one.product, "role": one.role}
            yield Missing(
                "firmware_withdrawn", one.version, found, said, "Program it with a release that stands.", facts
            )


def _inside_packages(view: View, units: BitMap, running: dict[int, _Running]) -> list[_Running]:
    """What units run because a package on them came with it, not by a record of their own. No statement where none ever did."""
    if not (view.recorded.package_programmed or view.recorded.module_firmware):
        return []
    found = certainly_by_package(view, units, packages_on(view, units))
    named = releases_named(view, set(found))
    for release in found.keys() & running.keys():
        found[release] -= running[release].units
    return [_Running(named[one][3], named[one][1] or APP, named[one][2], some) for one, some in found.items() if some]
