"""The verdict: everything that stops a unit, each in words that a person at a bench can act on.

    verdicts(actor, "SN-000017", step="REFLOW")   -> one Verdict a unit; a panel's code gives those of its units

What stops a unit: it was scrapped or is a skipped position; it is outside, at a subcontractor, itself or what it is inside; an open hold on it or on what is inside it, save where the hold orders that step; a package on it that is in
quarantine or rejected; the route, where the hardware revision has one: a step that is not on it, or one before it that is not done;
an operator who lacks a qualification that the step needs, where it is asked with an operator. A step is done when its last run completed. A step done before may be done again. Whoever asks needs the right alone: the gate looks
at the whole record, and says nothing of it but what stops this unit.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import GATE_ASK
from asbuilt.answers.gate.changed import changed
from asbuilt.answers.gate.leaving import Conceded, conceding, leaving, passed_of, rested, stop_of
from asbuilt.answers.gate.machine_times import READINGS, Told, by_our_clock, laid
from asbuilt.answers.gate.missing import Missing, around
from asbuilt.answers.gate.ordered import lets_step
from asbuilt.answers.gate.ran_by import Ahead, ran_otherwise, steps_ahead
from asbuilt.answers.gate.stops import Stop, is_packing, units_of_code
from asbuilt.answers.gate.unapproved import unapproved
from asbuilt.answers.gate.untried import Rests, untried
from asbuilt.built.production.carried import positions_of_unit
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.intake.mark_readings import units_without_read_mark
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.qualifications import lacking
from asbuilt.built.supply.queries import not_released, standings_of
from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.routings import Begun, Routing, StepRow, Ways, limits_of
from asbuilt.designed.catalog.rules import mark_rule
from asbuilt.designed.parties.queries import code_of
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import Identity, identity_of
from asbuilt.questions.genealogy.evaluating.states import away_now
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, SKIPPED, View
from asbuilt.questions.genealogy.seen.held import holds_on
from asbuilt.storage import reading


@dataclass(frozen=True)
class StepSeen:
    """A step of the route of a unit: `state` is done, failed, open or optional; the last run's machine and time."""

    name: str
    place: str
    state: str
    at: int | None = None
    machine: str = ""
    asked: bool = False
    documents: dict = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Verdict:
    """Whether a unit may go on; `stops` is empty where it may. `next_step` is the first step of its route that is not done. `conceded` says
    under which concession or waiver it goes. At a packing step `warnings` say what is known against it, or not known of it, and stops nothing today."""

    unit: int = field(repr=False)
    name: str
    code: str
    order: str
    product: str
    revision: str
    step: str
    place: str
    go: bool
    stops: tuple[Stop, ...]
    routing: str
    steps: tuple[StepSeen, ...]
    next_step: str
    retest_due: tuple[str, ...]
    documents: dict = field(default_factory=dict, hash=False)
    limits: dict = field(default_factory=dict, hash=False)
    qualifications: tuple[str, ...] = ()
    warnings: tuple[Stop, ...] = ()
    conceded: tuple[dict, ...] = ()


def verdicts(actor: Actor, code: str, step: str = "", side: str = "", operator: str | None = None) -> list[Verdict]:
    """A verdict for the unit with this code, or for each unit of the panel. NotFound, Invalid as for the page Unit.

    `operator` is the badge of who would do the step: None does not ask for qualifications, empty is nobody.
    """
    actor.require(GATE_ASK)
    with reading.snapshot(plans_kept=True):
        view = View(local_system(actor.tenant))
        return [verdict_of(view, unit, step, side, operator) for unit in units_of_code(view, code)]


