"""A unit's life: who it is, where it is, what is inside and around it, what stands at each position, what happened, who says so.

Each event and each material carries its source (fact, entry, file), so that a fact that is wrong can be withdrawn. What a
party reader may not see is absent: units around it that are not his, shipments to others. `as_of` gives the life as it was
known then. It refuses nothing but a code that names no unit, or several.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.built.shipping.returns import stood_for
from asbuilt.designed.catalog.test_plans import plans_for
from asbuilt.designed.parties.queries import Called
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.kernel.spans import POSSIBLE, UNRECORDED, spans_of
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering import sources
from asbuilt.questions.genealogy.answering.lookup import Identity, identity_of, unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import drawn_as, names_of
from asbuilt.questions.genealogy.answering.sources import Recorded, Source, recorded_of_units
from asbuilt.questions.genealogy.evaluating.came_out import left_with
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.states import away_now, returned_now
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, SKIPPED, View
from asbuilt.questions.genealogy.seen import happenings
from asbuilt.questions.genealogy.seen.happenings import Event
from asbuilt.questions.genealogy.seen.held import HoldSeen, holds_on
from asbuilt.questions.genealogy.seen.placed_parts import Placed, placed_on
from asbuilt.questions.genealogy.seen.runs_now import CameSeen, FirmwareSeen, came_inside, runs_on
from asbuilt.questions.genealogy.seen.surroundings import surrounded
from asbuilt.storage import reading

UNITS_INSIDE_MAX = 500
SHAPES = (
    sources.UNIT, sources.NAME, sources.MATERIAL, sources.PROCESS, sources.REPLACEMENT, sources.ASSEMBLY, sources.PROGRAMMING,
    sources.TEST, sources.SHIPMENT, sources.SENT_OUT, sources.TAKEN_BACK,
    *sources.LEAVING,
)  # fmt: skip


@dataclass(frozen=True)
class Relative:
    """A unit around or inside: its name, product, position in its parent, and the units inside it."""

    unit: int
    name: str
    product: str
    revision: str
    position: str
    inside: tuple["Relative", ...] = ()


@dataclass(frozen=True)
class Whereabouts:
    """Where the unit is: a state of the design's list (or skipped), and the last shipment of the outermost unit; outside: who
    has it, for which step, by which delivery note, since when."""

    state: str
    shipment: str = ""
    customer: str = ""
    country: str = ""
    shipped_at: int | None = None
    placed_at: int | None = None
    note: str = ""
    party: str = ""
    step: str = ""
    sent_at: int | None = None


@dataclass(frozen=True)
class Gap:
    """What the record does not know of this unit. `kind`: no_record, not_named, one_of, or_unknown, no_code, no_process,
    no_firmware, no_test, not_sampled (only other units were drawn for the plans `also`), no_parts_kept; `at` are positions, `count` how many, `also` what else the sentence names."""

    kind: str
    grade: str
    at: str = ""
    count: int = 0
    also: str = ""


@dataclass
class Life:
    """Everything of one unit."""

    who: Identity
    where: Whereabouts
    parents: list[Relative]
    inside: list[Relative]
    inside_more: int
    firmware: list[FirmwareSeen]
    placed: Placed
    events: list[Event]
    tests: list[Event]
    gaps: list[Gap]
    sources: list[Source]
    withdrawn: list[Recorded]
    holds: list[HoldSeen]
    came: list[CameSeen]
    programmed: list[Event]
    view: View = field(repr=False)


def unit_life(actor: Actor, code: str, as_of: str | None = None) -> Life:
    """The whole life of the unit with this code.

    About 40 statements and two for each recorded entry. Raises NotFound, Invalid where the code names several units.
    """
    with reading.snapshot():
        view = view_of(actor, as_of)
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        parents = _around(view, unit)
        top = parents[-1].unit if parents else unit
        placed = placed_on(view, who)
        firmware = runs_on(view, unit, placed.positions)
        stand, gone = _recorded(view, who, unit, top)
        inside, more = _inside(view, unit)
        people = People(view.tenant, 0).codes(one.cells.get("operator") for one in stand)
        names = _unit_names(view, unit, stand)
        parties = _parties_of(view, stand)
        events = surrounded(view, unit, happenings.of(stand, unit, people, names, parties))
        tests = [event for event in reversed(events) if event.kind == happenings.TESTED]
        where = _where(view, who, unit, top)
        gaps = _gaps(view, who, where, placed, firmware, events)
        proofs = [one.source for one in stand]
        holds = holds_on(view, unit)
        came = came_inside(view, placed.positions)
        programmed = [event for event in reversed(events) if event.kind == happenings.PROGRAMMED]
        return Life(
            who, where, parents, inside, more, firmware, placed, events, tests, gaps, proofs, gone, holds, came, programmed, view
        )  # fmt: skip


def _parties_of(view: View, stand: list[Recorded]) -> dict[str, str]:
    """What facts call a party -> its name as known in the view, also where it was renamed since. Three statements at most."""
    said = {
        (text, one.row.entry) for one in stand for column in ("customer", "party") if (text := one.cells.get(column))
    }
    if not said:
        return {}
    called, names = Called(view.tenant), party_names(view.tenant, view.entry)
    return {text: names.get(called.at(text, entry), text) for text, entry in sorted(said)}


# ---- around and inside


def _around(view: View, unit: int) -> list[Relative]:
    """The units around it, the nearest first. One statement a level; a party reader sees up to the last that is his."""
    found: list[tuple[int, str]] = []
    here = unit
    while view.has_assemblies:
        sql = "SELECT a.parent, a.position FROM production_assembly a WHERE a.tenant = %s AND a.child = %s AND a.removed_at IS NULL"
        row = reading.fetch_one(sql + view.seen("a"), (view.tenant, here))
        if row is None or (view.visible is not None and row[0] not in view.visible):
            break
        found.append(row)
        here = row[0]
    said = described(view, BitMap(parent for parent, _ in found))
    return [Relative(parent, *said[parent], position) for parent, position in found]


def _inside(view: View, unit: int) -> tuple[list[Relative], int]:
    """The units inside, at any depth, up to a limit; and how many more there are."""
    held: dict[int, list[tuple[int, str]]] = {}
    level, seen, more = BitMap([unit]), BitMap([unit]), 0
    while level and view.has_assemblies:
        sql = (
            "SELECT a.parent, a.child, a.position FROM production_assembly a WHERE a.tenant = %s AND a.removed_at IS NULL AND "
            + reading.any_of("a.parent")
            + view.seen("a")
            + " ORDER BY a.position, a.child"
        )
        rows = reading.fetch(sql, (view.tenant, reading.list_param(level)))
        rows = [row for row in rows if row[1] not in seen and (view.visible is None or row[1] in view.visible)]
        more += max(0, len(seen) + len(rows) - UNITS_INSIDE_MAX)
        rows = rows[: max(0, UNITS_INSIDE_MAX - len(seen))]
        level = BitMap(child for _, child, _ in rows)
        seen |= level
        for parent, child, position in rows:
            held.setdefault(parent, []).append((child, position))
    said = described(view, seen)
    return list(_tree(held, said, unit)), more


def _tree(held: dict, said: dict, unit: int) -> Iterable[Relative]:
    for child, position in held.get(unit, ()):
        yield Relative(child, *said[child], position, tuple(_tree(held, said, child)))


def described(view: View, units: BitMap) -> dict[int, tuple[str, str, str]]:
    """Unit -> (name, product, revision). Two statements and one a joined span."""
    if not units:
        return {}
    names = names_of(view, units)
    sql = "SELECT number, code FROM catalog_product WHERE tenant = %s"
    products = dict(reading.fetch(sql, (view.tenant,)))
    revisions = dict(reading.fetch("SELECT number, code FROM catalog_revision WHERE tenant = %s", (view.tenant,)))
    found = {}
    for block in view.blocks_over(units):
        for unit in units & BitMap(range(block.first, block.until)):
            found[unit] = (names[unit], products.get(block.product, ""), revisions.get(block.revision, ""))
    return {unit: found.get(unit, (names[unit], "", "")) for unit in units}


# ---- facts


def _recorded(view: View, who: Identity, unit: int, top: int) -> tuple[list[Recorded], list[Recorded]]:
    """The facts about the unit, and the shipments of the unit that it is inside; what is not the reader's is left out."""
    stand, gone = recorded_of_units(view, [(unit, unit + 1)], SHAPES)
    if top != unit:
        more, more_gone = recorded_of_units(view, [(top, top + 1)], (sources.SHIPMENT,))
        stand, gone = stand + more, gone + more_gone
    stand += _stands_for(view, unit)
    if view.visible is not None:
        called = Called(view.tenant)
        keep = who.owner_number == view.actor.party
        stand, gone = ([one for one in said if _shown(one, called, keep, view)] for said in (stand, gone))
    return stand, gone


