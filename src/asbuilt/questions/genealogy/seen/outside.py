"""Delivery notes as readers see them: what left with one, what came back with what, what is still outside; and the open ones.

    note_seen(actor, "DN-7")                  -> the note with its units one by one
    open_notes(actor) · open_notes(actor, order="WO-7")

A note is open while one of its units neither came back nor was scrapped or shipped since. A party reader sees the notes of the
units that are his party's, and those units alone; a note of nobody he may see is one that does not exist.
"""

from collections import defaultdict
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.people import People
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.outside import Back, Line, backs_of, lines_of, note_numbers, papers_of, units_of
from asbuilt.designed.catalog.routings import routings
from asbuilt.designed.parties import queries as parties
from asbuilt.kernel.errors import NotFound
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.lookup import unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.axis import of_panel
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.states import away_now
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words.language import Value
from asbuilt.storage import reading

SUGGESTED_MAX = 200


@dataclass(frozen=True)
class UnitOut:
    """A unit of a note: its name, ORDER#n, whether it is still outside, and if it is back when and how its step ended."""

    name: str
    code: str
    outside: bool
    result: str = ""
    back_at: int | None = None


@dataclass(frozen=True)
class PaperSeen:
    """A paper that came with units of the note."""

    kind: str
    file: str
    sha256: str
    kept_at: int


@dataclass(frozen=True)
class NoteSeen:
    """A delivery note. Instants are UTC microseconds; `who` sent it (badge, or empty); `evidence` are the kinds of paper that the
    routing in force asks for."""

    note: str
    order: str
    product: str
    revision: str
    party: str
    party_code: str
    step: str
    side: str
    transport: str
    who: str
    sent_at: int
    units: tuple[UnitOut, ...]
    papers: tuple[PaperSeen, ...]
    evidence: tuple[str, ...] = ()

    @property
    def step_name(self) -> str:
        """The step with its side."""
        return f"{self.step} {self.side}" if self.side else self.step

    @property
    def outside(self) -> list[UnitOut]:
        """What is still there."""
        return [unit for unit in self.units if unit.outside]

    @property
    def back(self) -> list[UnitOut]:
        """What came back."""
        return [unit for unit in self.units if unit.back_at is not None]


@dataclass(frozen=True)
class OpenNote:
    """A note of which units are outside: how many of how many."""

    note: str
    order: str
    party: str
    step: str
    sent_at: int
    sent: int
    outside: int


def note_seen(actor: Actor, code: str, as_of: str | None = None) -> NoteSeen:
    """The note with this code, as known then. About 15 statements; NotFound where there is none, or none of its units is his."""
    with reading.snapshot():
        view = view_of(actor, as_of)
        lines = lines_of(view.tenant, code, view.seen("t"))
        units = view.limit(units_of(lines))
        if not units:
            known = note_numbers(view.tenant)[:SUGGESTED_MAX] if view.visible is None else ()
            raise unknown("delivery note", code[:60], known)
        head = lines[0]
        out = BitMap().union(*(one.units for one in away_now(view, units) if one.line.note == code))
        order, product, revision = _planned(view, units.min())
        papers = [PaperSeen(p.kind, p.file, p.sha256, p.kept_at) for p in papers_of(view.tenant, code, view.seen("t"))]
        who = People(view.tenant, 0).codes([head.operator]).get(head.operator, "")
        party, party_code = _party(view.tenant, head.party)
        return NoteSeen(
            code, order, product, revision, party, party_code, head.step, head.side, head.transport, who, head.sent_at,
            tuple(_units(view, units, out, backs_of(view.tenant, code, view.seen("t")))), tuple(papers),
            _evidence(view, units.min(), head),
        )  # fmt: skip


def _evidence(view: View, unit: int, head: Line) -> tuple[str, ...]:
    known = routings(view.tenant, view.blocks_over(BitMap([unit]))[0].revision, view.entry)
    route = next((one for one in known if one.from_at <= clock.now()), None)
    step = route.step(head.step, head.side) if route else None
    return step.evidence_needed if step else ()


