"""Out to a subcontractor and back, through the gate.

    send_out(actor, codes=["WO#1..WO#40"], step="COATING", transport="DHL 123")   -> Sent(entry, "DN-7", "COAT", 40)
    take_back(actor, note="DN-7", codes=["SN-1..SN-38"], papers=[("certificate", "c.pdf", b"…")])   -> TakenBack(…, outside=("SN-39", "SN-40"))

Units of one order leave together for one step that the routing gives to a subcontractor; a hardware revision without a routing
takes any step and party. Refused to leave: held units, those that lack an earlier step, scrapped ones, those that are outside or
inside another unit. Back comes what left with the note, all that is open where nothing is scanned; the step is recorded as done
there in the same entry, with the papers that the routing asks for. Held units come back, and stay held.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import OUTSIDE_SEND, OUTSIDE_TAKE_BACK
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.placing import units_between
from asbuilt.answers.gate.reworking import inside_already
from asbuilt.answers.gate.stops import Stop, units_of_code
from asbuilt.answers.gate.verdicts import held_stops, verdict_of, way_of
from asbuilt.built.production.actions import outside as production
from asbuilt.built.production.actions.outside import Paper, Run
from asbuilt.built.production.outside import COMPLETED, Line, backs_of, lines_of, note_numbers, units_of
from asbuilt.designed.catalog.routings import Routing, StepRow
from asbuilt.designed.parties.queries import code_of, numbers_by_name
from asbuilt.formats.nearest import did_you_mean
from asbuilt.kernel.errors import Invalid, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import spans_of
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.answering.lookup import identity_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, View
from asbuilt.storage.transactions import write_tx

UNITS_MAX = 2_000
CODES_MAX = 2_000
CODE_CHARACTERS_MAX = 400
NAMED_MAX = 5
RESULTS = ("completed", "failed", "aborted")


@dataclass(frozen=True)
class Sent:
    """What left: the entry, the delivery note, the party's code, how many units."""

    entry: int
    note: str
    party: str
    units: int


@dataclass(frozen=True)
class TakenBack:
    """What came back: the entry, the note, how many units, the names of those still outside, and holds that stop what came."""

    entry: int
    note: str
    units: int
    outside: tuple[str, ...]
    still_held: tuple[Stop, ...]


def send_out(
    actor: Actor,
    *,
    codes: Sequence[str],
    step: str,
    side: str = "",
    party: str = "",
    note: str = "",
    transport: str = "",
    request_key: str | None = None,
) -> Sent:
    """The units with these codes (`A..B` is a stretch of an order, a panel its units) leave with a delivery note.

    NotFound: a code, a party that there is not. Refused: what stops a unit; another party than the routing's; two orders. The same
    note for the same units and step is answered as before.
    """
    actor.require(OUTSIDE_SEND)
    asked_for = {"codes": list(codes), "step": step, "side": side, "party": party, "note": note, "transport": transport}
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        units = _units(view, codes)
        route, asked = _on_route(view, units, step, side)
        side = asked.side if asked and asked.side else side
        code = _party(view, asked, party)
        lines = lines_of(view.tenant, note) if note else []
        again = was_recorded(actor.tenant, request_key)
        if lines and not again:
            return _as_before(view, lines, units, (step, side, code, transport))
        if not again:
            refuse_stopped(_stops(view, units, step, side))
        note, entry = production.send_out(
            actor, spans=spans_of(units), party=code, step=step, side=side, note=note, transport=transport, said=asked_for,
            request_key=request_key,
        )  # fmt: skip
    sequencing.after_commit(actor.tenant)
    return Sent(entry, note, code, len(units))


def _units(view: View, codes: Sequence[str]) -> BitMap:
    """The units of scans, spans and panels together."""
    if not 1 <= len(codes) <= CODES_MAX or any(len(code) > CODE_CHARACTERS_MAX for code in codes):
        said = f"{len(codes)} codes; 1 to {CODES_MAX:,} are scanned, each of up to {CODE_CHARACTERS_MAX} characters."
        raise Invalid("gate.codes", said, {"field": "codes"}, "Scan a unit, a panel, or ORDER#1..ORDER#40.")
    found = BitMap()
    for code in codes:
        first, dots, last = code.strip().partition("..")
        if last.startswith("#"):
            last = first.rpartition("#")[0] + last
        found |= units_between(view, first, last) if dots else BitMap(units_of_code(view, first))
    if len(found) > UNITS_MAX:
        said = f"{len(found):,} units in one call; a delivery note takes up to {UNITS_MAX:,}."
        raise Invalid("gate.note_units", said, {"field": "codes"}, "Send them with several notes.")
    return found


