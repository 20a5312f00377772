"""Qualification runs by the record: may this order qualify that candidate, and what did its units show?

    start_run(actor, sheet="ALT-1", mpn="LBEE5PK2XX", order="WO-Q1", criteria=[…], why="…")   -> "QR-1"
    judge_run(actor, run="QR-1", verdict="qualified", why="…")                                 the evidence is asked in the same transaction
    run_seen(actor, "QR-1")                                                                    the same evidence as it stands now

Refused: an order that is not there, is begun, has too few or too many units, or whose BOM does not take the part; a plan that nobody approved.
What a criterion of kind `tests` shows are three questions of the question language, kept with their numbers: who carries the candidate for
certain, who of them passed the plan last, who ever failed it. Of those who passed, a pass by a version that nobody approved does not count.
"""

from collections.abc import Mapping, Sequence

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.people import People
from asbuilt.access.rights import RECORD_READ, SOURCING_WORK
from asbuilt.built.production.errors import order_unknown
from asbuilt.built.production.feeding import parts_at
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import OrderRow, Orders
from asbuilt.built.quality.checked import version_run
from asbuilt.built.supply.queries import lots_by_mpn
from asbuilt.designed.catalog.queries import part_codes, product_codes, revision_codes
from asbuilt.designed.catalog.test_plans import in_force, versions_of
from asbuilt.designed.changes.qualifying import runs
from asbuilt.designed.changes.qualifying.actions import alternates as verbs
from asbuilt.designed.changes.qualifying.runs import Criterion, QualificationRun, standing_run, standing_runs
from asbuilt.designed.changes.qualifying.sheets import SHEET, Candidate, Sheet
from asbuilt.designed.changes.said.stating import refuse_party
from asbuilt.kernel.errors import NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import Entry
from asbuilt.questions.genealogy.evaluating.evaluate import units_of
from asbuilt.questions.genealogy.evaluating.part_positions import positions_of_parts
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, View
from asbuilt.questions.genealogy.words import language
from asbuilt.questions.genealogy.words.saying import quoted
from asbuilt.storage import reading

QUALIFICATION_UNITS_MIN, QUALIFICATION_UNITS_MAX = 50, 100


def start_run(
    actor: Actor,
    *,
    sheet: str,
    mpn: str,
    order: str,
    criteria: Sequence[Mapping[str, object]],
    why: str,
    request_key: str | None = None,
) -> str:
    """Qualify a candidate on the units of this order, which nobody has begun; returns the run's code."""
    refuse_party(actor, SHEET, sheet)
    actor.require(SOURCING_WORK)
    found = Orders(actor.tenant).by_code(order)
    if found is None:
        raise order_unknown(order)

    def check(entry: Entry, on: Sheet, _: Candidate) -> None:
        now = Orders(entry.tenant).by_code(order)
        _refuse_order(entry.tenant, now, on.part)
        _refuse_plans(entry.tenant, now, criteria, entry.recorded_at)

    return verbs.begin_run(
        actor, sheet=sheet, mpn=mpn, order=order, units=found.quantity, criteria=criteria, why=why, check=check,
        request_key=request_key,
    )  # fmt: skip


def _refuse_order(tenant: int, order: OrderRow, part: str) -> None:
    facts = {"order": order.code, "units": order.quantity}
    if not QUALIFICATION_UNITS_MIN <= order.quantity <= QUALIFICATION_UNITS_MAX:
        said = f"{order.code} has {order.quantity:,} units; a run has {QUALIFICATION_UNITS_MIN} to {QUALIFICATION_UNITS_MAX}."
        raise Refused("gate.run_units", said, facts, "Plan an order of its own.")
    parts = set(part_codes(tenant, parts_at(tenant, order.bom).values()).values())
    if part not in parts:
        said = f"The BOM of {order.code} takes no {part}."
        raise Refused("gate.run_part", said, {**facts, "part": part}, "Plan an order of a product with this part.")
    view = View(local_system(tenant))
    units = bitmap_of(order.blocks)
    if view.state_units(BEGUN, BUILT, SCRAPPED, over=units) & units:
        said = f"{order.code} is begun: its criteria would come after its first results."
        raise Refused("gate.run_begun", said, facts, "Plan an order that nobody has begun.")


def _refuse_plans(tenant: int, order: OrderRow, criteria: Sequence[Mapping[str, object]], at: int) -> None:
    product = product_codes(tenant)[order.product]
    for plan in sorted({str(one["plan"]) for one in criteria if one.get("kind") == runs.TESTS}):
        versions = [one for one in versions_of(tenant, plan).values() if one.product == product]
        if not in_force(versions, at):
            said = f"No version of test plan {plan[:60]} for {product} is in force."
            raise Refused(
                "gate.run_plan", said, {"plan": plan[:60], "product": product}, "Have the plan approved first."
            )


def judge_run(actor: Actor, *, run: str, verdict: str, why: str, request_key: str | None = None) -> int:
    """The verdict, with what each criterion showed at that moment; returns the entry."""

    def evidence(entry: Entry, found: QualificationRun) -> list[dict]:
        return evidence_of(entry.tenant, found)

    return verbs.judge_run(actor, run=run, verdict=verdict, why=why, evidence=evidence, request_key=request_key)