def verdict_of(
    view: View, unit: int, step: str = "", side: str = "", operator: str | None = None, *, outside: bool = False
) -> Verdict:
    """The verdict of one unit, `outside` of leaving for a step at a subcontractor. About 26 statements, and those of the questions
    of open holds."""
    who = identity_of(view, unit)
    code = f"{who.order}#{who.place}"
    stops = [*state_stops(view, unit, who), *outside_stops(view, unit, who), *held_stops(view, unit, who, step)]
    # what may be conceded of a unit that leaves is for `leaving` alone to say: one verdict, whoever asks
    packing = bool(step) and is_packing(step)
    if not packing:
        stops += quarantine_stops(view, unit, who)
    runs, begun = _last_runs(view, unit)
    route = Ways(view.tenant, view.blocks_over(BitMap([unit]))[0].revision, clock.now()).of(begun)
    asked = route.step(step, side) if route and step else None
    if route and step and not packing:
        stops += _route_stops(who, route, asked, step, runs)
    if asked:
        stops += _place_stops(view, route, asked, outside)
    if asked and operator is not None:
        stops += qualification_stops(view.tenant, asked, operator, clock.now())
    if step:
        stops += mark_stops(view, unit, who, route, asked, step)
    warnings, conceded = (), ()
    if packing:
        leaves = leaving(view, BitMap([unit]))
        said = {stop.code for stop in stops}
        stops += [stop for stop in leaves.stops(unit, who.name) if stop.code not in said]
        warnings, conceded = tuple(leaves.warnings(unit, who.name)), tuple(leaves.passes(unit, who.name))
    else:
        against, under = _changes_against(view, unit, steps_ahead(route, asked, step, side))
        left, passed = conceding(view, BitMap([unit]), against) if against else ([], [])
        stops += [stop_of(one, unit, who.name) for one in left]
        conceded = tuple(passed_of(one, unit, who.name) for one in [*under, *passed])
    steps = tuple(_seen(one, runs, one is asked) for one in route.steps) if route else ()
    ahead = next((one for one in steps if one.state in ("open", "failed")), None)
    return Verdict(
        unit, who.name, code, who.order, who.product, who.revision, asked.name if asked else step,
        asked.place if asked else "", not stops, tuple(stops), route.name if route else "", steps, ahead.name if ahead else "",
        retest_due(view, unit), asked.documents if asked else {}, limits_of(asked.limits) if asked else {},
        asked.needed if asked else (), warnings, conceded,
    )  # fmt: skip


# ---- what stops


def _changes_against(view: View, unit: int, ahead: Ahead) -> tuple[list[Missing], list[Conceded]]:
    """(what ECOs, processes under control and alternates that nobody qualified have against the unit, what deviations and runs let pass)."""
    asked, under = around(view, BitMap([unit])), Rests()
    more = [*untried(view, asked, at_step=True, under=under), *unapproved(view, asked, under, at_step=True)]
    found = [*changed(view, asked), *ran_otherwise(view, asked, ahead), *more]
    return found, rested(under)


def state_stops(view: View, unit: int, who: Identity) -> Iterable[Stop]:
    """Scrapped units and skipped positions go nowhere."""
    over = BitMap([unit])
    if view.state_units(SCRAPPED, over=over):
        yield Stop("gate.scrapped", f"{who.name} was scrapped.", {"unit": who.name}, "Put it into the scrap cage.")
    if view.state_units(SKIPPED, over=over):
        said = f"{who.name} is a skipped position (X-out): no unit."
        yield Stop("gate.skipped_position", said, {"unit": who.name}, "Scan another board of the panel.")


def outside_stops(view: View, unit: int, who: Identity) -> Iterable[Stop]:
    """What is at a subcontractor, or inside a unit that is, goes nowhere until it is back. One statement where nothing left."""
    chain = [unit]
    while (parent := view.parents(BitMap([chain[-1]])).get(chain[-1])) is not None and parent not in chain:
        chain.append(parent)
    for one in away_now(view, BitMap(chain))[:1]:
        line, party = one.line, code_of(view.tenant, one.line.party)
        since = format_instant(line.sent_at)[:16] + "Z"
        said = (
            f"{who.name} is outside: {party} has it since {since} for {line.step_name}, by delivery note {line.note}."
        )
        facts = {"unit": who.name, "party": party, "since": since, "note": line.note, "step": line.step_name}
        yield Stop("gate.outside", said, facts, "Take the unit back with its delivery note first.")