def _on_route(view: View, units: BitMap, step: str, side: str) -> tuple[Routing | None, StepRow | None]:
    """The way of these units of one order (of the first, where they were begun under several), and its step. The gate's verdict names a step that is not on it."""
    blocks = view.blocks_over(units)
    orders = {block.order for block in blocks}
    if len(orders) > 1:
        first, other = (identity_of(view, (units & BitMap(range(b.first, b.until))).min()) for b in
                        (blocks[0], next(b for b in blocks if b.order != blocks[0].order)))  # fmt: skip
        said = f"{first.name} is of order {first.order}, {other.name} of {other.order}."
        facts = {"first": first.name, "first_order": first.order, "other": other.name, "other_order": other.order}
        raise Refused("gate.note_two_orders", said, {"field": "codes", **facts}, "A delivery note is of one order.")
    if not step.strip():
        raise Invalid(
            "gate.step_missing", "No step is named.", {"field": "step"}, "Name the step that is done outside."
        )
    route = way_of(view, units.min())
    return route, route.step(step, side) if route else None


def _party(view: View, asked: StepRow | None, given: str) -> str:
    """The code of the subcontractor: the routing's, or the one that is named where there is no routing."""
    known = numbers_by_name(view.tenant)
    if given and given not in known:
        remedy = did_you_mean(given, known) or "Add the party to parties.csv first."
        raise NotFound(
            "parties.unknown", f"No party is called {given[:60]}.", {"field": "party", "value": given[:60]}, remedy
        )
    number = asked.subcontractor if asked else None
    if number is None and not given:
        said = "Nobody is named who does the step."
        raise Invalid("gate.subcontractor_missing", said, {"field": "party"}, "Name the subcontractor.")
    if given and number is not None and known[given] != number:
        code = code_of(view.tenant, number)
        said = f"{asked.name} is done by {code}, not by {given[:60]}."
        remedy = f"Send the units to {code}, or name the other party in the routing first."
        raise Refused(
            "gate.other_subcontractor", said, {"field": "party", "step": asked.name, "subcontractor": code}, remedy
        )
    return code_of(view.tenant, known[given] if number is None else number)


def _stops(view: View, units: BitMap, step: str, side: str):
    for unit in units:
        yield from verdict_of(view, unit, step, side, outside=True).stops
        yield from inside_already(view, unit, identity_of(view, unit))


def _as_before(view: View, lines: Sequence[Line], units: BitMap, asked: tuple[str, str, str, str]) -> Sent:
    """What was recorded for a note that is sent twice; Refused where it says something else."""
    head = lines[0]
    there = (head.step, head.side, code_of(view.tenant, head.party), head.transport)
    if units_of(lines) != units or there != asked:
        said = f"Note {head.note} left at {format_instant(head.sent_at)[:16]} with {len(units_of(lines))} units for {head.step_name}."
        raise Refused(
            "gate.note_taken", said, {"field": "note", "note": head.note}, "Leave the note empty for the next number."
        )
    return Sent(head.entry, head.note, there[2], len(units))