def _stands_for(view: View, unit: int) -> list[Recorded]:
    """What makes this unit the replacement of others: a fact about those."""
    others = stood_for(view.tenant, unit, view.seen("t")) if view.recorded.returned else BitMap()
    facts, _ = recorded_of_units(view, spans_of(others), (sources.RETURN,)) if others else ([], [])
    return [one for one in facts if one.cells["replacement"] == unit and view.sees(one.cells["unit"])]


def _shown(one: Recorded, called: Called, keep: bool, view: View) -> bool:
    if one.shape == sources.SHIPMENT:
        return keep or called.at(one.cells["customer"], one.row.entry) == view.actor.party
    if one.shape in sources.LEAVING:  # who agreed to what, and who sent it back: between the house and who ordered it
        return keep
    if one.shape == sources.ASSEMBLY:
        return one.cells["parent"] in view.visible and one.cells["child"] in view.visible
    return True


def _unit_names(view: View, unit: int, stand: list[Recorded]) -> dict[int, str]:
    units = BitMap([unit])
    for one in stand:
        if one.shape == sources.ASSEMBLY:
            units.update((one.cells["parent"], one.cells["child"]))
        if one.shape == sources.RETURN and one.cells["replacement"] is not None:
            units.update((one.cells["unit"], one.cells["replacement"]))
    return names_of(view, units)