def held_stops(view: View, unit: int, who: Identity, step: str = "") -> Iterable[Stop]:
    """Open holds on it, and on what is inside it; but not a hold on it that orders this step itself."""
    for hold in holds_on(view, unit):
        if not hold.unit and lets_step(hold.steps, step):
            continue
        held = f"{hold.unit} inside {who.name}" if hold.unit else who.name
        by = f" by {hold.by}" if hold.by else ""
        said = f"{held} is on hold since {format_instant(hold.since)}{by}: {hold.reason}"
        facts = {
            "hold": hold.code,
            "unit": hold.unit or who.name,
            "reason": hold.reason,
            "since": format_instant(hold.since),
        }
        facts |= {"by": hold.by, "lifted_by": hold.lifted_by}
        remedy = f"Put it into the hold cage. Hold {hold.code} is lifted by: {hold.lifted_by}."
        yield Stop("gate.held", said, facts, remedy)


def quarantine_stops(view: View, unit: int, who: Identity) -> Iterable[Stop]:
    """Packages on it, certain or possible, that are not released now, whatever they were when they came."""
    stopped = not_released(view.tenant, view.packages_on(unit))
    if not stopped:
        return
    order = Orders(view.tenant).of_unit(unit)
    positions = positions_of_unit(view.tenant, order, unit, PositionGroups(view.tenant), ()) if order else {}
    now = standings_of(view.tenant, [package for _, package, _ in stopped])
    for number, package, status in stopped:
        at = [refdes for refdes, held in positions.items() if held.now and number in held.now.candidates]
        standing = now.get(package)  # a withdrawn row of lots.csv has none
        reason = standing.reason if standing else ""
        why = standing.why if standing else f"Package {package} is {status}."
        facts = {"unit": who.name, "package": package, "status": status, "refdes": at, "reason": reason}
        told = f"{who.name} carries {package} at {' '.join(at[:5])}. {why}"
        yield Stop("gate.quarantine", told, facts, "Put it on the red shelf; quality decides about the package.")


def qualification_stops(tenant: int, step: StepRow, operator: str, at: int) -> Iterable[Stop]:
    """What the operator lacks for the step: what, until when it was valid, who can renew it."""
    for lack in lacking(tenant, operator, step.needed, at):
        facts = {"step": step.name, "operator": operator, "qualification": lack.qualification, "until": lack.until}
        if operator:
            yield Stop("gate.not_qualified", f"{step.name}: {lack.words}", facts, lack.remedy)
        else:
            yield Stop("gate.operator_unnamed", f"{step.name}: {lack.words}", facts, lack.remedy)


def mark_stops(
    view: View, unit: int, who: Identity, route: Routing | None, asked: StepRow | None, step: str
) -> Iterable[Stop]:
    """A unit goes on to the step from which on its product wants marks read back, and to those behind it, with a mark read as its own.

    Without a route, or off it, that step alone asks. Two statements, three where it is asked.
    """
    wanted = mark_rule(view.tenant, who.product_number).read_back
    if not wanted:
        return
    places = [one.place_in_route for one in route.steps if wanted in (one.step, one.name)] if route else []
    behind = asked is not None and places and asked.place_in_route >= min(places)
    if not behind and wanted not in (step, asked.name if asked else step):
        return
    if units_without_read_mark(view.tenant, BitMap([unit])):
        said = f"The mark of {who.name} was not read back as its own."
        remedy = "Read it at the marking station; mark the unit anew where it is wrong or unreadable."
        yield Stop("gate.mark_not_read", said, {"unit": who.name, "step": step, "before": wanted}, remedy)


def _route_stops(who: Identity, route: Routing, asked: StepRow | None, step: str, runs: dict) -> Iterable[Stop]:
    if asked is None:
        names = [one.name for one in route.steps]
        said = f"{step} is not on route {route.name} of {who.product} {who.revision}, or not without its side."
        remedy = f"Its steps are {', '.join(names[:20])}."
        yield Stop("gate.step_not_on_route", said, {"step": step, "steps": names}, remedy)
        return
    missing = [one for one in route.before(asked) if not _done(one, runs)]
    if missing:
        first = missing[0]
        run = runs.get((first.step, first.side))
        where = f" at {first.place}" if first.place else ""
        how = f" {run[2]} at {format_instant(run[1])}" if run else " is not recorded"
        said = f"{who.name} comes before its time: {first.name}{where}{how}."
        facts = {"step": asked.name, "missing": [{"step": one.name, "place": one.place} for one in missing]}
        yield Stop("gate.step_skipped", said, facts, f"Take it to {first.name}{where} first.")