def _units(view: View, units: BitMap, out: BitMap, backs: list[Back]):
    names, orders = names_of(view, units), Orders(view.tenant, view.entry)
    came: dict[int, Back] = {}
    for one in backs:
        came.update(dict.fromkeys(BitMap(range(one.first_unit, one.until_unit)) & units, one))
    for unit in units:
        order, back = orders.of_unit(unit), came.get(unit)
        code = f"{order.code}#{order.place_of(unit)}" if order else names[unit]
        said = (back.result, back.back_at) if back else ()
        yield UnitOut(names[unit], code, unit in out, *said)


def _planned(view: View, unit: int) -> tuple[str, str, str]:
    sql = (
        "SELECT o.code, p.code, r.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
        "AND o.number = b.work_order JOIN catalog_product p ON p.tenant = b.tenant AND p.number = b.product "
        "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision WHERE b.tenant = %s AND b.first_unit <= %s "
        "AND b.until_unit > %s"
    )
    return reading.fetch_one(sql + view.seen("b"), (view.tenant, unit, unit)) or ("", "", "")


def _party(tenant: int, number: int) -> tuple[str, str]:
    sql = "SELECT name, code FROM parties_party WHERE tenant = %s AND number = %s ORDER BY entry DESC LIMIT 1"
    return reading.fetch_one(sql, (tenant, number)) or ("", "")


def open_notes(actor: Actor, order: str = "", as_of: str | None = None) -> list[OpenNote]:
    """The notes of which units are outside, those that left first first; of one order where it is named."""
    with reading.snapshot():
        view = view_of(actor, as_of)
        by_note: dict[str, tuple[Line, BitMap]] = {}
        for one in away_now(view):
            mine = view.limit(one.units)
            if mine:
                head, units = by_note.get(one.line.note, (one.line, BitMap()))
                by_note[one.line.note] = (head, units | mine)
        names, codes = parties.names(view.tenant), defaultdict(str)
        found = []
        for note, (line, out) in by_note.items():
            codes[note] = _planned(view, out.min())[0]
            if not order or codes[note] == order:
                sent = view.limit(units_of(lines_of(view.tenant, note, view.seen("t"))))
                name = names.get(line.party, "")
                found.append(OpenNote(note, codes[note], name, line.step_name, line.sent_at, len(sent), len(out)))
        return found


def note_of(actor: Actor, code: str) -> str:
    """The note that a scan means: its own code, or that of the note by which the unit or panel is outside; else empty.

    NotFound, Invalid where the code is neither a note nor a unit or panel that he may see.
    """
    with reading.snapshot():
        view = view_of(actor)
        if view.limit(units_of(lines_of(view.tenant, code, view.seen("t")))):
            return code
        out = away_now(view, _scanned(view, code))
        return out[-1].line.note if out else ""


def _scanned(view: View, code: str) -> BitMap:
    """The unit with this code; where none has it, the units of the panel."""
    try:
        return BitMap([unit_of(view, code)])
    except NotFound as missing:
        try:
            found = view.limit(of_panel(view, [Value(code)]))
        except NotFound:
            found = BitMap()
        if not found:
            raise missing from None
        return found


def steps_outside(actor: Actor) -> list[tuple[str, str, str]]:
    """(step, side, name of the party) that a routing gives to a subcontractor. Two statements."""
    actor.require(RECORD_READ)
    sql = (
        "SELECT DISTINCT s.step, s.side, s.subcontractor FROM catalog_routing_step s WHERE s.tenant = %s AND s.until_entry IS NULL "
        "AND s.subcontractor IS NOT NULL ORDER BY s.step, s.side"
    )
    rows = reading.fetch(sql, (actor.tenant,))
    names = parties.names_of(actor.tenant, {number for *_, number in rows})
    return [(step, side, names.get(number, "")) for step, side, number in rows]
