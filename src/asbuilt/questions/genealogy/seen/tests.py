"""The test history of a unit: every run with its steps, values and limits, what was found, where it came from, what speaks against it.

A step stands beside the limits of the plan where the plan is known; a party reader sees what the tester reported, and nothing of our plans.
"""

import json
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.production.orders import OF_UNIT
from asbuilt.built.quality.checked import version_run
from asbuilt.built.quality.defects import code_of
from asbuilt.built.quality.doubts import SHARED, Doubt, doubts_of
from asbuilt.built.quality.identities import IDENTITIES, holders_of, identities_of
from asbuilt.built.quality.queries import TestRow, tests_of_unit
from asbuilt.built.quality.steps import of_plan, steps_of
from asbuilt.designed.catalog.test_plans import Version, all_versions, not_sampled
from asbuilt.formats.cfx.testing import NO_DEFECT
from asbuilt.formats.measurements import DEFECTS, RUN
from asbuilt.kernel.test_plans import Step
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import Identity, identity_of, unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import drawn_as, names_of
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.attached import pieces_of
from asbuilt.storage import reading

SHOWN_MAX = 2_000
UNITS_NAMED_MAX = 5


@dataclass(frozen=True)
class StepSeen:
    """A step of a run: value and unit as reported, the limits that the tester had, those of the plan, the tester's verdict."""

    name: str
    value: object
    unit: str
    limits: str
    plan_limits: str
    criticality: str
    proves: tuple[str, ...]
    result: str


@dataclass(frozen=True)
class DefectSeen:
    """A defect that a run found: its code, where on the board, how it was verified (rejected: a false call), kind marking or empty.

    `picture_names` are those of its pictures that have a name."""

    code: str
    at: str
    words: str
    x: float | None
    y: float | None
    kind: str
    verification: str
    rejected: bool
    pictures: int
    picture_names: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunSeen:
    """A run: which one of its plan it was, whether it is the last, what it measured, the file it came from (first digits)."""

    plan: str
    version: str
    outcome: str
    started_at: int
    finished_at: int
    station: str
    number: int
    last: bool
    steps: tuple[StepSeen, ...]
    defects: tuple[DefectSeen, ...]
    notes: dict[str, object]
    sub_units: tuple[dict, ...]
    attachments: tuple[dict, ...]
    source: str
    doubts: tuple[Doubt, ...]
    entry: int


@dataclass(frozen=True)
class NotSampled:
    """A version of a plan that tests one of so many units, and not this one."""

    plan: str
    version: str
    every: int


@dataclass(frozen=True)
class TestHistory:
    """Who the unit is, its runs, newest first, and the plans in force that ask for other units."""

    __test__ = False

    who: Identity
    runs: tuple[RunSeen, ...]
    not_sampled: tuple["NotSampled", ...] = ()


def test_history(actor: Actor, code: str, as_of: str | None = None) -> TestHistory:
    """The runs of the unit with this code. NotFound where the reader sees none, Invalid where it names several."""
    with reading.snapshot():
        view = view_of(actor, as_of)
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        rows = tests_of_unit(view.tenant, unit, view.entry)
        names = _names(view, rows)
        shared = _shared(view, unit, rows)
        plans = all_versions(view.tenant) if actor.party is None else {}
        called = drawn_as(view, BitMap([unit]))[unit] if plans else ""
        passed_over = not_sampled(view.tenant, who.product, who.revision, called, clock.now()) if plans else []
        others = [NotSampled(one.plan, one.version, one.content.every) for one in passed_over]
        within = _ever_within(view, unit)
        sql = f"SELECT opened_at FROM production_order WHERE tenant = %s AND number = {OF_UNIT} AND until_entry IS NULL"
        opened = reading.fetch_one(sql, (view.tenant, view.tenant, unit, unit))
    counted: dict[int, int] = {}
    last = {row.plan: place for place, row in enumerate(rows)}
    runs = []
    for place, row in enumerate(rows):
        counted[row.plan] = counted.get(row.plan, 0) + 1
        versions = plans.get(names.get(row.plan, ""), [])
        one = _run(
            row,
            names,
            counted[row.plan],
            last[row.plan] == place,
            versions,
            who.revision,
            within,
            opened[0] if opened else None,
        )
        runs.append(_with_shared(view, one, row, shared))
    return TestHistory(who, tuple(reversed(runs)), tuple(others))


test_history.__test__ = False


