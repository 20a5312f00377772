"""What an instrument found out of tolerance puts in doubt: which results, which units, and the question that asks for them.

Results are the test runs and the process runs made at the stations and machines where the instrument stood, from its last
good calibration until it was left in tolerance again. The question is one of the language, so that it can be asked, narrowed, frozen
and held by: `passed:OV1@a..b or tested:ICT-1@a..b`. A run of several units that only touches the span makes them possible.
"""

from dataclasses import dataclass
from datetime import datetime

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.calibrations import Doubt, doubt_of
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.instants import format_instant
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.evaluate import what_is_meant
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Condition, Moment, Or, Pass, Term, Value, Window
from asbuilt.questions.genealogy.words.saying import unparse
from asbuilt.storage import reading

RESULTS_MAX = 500
EVER_AT = 2**62


@dataclass(frozen=True)
class TestedThere:
    """A test run made at one of the stations; unit by its name."""

    __test__ = False

    unit: str
    plan: str
    station: str
    outcome: str
    started_at: int
    finished_at: int | None


@dataclass(frozen=True)
class PassedThere:
    """A process run made at one of the machines: over how many units, from the first to the last by name."""

    step: str
    side: str
    machine: str
    first: str
    last: str
    units: int
    started_at: int
    finished_at: int


@dataclass(frozen=True)
class InDoubt:
    """What is in doubt. Lists hold the first 500 results of each kind by time; the counts are of all. `question` is empty where
    nothing was ever done at the instrument's stations."""

    doubt: Doubt
    question: str
    certain: int
    possible: int
    tests: tuple[TestedThere, ...]
    tests_total: int
    passes: tuple[PassedThere, ...]
    passes_total: int


def out_of_tolerance(actor: Actor, instrument: str, found_at: int | None = None) -> InDoubt:
    """What the last finding out of tolerance of an instrument (or that of an instant) puts in doubt. About 12 statements.

    NotFound: no such instrument. Refused: it was never found so.
    """
    with reading.snapshot():
        view = view_of(actor)
        if view.visible is not None:
            raise NotFound(
                "production.instrument_unknown", f"There is no instrument {instrument[:200]}.", {}, "Look at its code."
            )
        doubt = doubt_of(view.tenant, instrument, found_at)
        floor = FloorNames(view.tenant)
        stations, machines = (
            {place: floor.known(kind)[place] for place in doubt.places if place in floor.known(kind)}
            for kind in ("station", "machine")
        )
        tree = _question(doubt, floor, sorted(machines), sorted(stations))
        units = what_is_meant(view, unparse(tree)) if tree else None
        tests, tests_total = _tests(view, doubt, list(stations.values()))
        passes, passes_total = _passes(view, doubt, list(machines.values()))
    counts = units.counts() if units is not None else {"certain": 0, "possible": 0}
    said = unparse(tree) if tree else ""
    return InDoubt(doubt, said, counts["certain"], counts["possible"], tests, tests_total, passes, passes_total)


def _question(doubt: Doubt, floor: FloorNames, machines: list[str], stations: list[str]):
    """The parts that name something; a bracket says which where a step or a plan has the same name."""
    window = Window(_moment(doubt.since), _moment(doubt.until))
    window = window if window.low or window.high else None
    parts = []
    for term, names, same, kind in (
        ("passed", machines, floor.known("step"), "machine"),
        ("tested", stations, floor.known("plan"), "station"),
    ):
        for name in names:
            only = (Condition(Value(kind), (Value(name),)),) if name in same else ()
            parts.append(Term(term, (Pass((Value(name),), only, window),)))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Or(tuple(parts))


def _moment(instant: int | None) -> Moment | None:
    if instant is None:
        return None
    text = format_instant(instant).replace(".000000Z", "Z")
    return Moment(datetime.fromisoformat(text), text)


def _ends(doubt: Doubt) -> tuple[int, int]:
    return doubt.since or 0, EVER_AT if doubt.until is None else doubt.until


def _tests(view: View, doubt: Doubt, stations: list[int]) -> tuple[tuple[TestedThere, ...], int]:
    sql = (
        "FROM quality_test_run t WHERE t.tenant = %s AND "
        + reading.any_of("t.station")
        + " AND t.finished_at >= %s AND t.started_at <= %s"
        + view.seen("t")
    )
    params = (view.tenant, reading.list_param(stations), *_ends(doubt))
    total = reading.fetch_one("SELECT count(*) " + sql, params)[0] if stations else 0
    columns = "SELECT t.unit, t.plan, t.station, t.outcome, t.started_at, t.finished_at "
    rows = reading.fetch(f"{columns}{sql} ORDER BY t.started_at, t.unit LIMIT {RESULTS_MAX}", params) if total else []
    floor = FloorNames(view.tenant).names(n for row in rows for n in row[1:3])
    names = names_of(view, BitMap(row[0] for row in rows))
    return tuple(
        TestedThere(names[unit], floor[plan], floor[station], OUTCOME_WORDS[outcome], began, ended)
        for unit, plan, station, outcome, began, ended in rows
    ), total


def _passes(view: View, doubt: Doubt, machines: list[int]) -> tuple[tuple[PassedThere, ...], int]:
    sql = (
        "FROM production_process_run p WHERE p.tenant = %s AND "
        + reading.any_of("p.machine")
        + " AND p.finished_at >= %s AND p.started_at <= %s"
        + view.seen("p")
    )
    params = (view.tenant, reading.list_param(machines), *_ends(doubt))
    total = reading.fetch_one("SELECT count(*) " + sql, params)[0] if machines else 0
    columns = "SELECT p.step, p.side, p.machine, p.first_unit, p.until_unit, p.started_at, p.finished_at "
    rows = reading.fetch(f"{columns}{sql} ORDER BY p.started_at, p.number LIMIT {RESULTS_MAX}", params) if total else []
    floor = FloorNames(view.tenant).names(n for row in rows for n in (row[0], row[2]))
    names = names_of(view, BitMap(unit for row in rows for unit in (row[3], row[4] - 1)))
    return tuple(
        PassedThere(floor[step], side, floor[machine], names[first], names[until - 1], until - first, began, ended)
        for step, side, machine, first, until, began, ended in rows
    ), total