def evidence_of(tenant: int, run: QualificationRun) -> list[dict]:
    """What each criterion shows now: met or not, with numbers and questions, or the file of its result."""
    view = View(local_system(tenant))
    _origin, size, _root, _note = sequencing.head(tenant)
    return [
        {**one.as_dict(), "entries": size, **(_tests(view, run, one) if one.kind == runs.TESTS else _outside(run, one))}
        for one in run.criteria
    ]


def _tests(view: View, run: QualificationRun, one: Criterion) -> dict:
    carried = f"order:{quoted(run.order)} {_candidate(view, run)}"
    passed, failed = f"{carried} test:{quoted(one.plan)}=pass", f"{carried} ever:(test:{quoted(one.plan)}=fail)"
    asked = {"carry": carried, "passed": passed, "failed": failed}
    units = {name: _units(view, question) for name, question in asked.items()}
    counts = {name: len(found) for name, found in units.items()}
    # a pass by a version that nobody approved shows nothing of what was asked
    counts["by_other_version"] = len(_by_other_version(view, run, one.plan, units["passed"]))
    counts["passed"] -= counts["by_other_version"]
    met = counts["passed"] >= one.units_min and counts["failed"] <= one.failed_max
    return {"met": met, **counts, "questions": [carried, passed, failed]}


def _units(view: View, question: str) -> BitMap:
    try:
        return BitMap(units_of(view, language.parse(question)).certain)
    except NotFound:  # nothing was delivered of it yet, or the plan was never run: nobody has it
        return BitMap()


def _candidate(view: View, run: QualificationRun) -> str:
    """The term for units that carry the candidate: by its number alone, unless another maker gives a part of his that number."""
    number = f"part:{quoted(run.mpn)}"
    # labels seldom say the maker: a reel that names none is no other maker's
    if {one.maker.casefold() for one in lots_by_mpn(view.tenant, run.mpn) if one.maker} <= {run.maker.casefold()}:
        return number
    places = positions_of_parts(view, [run.part])
    at = f" at:{','.join(map(quoted, places))}" if places else ""
    return f"(part:{quoted(run.part)} {number} maker:{quoted(run.maker)}{at})"


def _by_other_version(view: View, run: QualificationRun, plan: str, units: BitMap) -> BitMap:
    """Those of the units whose last run of the plan was by a version that is not approved."""
    number, order = FloorNames(view.tenant).known("plan").get(plan), Orders(view.tenant).by_code(run.order)
    if not units or number is None or order is None:
        return BitMap()
    product, now = product_codes(view.tenant)[order.product], clock.now()
    revision = revision_codes(view.tenant)[order.revision]
    versions = [one for one in versions_of(view.tenant, plan).values() if one.product == product]
    approved = {one.version for one in versions if one.approval(now)}
    last: dict[int, tuple[int, int, int, bool]] = {}
    rows = view.rows_by_block(
        't.unit, t.finished_at, t.entry, t."row", t.plan_version, t.started_at', "quality_test_run", view.blocks_over(units),
        " AND t.plan = %s", (number,), "unit",
    )  # fmt: skip
    for unit, *at, version, began in rows:
        # a run that names no version was by the one in force when it began
        named = version or getattr(version_run(versions, "", began, revision), "version", "")
        if unit in units and (unit not in last or last[unit][:3] < tuple(at)):
            last[unit] = (*at, named in approved)
    return BitMap(unit for unit, (*_at, known) in last.items() if not known)


def _outside(run: QualificationRun, one: Criterion) -> dict:
    result = run.results.get(one.key)
    if result is None:
        return {"met": False, "result": None}
    said = result.said
    told = {
        "verdict": said["verdict"], "words": result.why, "file": said["file"], "sha256": said["sha256"],
        "at": format_instant(result.happened_at),
    }  # fmt: skip
    return {"met": said["verdict"] == runs.PASS, "result": told}


def run_seen(actor: Actor, code: str) -> dict:
    """A run with its criteria and what they show: now, or as it was judged. NotFound for a party's person."""
    refuse_party(actor, runs.RUN, code)
    actor.require(RECORD_READ)
    with reading.snapshot():
        run = standing_run(actor.tenant, code)
        judged = run.judged
        shown = judged.said["evidence"] if judged is not None else evidence_of(actor.tenant, run)
        people = People(actor.tenant, 0).codes(line.person for line in run.lines)
        return {
            **_head(run), "why": run.why, "started_at": format_instant(run.started_at), "by": people.get(run.started_by),
            "criteria": shown, "met": all(one["met"] for one in shown), "asked_at": format_instant(clock.now()),
            "judged": None if judged is None else {
                "verdict": judged.name, "why": judged.why, "by": people.get(judged.person), "at": format_instant(judged.happened_at),
            },
            "timeline": [
                {"kind": line.kind, "name": line.name, "at": format_instant(line.happened_at), "by": people.get(line.person),
                 "why": line.why, "verdict": line.said.get("verdict", ""), "file": line.said.get("file", ""),
                 "sha256": line.said.get("sha256", "")}
                for line in run.lines
            ],
        }  # fmt: skip


def runs_seen(actor: Actor) -> list[dict]:
    """All runs, the newest first. NotFound for a party's person."""
    refuse_party(actor, runs.RUN, "")
    actor.require(RECORD_READ)
    return [_head(run) for run in standing_runs(actor.tenant)]


def _head(run: QualificationRun) -> dict:
    return {
        "run": run.code, "order": run.order, "sheet": run.sheet, "part": run.part, "mpn": run.mpn, "maker": run.maker,
        "units": run.units, "state": run.verdict or "running",
    }  # fmt: skip
