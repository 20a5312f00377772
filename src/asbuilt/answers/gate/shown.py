"""What has to be shown for units before they leave: the route is complete, every required test plan passed, the firmware is the one demanded,
what measured was calibrated.

A test plan is required where a version of it is in force for the product and the revision (one for another revision takes none of these units out); one that was taken back without a successor stops
them (`not_asked`, which says too what nobody asks for). Of a plan for one of
fifty units those need it that the plan draws by their names (`kernel.test_plans`), as at the station; a unit that failed its last run of any plan stays whichever it is. A run counts where it passed, by the version in force, or the one
that the boundary of an ECO says holds for the unit (the one that it names, else the one in force when it began), with every needed step told and every value of the plan's steps within its
limits, with the firmware that the unit runs now, and began after the last rework on it: a replacement, a repair, an approved disposition to
rework or repair. A run made while nothing was loaded counts as one of the bare hardware where no step of the plan proves a requirement;
else it has to be made again once the firmware is there. An image whose last writing failed counts as none.

A packing step of the route is not asked for: it is what happens here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.answers.gate.bounded_versions import AskedPlan, chains_of, plans_held
from asbuilt.answers.gate.calibrated import Stations, fixture_of
from asbuilt.answers.gate.groups import Group
from asbuilt.answers.gate.machine_times import READINGS, Told, by_our_clock, laid
from asbuilt.answers.gate.missing import Around, Missing, came_to, plain
from asbuilt.answers.gate.not_asked import CALIBRATION_UNKNOWN, no_route, of_plans, plans_of
from asbuilt.answers.gate.repeated import repeated
from asbuilt.answers.gate.running import not_running
from asbuilt.answers.gate.stops import is_packing
from asbuilt.answers.gate.touched import Touched
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.intake.mark_readings import units_without_read_mark
from asbuilt.built.quality.checked import version_run
from asbuilt.built.quality.doubts import Passes
from asbuilt.built.quality.outcomes import FAIL, OUTCOME_WORDS
from asbuilt.designed.catalog.routings import Begun, Routing, Ways
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.designed.catalog.test_plans import Version, plans_of_products
from asbuilt.designed.changes.controlling.eco import TEST_PLAN
from asbuilt.formats.results.said import AHEAD_SECONDS
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.test_plans import NUMERIC
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.serials import drawn_as
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

REPAIR_READING = "repair1"
"""What a process run that repaired something tells of, whoever wrote it (CFX UnitsRepaired, WATS type R)."""


def unshown(view: View, asked: Around, groups: list[Group], runs: Iterable[tuple]) -> Iterator[Missing]:
    """Everything that is not shown of these units; `runs` are the firmware runs over them."""
    now = clock.now()
    passes = view.rows_reached(PASS_COLUMNS, "production_process_run", view.reaches(asked.all))
    last, failures = _last_tests(view, asked.all)
    stations = {run[4] for runs in last.values() for run in runs.values() if run[4] is not None}
    names = FloorNames(view.tenant).names({*(row[0] for row in passes), *last, *stations})
    through = _through(view, passes, names)
    yield from _routes(view, asked, groups, through, now)
    loaded = Touched(view, asked.all, through.repairs, asked.top)
    measured = Stations(view, {number: names[number] for number in stations})
    yield from _tests(view, asked, groups, loaded, last, names, measured, now)
    yield from repeated(view, asked, names, failures, last, loaded.reworked)
    yield from not_running(view, asked, groups, loaded, runs, now)
    yield from _marks(view, asked, groups)


def _marks(view: View, asked: Around, groups: list[Group]) -> Iterator[Missing]:
    """Marks of products that want them read back at some step: leaving is behind every step. A statement a product."""
    rules = {group.block.product: mark_rule(view.tenant, group.block.product) for group in groups}
    for group in groups:
        wanted = rules[group.block.product].read_back
        unread = units_without_read_mark(view.tenant, group.units) if wanted else BitMap()
        if found := asked.outer(unread):
            said = "The mark of {unit} was not read back as its own."
            remedy = "Read it at the marking station; mark the unit anew where it is wrong or unreadable."
            facts = {"before": wanted}
            yield Missing("mark_not_read", wanted, found, said, remedy, facts, inside=asked.inside(unread))


# ---- the route


@dataclass(frozen=True)
class _Through:
    """(step, side) -> units whose last run of it completed, and units that ran it at all; side "" is any. Repairs: spans, when, and the
    entry; `failed`: spans of failed runs by step and side, with the entry."""

    done: dict[tuple[str, str], BitMap]
    ran: dict[tuple[str, str], BitMap]
    repairs: list[tuple[int, int, int, int]]
    begun: list[tuple[int, int, int, int]]  # (started at, entry, first unit, until unit) of each pass
    failed: dict[tuple[str, str], list[tuple[int, int, int]]]

    def failed_by(self, key: tuple[str, str], units: BitMap) -> dict[int, int]:
        """Unit -> the last entry with which a failed run of this step and side came in."""
        found: dict[int, int] = {}
        for first, until, entry in self.failed.get(key, ()):
            found |= {unit: max(entry, found.get(unit, 0)) for unit in units & BitMap(range(first, until))}
        return found


def _routes(view: View, asked: Around, groups: list[Group], through: _Through, now: int) -> Iterator[Missing]:
    ways = {group.block.revision: Ways(view.tenant, group.block.revision, now) for group in groups}
    done, ended, nobody = through.done, through.ran, BitMap()
    for group, way, units in _by_way(groups, ways, through):
        if way is None:
            yield from no_route(asked, group)
        for step in way.steps if way else ():
            if step.optional or is_packing(step.step):
                continue
            key = (step.step, step.side)
            open_ = units - done.get(key, nobody)
            where = f" at {step.place}" if step.place else ""
            facts = {"step": step.name, "place": step.place, "missing": [{"step": step.name, "place": step.place}]}
            name = plain(step.name)
            ran = ended.get(key, nobody)
            if failed := asked.outer(open_ & ran):
                said = f"{{unit}} did not complete {name}{where}."
                came = came_to(asked, through.failed_by(key, open_))
                remedy = f"Take it to {step.name}{where} again."
                inside = asked.inside(open_ & ran)
                yield Missing("step_failed", step.name, failed, said, remedy, facts, came, inside=inside)
            if skipped := asked.outer(open_ - ran):
                said = f"{name}{where} is not recorded of {{unit}}."
                remedy, inside = f"Take it to {step.name}{where} first.", asked.inside(open_ - ran)
                yield Missing("route_open", step.name, skipped, said, remedy, facts, inside=inside)


def _by_way(
    groups: list[Group], ways: dict[int, Ways], through: _Through
) -> Iterator[tuple[Group, Routing | None, BitMap]]:
    """Each group with the ways that its units go, by when they were begun, and those units."""
    for group in groups:
        mine = ways[group.block.revision]
        if mine.always_one:
            yield group, mine.now, group.units
            continue
        left, found = group.units, {}
        for at, entry, first, until in sorted(through.begun):
            if here := left & BitMap(range(first, until)):
                way = mine.of(Begun(at, entry))
                found.setdefault(id(way), (way, BitMap()))[1].update(here)
                left = left - here
        if left:
            found.setdefault(id(mine.now), (mine.now, BitMap()))[1].update(left)
        for way, units in found.values():
            yield group, way, units


PASS_COLUMNS = (
    f"t.step, t.side, t.first_unit, t.until_unit, t.result, CASE WHEN t.readings LIKE '%%\"{REPAIR_READING}\"%%' THEN 1 ELSE 0 END, "
    f"t.finished_at, t.entry, t.number, t.started_at, {READINGS}"
)


def _through(view: View, rows: list[tuple], names: dict[int, str]) -> _Through:
    """What units ran, of rows with PASS_COLUMNS, in the order in which it counts."""
    found = _Through(defaultdict(BitMap), defaultdict(BitMap), [], [], defaultdict(list))
    ended = laid(
        view,
        [
            Told(first, until, by_our_clock(at, readings), entry, bool(repair) or result != "completed")
            for _, _, first, until, result, repair, at, entry, _, _, readings in rows
        ],
    )
    for at, entry, _, row in sorted(zip(ended, (row[7] for row in rows), (row[8] for row in rows), rows, strict=True)):
        step, side, first, until, result, repair, *_, began, readings = row
        found.begun.append((by_our_clock(began, readings), entry, first, until))
        if repair:
            found.repairs.append((first, until, at, entry))
        for key in {(names[step], side), (names[step], "")}:  # a step of the route without a side is done on any
            found.ran[key].add_range(first, until)
            if result == "completed":
                found.done[key].add_range(first, until)
            else:
                found.done[key].remove_range(first, until)
                found.failed[key].append((first, until, entry))
    return found


# ---- tests


_LastTests = dict[int, dict[int, tuple]]


def _tests(
    view: View, asked: Around, groups: list[Group], loaded: Touched, last: _LastTests, names: dict[int, str], stations: Stations,
    now: int,
) -> Iterator[Missing]:  # fmt: skip
    known = plans_of_products(view.tenant, [group.product for group in groups])
    plans = [(group, plans_of(group, known, now)) for group in groups]
    numbers = {names[plan]: plan for plan in last}
    some = any(version.content.every > 1 for _, of_it in plans for version in (*of_it.held, *of_it.gone))
    called = drawn_as(view, BitMap.union(BitMap(), *(group.units for group in groups))) if some else {}
    bounded = chains_of(view, sorted({group.product for group in groups}), TEST_PLAN)
    for group, of_it in plans:
        required = set()
        for version in of_it.held:
            number = numbers.get(version.plan)
            required.add(number)
            runs = last.get(number, {}) if number is not None else {}
            versions, chain = of_it.versions[version.plan], bounded.get((group.product, version.plan))
            for held in plans_held(view, group, version, versions, chain, now):
                yield from _of_plan(
                    asked, replace(group, units=held.units), held, versions, runs, loaded, stations, called
                )
        yield from of_plans(asked, group, of_it.held, of_it.gone, called)
        yield from _failed_elsewhere(asked, group, required, names, last)


def _last_tests(view: View, units: BitMap) -> tuple[_LastTests, dict[tuple[int, int], list[tuple[int, int]]]]:
    """Plan -> unit -> (finished, started, version, outcome, station, measurements, late, entry) of its last run; and (plan, unit) -> when it failed, with the entry. One
    statement for each joined span.

    A failure that came in after a pass stands before it whatever its clock says (`late`), until a pass later by arrival and by time: a slow
    clock hides no failure. A run corrected or read anew came in when it first did."""
    sql = (
        (
            "SELECT CASE WHEN t.outcome = 0 THEN t.entry ELSE (SELECT min(e.entry) FROM quality_test_run e WHERE e.tenant = t.tenant "
            "AND e.unit = t.unit AND e.plan = t.plan AND e.started_at = t.started_at) END, t.plan, t.unit, t.finished_at, t.started_at, "
            "t.plan_version, t.outcome, t.station, t.measurements FROM quality_test_run t WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
        )
        + view.seen("t")
        + ' ORDER BY t.finished_at, t.entry, t."row"'
    )
    found: dict[int, dict[int, tuple]] = defaultdict(dict)
    unanswered: dict[tuple[int, int], tuple[int, tuple]] = {}
    failures: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
    latest = clock.now() + AHEAD_SECONDS * 1_000_000
    for low, high in joined(units):
        for came, plan, unit, *run in reading.fetch(sql, (view.tenant, low, high)):
            passed = OUTCOME_WORDS[run[3]] == "pass"
            # a pass that a table lays into the future would stand before every failure until then
            if unit in units and (run[0] <= latest or not passed):
                found[plan][unit] = (*run, False, came)
                before = unanswered.get((plan, unit))
                if run[3] == FAIL:
                    failures[plan, unit].append((run[0], came))
                if not passed and (before is None or came >= before[0]):
                    unanswered[plan, unit] = (came, tuple(run))
                elif passed and before is not None and came >= before[0]:
                    del unanswered[plan, unit]
    for (plan, unit), (came, run) in unanswered.items():
        if OUTCOME_WORDS[found[plan][unit][3]] == "pass":
            found[plan][unit] = (*run, True, came)
    return found, failures


def _of_plan(
    asked: Around, group: Group, held: AskedPlan, versions: list[Version], runs: dict[int, tuple], loaded: Touched,
    stations: Stations, called: dict[int, str],
) -> Iterator[Missing]:  # fmt: skip
    version = held.version
    bare, passes = not any(step.proves for step in version.content.steps), Passes(version.content)
    numeric = any(step.kind == NUMERIC for step in version.content.steps)
    wrong: dict[tuple[str, str], BitMap] = defaultdict(BitMap)
    needed = group.units
    if version.content.every > 1:
        needed = BitMap(unit for unit in needed if version.content.samples(called[unit]))
    tested = BitMap(runs) & group.units
    wrong["test_missing", ""] = needed - tested
    for unit in tested:
        ended, began, named, outcome, station, measured, late, came = runs[unit]
        if OUTCOME_WORDS[outcome] != "pass":
            at = f" at {format_instant(ended)[:16]}Z" if late else ""
            wrong["failed_late" if late else "test_failed", OUTCOME_WORDS[outcome] + at].add(unit)
            continue
        if unit not in needed:
            continue
        by = named or getattr(version_run(versions, "", began, group.revision), "version", "")
        if by != version.version:
            if by not in held.bounded:  # else the boundary stops it, or a concession of the boundary let it pass
                wrong["test_version", by or "none"].add(unit)
        elif why := passes.why_not(measured):
            wrong["test_in_doubt", why].add(unit)
        before = loaded.on(unit, began)
        if before != loaded.on(unit) and (before or not bare):
            wrong["test_before_firmware", ""].add(unit)
        if began < loaded.reworked.get(unit, began):
            wrong["test_before_rework", ""].add(unit)
        fixture = fixture_of(measured)
        if fault := stations.fault(station, began) or (fixture and fixture.fault(began)):
            wrong["calibration", fault].add(unit)
        elif numeric and fixture is None and not stations.known(station, began):
            wrong[CALIBRATION_UNKNOWN, stations.names.get(station, "")].add(unit)
    for (reason, detail), units in wrong.items():
        if found := asked.outer(units):
            said = _words(reason, detail, version.plan, version.version, found)
            entries = _entries(reason, units & tested, runs, loaded, stations)
            since = max((one.entry for one in version.decisions), default=0) if reason in BY_APPROVAL else 0
            yield replace(said, came=came_to(asked, entries), since=since, inside=asked.inside(units))


BY_APPROVAL = ("test_missing", "test_version")


def _entries(reason: str, units: BitMap, runs: dict[int, tuple], loaded: Touched, stations: Stations) -> dict[int, int]:
    """Unit -> the entry with which what is against it came in: its last run, what was done to it since, or what was said of an instrument."""
    if reason in ("test_before_firmware", "test_before_rework"):
        done = loaded.loaded_by if reason == "test_before_firmware" else loaded.reworked_by
        return {unit: done.get(unit, 0) for unit in units}
    if reason == "calibration":
        return {unit: max(runs[unit][7], stations.fault_came(runs[unit][4], runs[unit][1])) for unit in units}
    return {unit: runs[unit][7] for unit in units}


def _failed_elsewhere(
    asked: Around, group: Group, required: set[int | None], names: dict[int, str], last: dict[int, dict[int, tuple]]
) -> Iterator[Missing]:
    """Plans that are not required of these units, as nobody approved them or they are for others: whoever failed one last does not leave."""
    for plan, runs in last.items():
        if plan in required:
            continue
        failed = {unit: run[7] for unit, run in runs.items() if OUTCOME_WORDS[run[3]] != "pass" and unit in group.units}
        if found := asked.outer(BitMap(failed)):
            said = _words("test_failed", "fail", names.get(plan, ""), "", found)
            yield replace(said, came=came_to(asked, failed), inside=asked.inside(BitMap(failed)))


def _words(reason: str, detail: str, plan: str, version: str, units: BitMap) -> Missing:
    of, to_do = f"{plan} {version}".strip(), f"Test it with {plan} {version}".strip()
    said, remedy = {
        "test_missing": (f"{of} is not recorded of {{unit}}.", f"{to_do} first."),
        "test_failed": (
            f"The last {plan} of {{unit}} ended as {detail}.",
            f"{to_do} again; a failure is looked into first.",
        ),
        "failed_late": (
            f"A {plan} of {{unit}} ended as {detail} by its own clock, and came in after the pass.",
            f"Look at the clock of the tester. {to_do} again; withdraw the run where its time or its unit is wrong.",
        ),
        "test_version": (f"{{unit}} passed {plan} by version {detail}; {version} is in force.", f"{to_do}."),
        "test_in_doubt": (f"{of} says that {{unit}} passed, and {detail}.", f"{to_do} again."),
        "test_before_firmware": (f"{{unit}} passed {of} before its firmware was loaded.", f"{to_do} again."),
        "test_before_rework": (f"{{unit}} passed {of} before it was reworked.", f"{to_do} again."),
        CALIBRATION_UNKNOWN: (
            f"Calibration not known: {{unit}} passed {of} at {detail}, where no instrument is registered."
            if detail
            else f"Calibration not known: nothing says at which station {{unit}} passed {of}.",
            "Have the run name its station, and record the calibration of what measures there.",
        ),
        "calibration": (
            f"{{unit}} passed {of} where {detail}.",
            f"{to_do} again, at an instrument whose calibration holds.",
        ),
    }[reason]
    braces = str.maketrans({"{": "{{", "}": "}}"})
    said = "{unit}".join(part.translate(braces) for part in said.split("{unit}"))
    facts = {"plan": plan, "version": version, "detail": detail}
    return Missing(_OF.get(reason, reason), plan, units, said, remedy, facts)


_OF = {"failed_late": "test_failed"}
"""Words of their own for what the gate calls the same."""