# ---- where


def _where(view: View, who: Identity, unit: int, top: int) -> Whereabouts:
    if _in(view, unit, SKIPPED):
        return Whereabouts("skipped")
    if _in(view, unit, SCRAPPED):
        return Whereabouts("scrapped")
    out = away_now(view, BitMap([top]))
    if out:
        line = out[-1].line
        party = party_names(view.tenant, view.entry).get(line.party, "")
        return Whereabouts("outside", note=line.note, party=party, step=line.step_name, sent_at=line.sent_at)
    if returned_now(view, BitMap([top])):
        return Whereabouts("returned")
    lines = last_lines(view, BitMap([top]))
    if lines and not _in(view, top, SCRAPPED):
        # it came back from there, left again inside another unit and was taken out of that: then that one's shipment was the last
        line = (left_with(view, BitMap([top])) or lines)[0][0]
        hidden = view.visible is not None and view.actor.party not in (line.customer, who.owner_number)
        if hidden:
            return Whereabouts("shipped")
        customer = party_names(view.tenant, view.entry).get(line.customer, "")
        return Whereabouts("shipped", line.shipment, customer, line.country, line.shipped_at, line.placed_at)
    for state, word in ((SCRAPPED, "scrapped"), (BUILT, "stock"), (BEGUN, "production")):
        if _in(view, top, state):
            return Whereabouts(word)
    return Whereabouts("planned")


def _in(view: View, unit: int, state: int) -> bool:
    return bool(view.state_units(state, over=BitMap([unit])))


# ---- gaps


def _gaps(
    view: View, who: Identity, where: Whereabouts, placed: Placed, firmware: list[FirmwareSeen], events: list[Event]
) -> list[Gap]:
    if where.state in ("planned", "skipped"):
        return []
    found = [gap for line in placed.lines for group in line.groups for gap in _of_group(line, group)]
    kinds = {event.kind for event in events}
    if happenings.PROCESSED not in kinds:
        found.append(Gap("no_process", UNRECORDED))
    sql = "SELECT 1 FROM firmware_release t WHERE t.tenant = %s AND t.product = %s"
    if not firmware and reading.fetch_one(sql + view.seen("t"), (view.tenant, who.product_number)):
        found.append(Gap("no_firmware", UNRECORDED, also=who.product))
    if happenings.TESTED not in kinds:
        plans = plans_for(view.tenant, who.product, who.revision, clock.now()) if view.actor.party is None else []
        called = drawn_as(view, BitMap([who.unit]))[who.unit]
        drawn = any(one.content.samples(called) for one in plans)
        kind = "not_sampled" if plans and not drawn else "no_test"
        found.append(Gap(kind, UNRECORDED, also="" if drawn else ", ".join(one.plan for one in plans)))
    return found


def _of_group(line, group) -> Iterable[Gap]:
    count = len(group.positions)
    if group.grade == UNRECORDED and group.changes:
        yield Gap("not_named", UNRECORDED, group.at, count, line.part)
    elif group.grade == UNRECORDED:
        yield Gap("no_record", UNRECORDED, group.at, count, line.part)
    elif group.grade == POSSIBLE and group.open:
        yield Gap("or_unknown", POSSIBLE, group.at, count, group.candidates[0].package if group.candidates else "")
    elif group.grade == POSSIBLE:
        yield Gap("one_of", POSSIBLE, group.at, count, " ".join(one.package for one in group.candidates))
    for one in group.candidates:
        if not one.lot or not one.date_code:
            yield Gap("no_code", UNRECORDED, group.at, count, one.package)
