"""WorkStarted, WorkCompleted: passes begin and end; panels get their units, and a pass becomes a process run.

Each handler of this room takes the work of the entry and what the message says, checks everything first, then leaves its
rows; it returns whether the message was used, or kept because it changed nothing.
"""

import json

from pyroaring import BitMap

from asbuilt.built.messages import passes
from asbuilt.built.messages.events import KEPT, USED
from asbuilt.built.messages.mounted import place_mounted
from asbuilt.built.messages.passes import Pass
from asbuilt.built.messages.work import SIDES, Work, instant_text
from asbuilt.built.production.feeding import CLOCK_OFF
from asbuilt.built.production.intake.panels import PanelsIntake
from asbuilt.built.production.intake.processes import ProcessesIntake
from asbuilt.built.production.orders import OrderRow
from asbuilt.designed.catalog.readings import SOFTWARE
from asbuilt.formats.cfx import bodies
from asbuilt.formats.cfx.bodies import Circuit, Place
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.storage import reading

RESULTS = {"Completed": "completed", "Failed": "failed", "Aborted": "aborted"}
READINGS_CHARACTERS_MAX = 100_000


def json_text(said: dict) -> str:
    """Readings as a cell; Invalid where they are too many."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""
    if len(text) > READINGS_CHARACTERS_MAX:
        raise Invalid(
            "messages.readings_too_long",
            f"The readings of one pass have {len(text):,} characters, the most is {READINGS_CHARACTERS_MAX:,}.",
            {"characters": len(text)},
            "Have the machine send fewer of them; the message itself is kept.",
        )
    return text


def work_started(work: Work, said: bodies.WorkStarted) -> str:
    """Opens a pass; a panel that nobody knows takes the next planned units of its order."""
    if not said.transaction:
        raise Invalid("messages.no_transaction", "WorkStarted has no TransactionID.", {}, "Have the maker mend it.")
    if work.pass_of(said.transaction):
        return KEPT
    order = _order(work, said)
    circuits = said.circuits or tuple(Circuit(Place("", n + 1), "", "") for n in range(said.count))
    panel = said.primary or said.hermes or _common(circuits)
    known = work.places.on_panel(panel, order)
    if not circuits:
        circuits = _whole(work, panel, known)
    side = SIDES.get(said.surface, said.surface[:20])
    own = _own_places(work, circuits, order or (work.order_of(min(known.values())) if known else None), side)
    units, names, fresh = _units(work, circuits, panel, known, order, own)
    skipped = {one.place.position or n for n, one in enumerate(circuits, 1) if one.status == "Skip"}
    order = order or work.order_of(next(iter(units.values())))
    machine = work.machine
    for code, places in fresh.items():
        _put_on_panel(work, order, code, places, {own[n] for n in skipped}, machine.machine)
    one = work.passes.open(machine.handle, said.transaction, order.number, units, work.when)
    one.panel, one.names = panel, names
    one.skipped.update(units[n] for n in skipped if n in units)
    one.program, one.revision = said.recipe, said.revision
    one.side, one.operator = side, machine.operator
    return USED


def _order(work: Work, said: bodies.WorkStarted) -> OrderRow | None:
    if not said.order and not said.batch:
        return None
    order = work.orders.by_code(said.order) if said.order else None
    if order is None and said.batch:
        sql = "SELECT code FROM production_order WHERE tenant = %s AND batch_number = %s AND until_entry IS NULL ORDER BY number"
        found = reading.fetch(sql, (work.tenant, said.batch))
        order = work.orders.by_code(found[0][0]) if len(found) == 1 else None
    if order is None:
        raise order_unknown(work, said.order or said.batch)
    return order


def order_unknown(work: Work, code: str) -> NotFound:
    """The refusal of an order that the record does not have."""
    sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL ORDER BY number DESC LIMIT 5000"
    known = [row[0] for row in reading.fetch(sql, (work.tenant,))]
    remedy = did_you_mean(code, known) or "Open the order, then retry."
    return NotFound("production.order_unknown", f"There is no order {code}.", {"order": code}, remedy)


def _common(circuits: tuple[Circuit, ...]) -> str:
    """The identifier that every circuit repeats: that of the panel or its carrier."""
    named = {one.place.identifier for one in circuits}
    return named.pop() if len(named) == 1 else ""


def _whole(work: Work, panel: str, known: dict[str, int]) -> tuple[Circuit, ...]:
    if known:
        return tuple(Circuit(Place(panel, n), "", "") for n, _ in enumerate(known, 1))
    return (Circuit(Place(panel, 1), "", ""),)


def _own_places(work: Work, circuits, order: OrderRow | None, side: str) -> dict[int, str]:
    """The machine's position -> the unit's own place on the panel, by the panel map; "" where the map has none.

    Without a map, or where the machine does not say the side, they are the same.
    """
    positions = [one.place.position or n for n, one in enumerate(circuits, 1)]
    board = work.panel_map(order) if order is not None and side in SIDES.values() else None
    if board is None:
        return {n: str(n) for n in positions}
    return {n: str(board.unit_position(side, n) or "") for n in positions}


def _units(work: Work, circuits, panel: str, known: dict[str, int], order: OrderRow | None, own: dict[int, str]):
    """Position -> unit; identifiers that name none of them; the panels that are to be made: code -> place -> unit."""
    units: dict[int, int] = {}
    names: dict[str, int] = {}
    left: list[tuple[int, Circuit]] = []
    in_order = list(known.values())
    for n, one in enumerate(circuits, 1):
        position, identifier = one.place.position or n, one.place.identifier
        named = work.places.named(identifier)
        if order is not None:
            named = tuple(unit for unit in named if order.place_of(unit))
        if len(named) == 1 and len({*units.values(), *named}) > len(units):
            units[position] = named[0]
        elif own[position] in known:
            units[position] = known[own[position]]
        elif known and own[position] == str(position) and not one.place.position and n <= len(in_order):
            units[position] = in_order[n - 1]
        else:
            left.append((position, one))
        if identifier and identifier != panel and not named and position in units:
            names[identifier] = units[position]
    fresh: dict[str, dict[str, int]] = {}
    if left:
        _take_planned(work, left, panel, known, order, own, units, names, fresh)
    return units, names, fresh


def _take_planned(work: Work, left, panel, known, order, own, units, names, fresh) -> None:
    if unmapped := [position for position, _ in left if not own[position]]:
        raise NotFound(
            "messages.place_unmapped",
            f"The panel map of its product has no circuit {unmapped[0]} on this side.",
            {"positions": unmapped[:20]},
            "Mend the panel map on the product's page, then retry.",
        )
    left.sort(key=lambda pair: int(own[pair[0]]))
    codes = [panel or one.place.identifier for _, one in left]
    if order is None or not all(codes) or known:
        said = panel or next((code for code in codes if code), "")
        raise NotFound(
            "messages.unit_unknown",
            f"Nothing says which units {said or 'this work'} is about.",
            {"identifier": said, "positions": [position for position, _ in left][:20]},
            "Give the work order in WorkStarted, or name the units and their panel, then retry.",
        )
    taken = work.places.next_planned(order, len(left))
    if len(taken) < len(left):
        raise Refused(
            "messages.order_full",
            f"Order {order.code} has {len(taken)} planned units left, and {len(left)} are begun.",
            {"order": order.code, "left": len(taken), "begun": len(left)},
            "Raise the quantity of the order, or name the units, then retry.",
        )
    for (position, one), code, unit in zip(left, codes, taken, strict=True):
        units[position] = unit
        fresh.setdefault(code, {})[own[position]] = unit
        if one.place.identifier and one.place.identifier != code:
            names[one.place.identifier] = unit


def _put_on_panel(
    work: Work, order: OrderRow, code: str, places: dict[str, int], skipped: set[str], machine: str
) -> None:
    work.places.put_on_panel(code, places)
    by_unit = {unit: place for place, unit in places.items()}
    when = instant_text(work.when)
    plain = list(places) == [str(n + 1) for n in range(len(places))]
    spans = list(work.by_order(BitMap(by_unit)))
    for _, first, until in spans:
        here = [by_unit[unit] for unit in range(first, until)]
        named = "" if plain and len(spans) == 1 else " ".join(here)
        gone = " ".join(place for place in here if place in skipped)
        ends = (f"{order.code}#{order.place_of(first)}", f"{order.code}#{order.place_of(until - 1)}")
        work.row(PanelsIntake, order.code, code, *ends, named, gone, machine, when, "")


def work_completed(work: Work, said: bodies.WorkCompleted) -> str:
    """Closes a pass and records it as a process run, unless the machine has told of the process itself."""
    one = work.pass_of(said.transaction)
    if one is None:
        raise pass_unknown(said.transaction)
    if one.finished_at is not None:
        return KEPT
    one.finished_at, one.changed = max(work.when, one.started_at), True
    if said.result == "Skipped" or (one.did & passes.PROCESSED and not one.tools):
        return USED
    if said.result not in RESULTS:
        raise Invalid(
            "cfx.field", f"Result: {said.result} is none of its words.", {"field": "Result"}, "Have it mended."
        )
    program = ""
    if said.result == "Completed":
        program = place_mounted(work, one, one.built, one.started_at, one.finished_at)
    step = work.machine.step or ("PLACE" if one.did & passes.PLACED else "WORK")
    readings = {"tools": one.tools} if one.tools else {}
    process_rows(work, one, step, RESULTS[said.result], readings, one.built, program=program)
    return USED


def pass_unknown(transaction: str) -> NotFound:
    """The refusal of a transaction that nobody began."""
    return NotFound(
        "messages.pass_unknown",
        f"Nobody began the work of transaction {transaction or '(none)'}.",
        {"transaction": transaction},
        "Record its WorkStarted, then retry.",
    )


def process_rows(
    work: Work, one: Pass, step: str, result: str, readings: dict, units: BitMap, *,
    program: str = "", operator: str = "", times: tuple[int, int] | None = None,
) -> None:  # fmt: skip
    """A process run of the pass over these units; `times` where they are not those of pass and message."""
    begun, ended = times or (one.started_at, max(work.when, one.started_at))
    badge = operator or work.badge(one.operator)
    if one.revision and program in ("", one.program):
        readings = {"program_revision": one.revision, **readings}
    software = readings.get("software_version") or readings.get("software") or work.machine.software
    if software:
        readings = {
            **{name: said for name, said in readings.items() if name != "software_version"},
            SOFTWARE: str(software),
        }
    if work.machine.clock_off:
        readings = {**readings, CLOCK_OFF: round(work.machine.clock_off / 1_000_000)}
    text = json_text(readings)
    for order, first, until in work.by_order(units):
        ends = (f"{order.code}#{order.place_of(first)}", f"{order.code}#{order.place_of(until - 1)}")
        work.row(
            ProcessesIntake, order.code, step, work.machine.machine, program or one.program, *ends, instant_text(begun),
            instant_text(max(begun, ended)), badge, result, text, one.side, "", "",
        )  # fmt: skip


def the_pass(work: Work, transaction: str, units: tuple[int, ...]) -> Pass:
    """The pass of a message; one that nobody began is opened with the units that the message names.

    It tells what was done in one go from what was done later; it does not say which unit a position is.
    """
    one = work.pass_of(transaction) or work.passes.find(work.envelope.source, transaction, begun=False)
    if one is not None:
        return one
    if not units:
        raise pass_unknown(transaction)
    order = work.order_of(units[0])
    known = {n + 1: unit for n, unit in enumerate(sorted(set(units)))}
    one = work.passes.open(work.envelope.source, transaction or work.envelope.unique_id, order.number, known, work.when)
    one.operator, one.did = work.machine.operator, passes.UNBEGUN
    return one