def _place_stops(view: View, route: Routing, asked: StepRow, outside: bool) -> Iterable[Stop]:
    """A subcontractor's step is not done here, and none of ours there."""
    if asked.subcontractor is not None and not outside:
        party = code_of(view.tenant, asked.subcontractor)
        said = f"{asked.name} is done outside, by {party}."
        remedy = "Send it out with a delivery note, or let the routing say that it is done here."
        yield Stop("gate.step_outside", said, {"step": asked.name, "party": party}, remedy)
    if asked.subcontractor is None and outside:
        said = f"{asked.name} is done here by route {route.name}; it names no subcontractor."
        remedy = "Name the subcontractor in routings.csv first."
        yield Stop("gate.step_in_house", said, {"step": asked.name, "routing": route.name}, remedy)


# ---- what was done


def way_of(view: View, unit: int) -> Routing | None:
    """The way that a unit goes: the routing in force when it was begun. Three statements."""
    return Ways(view.tenant, view.blocks_over(BitMap([unit]))[0].revision, clock.now()).of(_last_runs(view, unit)[1])


def _last_runs(view: View, unit: int) -> tuple[dict[tuple[str, str], tuple], Begun | None]:
    """(step, side) -> machine, finished at, result of the run of this unit that ended last; and when its first began. Two statements."""
    sql = (
        "SELECT t.step, t.side, t.machine, t.finished_at, t.result, t.started_at, t.entry, t.number, t.first_unit, t.until_unit, "
        f"{READINGS} FROM production_process_run t WHERE t.tenant = %s AND t.first_unit <= %s AND t.until_unit > %s{view.seen('t')}"
    )
    rows = reading.fetch(sql, (view.tenant, unit, unit))
    names = FloorNames(view.tenant).names({row[0] for row in rows} | {row[2] for row in rows})
    told = [Told(row[8], row[9], by_our_clock(row[3], row[10]), row[6], row[4] != "completed") for row in rows]
    found = {}
    for at, _, _, (step, side, machine, _, result, *_) in sorted(
        zip(laid(view, told), (row[6] for row in rows), (row[7] for row in rows), rows, strict=True)
    ):
        for key in ((names[step], side), (names[step], "")):  # a step of the route without a side is done on any
            found[key] = (names.get(machine, ""), at, result)
    begun = [(by_our_clock(row[5], row[10]), row[6]) for row in rows]
    return found, Begun(*min(begun)) if begun else None


def _done(step: StepRow, runs: dict) -> bool:
    run = runs.get((step.step, step.side))
    return run is not None and run[2] == "completed"


def _seen(step: StepRow, runs: dict, asked: bool) -> StepSeen:
    run = runs.get((step.step, step.side))
    if run is None:
        return StepSeen(step.name, step.place, "optional" if step.optional else "open", None, "", asked, step.documents)
    state = "done" if run[2] == "completed" else "failed"
    return StepSeen(step.name, step.place, state, run[1], run[0], asked, step.documents)


def retest_due(view: View, unit: int) -> tuple[str, ...]:
    """Test plans whose last run ended before the last replacement on the unit. Two statements."""
    sql = "SELECT max(r.happened_at) FROM production_replacement r WHERE r.tenant = %s AND r.unit = %s" + view.seen("r")
    reworked = reading.fetch_one(sql, (view.tenant, unit))[0]
    if reworked is None:
        return ()
    sql = "SELECT t.plan, max(t.finished_at) FROM quality_test_run t WHERE t.tenant = %s AND t.unit = %s" + view.seen(
        "t"
    )
    plans = [plan for plan, at in reading.fetch(sql + " GROUP BY t.plan", (view.tenant, unit)) if at < reworked]
    return tuple(sorted(FloorNames(view.tenant).names(plans).values()))