def _shared(view: View, unit: int, rows: list[TestRow]) -> dict[str, set[int]]:
    """What the runs showed -> other units that showed the same, as far as the reader sees them. One statement, none without identities."""
    holders = holders_of(view.tenant, {one for row in rows for one in identities_of(row.measurements)}, view.seen("t"))
    return {digest: {one for one in units - {unit} if view.sees(one)} for digest, units in holders.items()}


def _with_shared(view: View, one: RunSeen, row: TestRow, shared: dict[str, set[int]]) -> RunSeen:
    units = BitMap(other for digest in identities_of(row.measurements) for other in shared.get(digest, ()))
    if not units:
        return one
    names = ", ".join(names_of(view, BitMap(units[:UNITS_NAMED_MAX])).values()) + (
        " …" if len(units) > UNITS_NAMED_MAX else ""
    )
    return replace(one, doubts=(*one.doubts, Doubt(SHARED, names)))


def _ever_within(view: View, unit: int) -> set[str]:
    """What units are called that are recorded as inside this one, now or once. One statement."""
    sql = (
        "SELECT n.value FROM production_assembly t JOIN production_unit_name n ON n.tenant = t.tenant AND n.unit = t.child "
        f"WHERE t.tenant = %s AND t.parent = %s{view.seen('t')}{view.seen('n')}"
    )
    return {value for (value,) in reading.fetch(sql, (view.tenant, unit))} if view.has_assemblies else set()


def _names(view: View, rows: list[TestRow]) -> dict[int, str]:
    wanted = sorted({number for row in rows for number in (row.plan, row.station) if number is not None})
    if not wanted:
        return {}
    sql = "SELECT number, name FROM production_floor_name WHERE tenant = %s AND " + reading.any_of("number")
    return dict(reading.fetch(sql, (view.tenant, reading.list_param(wanted))))


def _run(
    row: TestRow,
    names: dict[int, str],
    number: int,
    last: bool,
    versions: list[Version],
    revision: str,
    within: set[str],
    opened_at: int | None,
) -> RunSeen:
    said = json.loads(row.measurements) if row.measurements else {}
    said = said if isinstance(said, dict) else {}
    run = said.get(RUN) if isinstance(said.get(RUN), dict) else {}
    version = version_run(versions, row.plan_version, row.started_at, revision)
    doubts = doubts_of(
        row.measurements,
        outcome=row.outcome,
        plan_version=row.plan_version,
        started_at=row.started_at,
        versions=versions,
        revision=revision,
        opened_at=opened_at,
    )
    inside = tuple(
        one | {"recorded": one.get("serial") in within} for one in run.get("sub_units", ()) if isinstance(one, dict)
    )
    hidden = {"source", "sub_units", "attachments", "files", IDENTITIES}
    return RunSeen(
        names.get(row.plan, ""), row.plan_version, row.outcome, row.started_at, row.finished_at, names.get(row.station or 0, ""), number, last,
        _steps(said, version), _defects(said), {key: value for key, value in run.items() if key not in hidden}, inside,
        tuple(pieces_of(said)), str(run.get("source", "")), tuple(doubts), row.entry,
    )  # fmt: skip


def _steps(said: dict, version: Version | None) -> tuple[StepSeen, ...]:
    taken = steps_of(said)
    planned: dict[str, Step] = {}
    for step in version.content.steps if version else ():
        one = of_plan(step, taken)
        for each in (one, *one.others) if one is not None else ():
            planned[each.name] = step
    found = []
    for name, one in list(taken.items())[:SHOWN_MAX]:
        step = planned.get(name)
        more = (step.limits, step.criticality, step.proves) if step else ("", "", ())
        found.append(StepSeen(name, one.value, one.unit, one.limits, *more, one.result))
    return tuple(found)


def _defects(said: dict) -> tuple[DefectSeen, ...]:
    listed = said.get(DEFECTS)
    found = []
    for one in listed[:SHOWN_MAX] if isinstance(listed, list) else ():
        if isinstance(one, dict):
            pictures = (
                one.get("pictures")
                if isinstance(one.get("pictures"), list)
                else [{"name": one["picture"]}]
                if one.get("picture")
                else []
            )
            names = tuple(str(each["name"])[:200] for each in pictures if isinstance(each, dict) and each.get("name"))
            number = {key: one[key] if isinstance(one.get(key), int | float) else None for key in ("x", "y")}
            word = {key: str(one.get(key) or "") for key in ("at", "description", "kind", "verification")}
            found.append(
                DefectSeen(
                    code_of({**one, "verification": ""}), word["at"], word["description"], number["x"], number["y"], word["kind"], word["verification"],
                    one.get("verification") in NO_DEFECT, len(pictures), names,
                )
            )  # fmt: skip
    return tuple(found)