def take_back(
    actor: Actor,
    *,
    note: str,
    codes: Sequence[str] = (),
    result: str = COMPLETED,
    started_at: int | None = None,
    finished_at: int | None = None,
    papers: Sequence[Paper] = (),
    request_key: str | None = None,
) -> TakenBack:
    """The units with these codes came back with the note they left with; without codes, or with the note's own: all that are open.

    The step began when they left and ended when they came back, unless times are given. NotFound: no such note, no such code.
    Refused: units that did not leave with it, that are back, a paper that the routing asks for and nobody brought.
    """
    actor.require(OUTSIDE_TAKE_BACK)
    kept = [[kind, name] for kind, name, _ in papers]
    said = {
        "note": note, "codes": list(codes), "result": result, "started_at": started_at, "finished_at": finished_at,
        "papers": kept,
    }  # fmt: skip
    with write_tx(actor.tenant):
        view = View(local_system(actor.tenant))
        lines = lines_of(view.tenant, note)
        if not lines:
            remedy = did_you_mean(note, note_numbers(view.tenant)) or "Scan the note that came with the units."
            raise NotFound(
                "production.note_unknown", f"There is no delivery note {note[:60]}.", {"note": note[:60]}, remedy
            )
        sent = units_of(lines)
        open_units = sent - units_of(backs_of(view.tenant, note))
        open_units -= view.state_units(SCRAPPED, over=open_units) if open_units else BitMap()
        scanned = [code for code in codes if code.strip() not in ("", note)]
        if was_recorded(actor.tenant, request_key):
            units, run = BitMap(), None
        else:
            units = _coming(view, note, sent, open_units, scanned)
            run = _run(view, lines, units, result, (started_at, finished_at), papers)
        entry = production.take_back(
            actor, note=note, spans=spans_of(units), run=run, papers=papers, said=said, request_key=request_key
        )
        if run is None:
            units = units_of(one for one in backs_of(view.tenant, note) if one.entry == entry)
        names = names_of(view, open_units - units)
        held = tuple(stop for unit in units for stop in held_stops(view, unit, identity_of(view, unit)))
        done = TakenBack(entry, note, len(units), tuple(names[unit] for unit in sorted(names)), held)
    sequencing.after_commit(actor.tenant)
    return done


def _coming(view: View, note: str, sent: BitMap, open_units: BitMap, codes: Sequence[str]) -> BitMap:
    """The units that come back: what was scanned, or all that are open."""
    units = _units(view, codes) if codes else open_units
    scrapped = view.state_units(SCRAPPED, over=units) if units else BitMap()
    for code, found, reason, remedy in (
        ("gate.not_on_note", units - sent, "did not go out with note", "Scan the note they came with."),
        ("gate.scrapped", scrapped, "was scrapped, and is not expected with note", "Put it into the scrap cage."),
        ("gate.back_already", units - open_units - scrapped, "came back already with note", "Leave it out."),
    ):
        if found:
            names = names_of(view, BitMap(found[:NAMED_MAX]))
            listed = [names[unit] for unit in sorted(names)]
            more = f" and {len(found) - len(listed)} more" if len(found) > len(listed) else ""
            said = f"{', '.join(listed)}{more} {reason} {note}."
            raise Refused(
                code, said, {"note": note, "units": listed, "listed": ", ".join(listed), "total": len(found)}, remedy
            )
    if not units:
        remedy = "Look at the note: nothing is outside with it."
        raise Refused("gate.note_closed", f"Everything of note {note} came back.", {"note": note}, remedy)
    return units


def _run(view: View, lines: Sequence[Line], units: BitMap, result: str, times, papers: Sequence[Paper]) -> Run:
    """The step as it was done there; Refused without the papers that the routing asks for."""
    head, now = lines[0], clock.now()
    if result not in RESULTS:
        remedy = f"One of {' '.join(RESULTS)}."
        raise Invalid("gate.result", f"{result[:40]} is no result.", {"field": "result"}, remedy)
    sent_at = max(line.sent_at for line in lines if units & BitMap(range(line.first_unit, line.until_unit)))
    started, finished = (
        given if given is not None else usual for given, usual in zip(times, (sent_at, now), strict=True)
    )
    if not sent_at <= started <= finished <= max(now, sent_at):
        said = f"The step is done between {format_instant(sent_at)[:16]}, when the units left, and now."
        raise Invalid("gate.outside_times", said, {"field": "started_at"}, "Mend the times, or leave them empty.")
    route = way_of(view, units.min())
    asked = route.step(head.step, head.side) if route else None
    brought = {kind for kind, _, _ in papers}
    missing = [kind for kind in (asked.evidence_needed if asked else ()) if kind not in brought]
    if missing and result == COMPLETED:
        said = f"{head.step_name} comes back with {' and '.join(asked.evidence_needed)}; missing: {', '.join(missing)}."
        remedy = "Add the file, or record the units as failed or aborted."
        raise Refused(
            "gate.evidence_missing",
            said,
            {"field": "papers", "step": head.step_name, "missing": missing, "listed": ", ".join(missing)},
            remedy,
        )
    applied = {"routing": route.name, **asked.documents} if asked else {}
    return Run(head.step, head.side, code_of(view.tenant, head.party), result, started, finished, applied)
