"""Verbs of field actions.

    start_action(actor, case="C-1", kind="update", title="…", question="cve:CVE-2027-1", remedy="firmware:>=2.3.2", hold=True, why="…")  -> "F-1"
    report_units(actor, action="F-1", standing="found", units=["SN-1", "SN-2..SN-9"], at=…, source="customer", why="…")
    report_file(actor, action="F-1", content=b"serial,state,at\\n…", name="july.csv", source="customer")
    look_again(actor, action="F-1")            the reach grows by what matches by now, and the count is kept
    let_go(actor, action="F-1", why="…")       what is in house and updated leaves the action's hold
    justify_rest(actor, action="F-1", why="…") · close_action(actor, action="F-1", why="…")

A field action ends when every unit of its reach is accounted for, or one person said why the rest stays open and another one closed it. Refused: a
unit that is not in the reach, a remedy that is no question, a closing with a rest that nobody justified, or that grew since.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import CASE_DECIDE, CASE_WORK, HOLD_LIFT
from asbuilt.answers.cases import events
from asbuilt.answers.cases.acting import action_file as words
from asbuilt.answers.cases.acting.action_file import FieldAction, action_of, as_spans
from asbuilt.answers.cases.acting.allowing import allowed_by, refuse_taking_back
from asbuilt.answers.cases.acting.queries import standing_action
from asbuilt.answers.cases.acting.reported import read_reported
from asbuilt.answers.cases.acting.standing import matching, standing_of
from asbuilt.answers.cases.handling.actions.attaching import file_said, kept_file
from asbuilt.answers.cases.handling.actions.stating import (
    NAME_CHARACTERS_MAX,
    not_ahead,
    one_of,
    refuse_closed,
    state,
    text,
)
from asbuilt.answers.cases.handling.case_file import CaseFile
from asbuilt.answers.cases.handling.queries import refuse_party, standing_case
from asbuilt.answers.cases.handling.statements import New, as_line, free_code
from asbuilt.answers.register.holds import check_question, hold, spans_named
from asbuilt.built.production.actions.holds import lift_hold
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.kernel.spans import bitmap_of, spans_of
from asbuilt.ledger.recording import Entry, was_recorded
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading
from asbuilt.storage.transactions import write_tx

QUESTION_CHARACTERS_MAX = 10_000
SOURCES = ("customer", "telemetry", "service", "distributor", "other")
SPANS_MAX = 20_000
OURS = "psirt"
REASON_CHARACTERS_MAX = 400


def start_action(
    actor: Actor,
    *,
    case: str,
    kind: str,
    title: str,
    question: str,
    why: str,
    remedy: str = "",
    silent: bool = False,
    hold_rest: bool = True,
    releases: Sequence[str] = (),
    steps: Sequence[str] = (),
    request_key: str | None = None,
) -> str:
    """Begin a field action on the units that the question gives; returns its code.

    `remedy` is a question whose units are updated, such as `firmware:>=2.3.2`; needed for an update. `silent`: also the units of which the record
    does not know whether they are meant. `hold_rest` holds what matches and is in house, and what comes to match, until it certainly is what `remedy` asks for; that hold lets `releases`
    and `steps` through (`ordering`). Raises what `ask` and `hold` raise.
    """
    one_of("kind", kind, words.KINDS)
    title, why = text("title", title, NAME_CHARACTERS_MAX), text("why", why)
    question = text("question", question, QUESTION_CHARACTERS_MAX)
    remedy = text("remedy", remedy, QUESTION_CHARACTERS_MAX, needed=kind in words.CHANGING)
    check_question(question)
    if remedy:
        language.parse(remedy)
    ordered = bool(releases or steps)
    if ordered:
        refuse_taking_back(kind, "")
        if not hold_rest:
            said = "A field action that holds nothing lets nothing through."
            raise Invalid("cases.action_orders_unheld", said, {}, "Leave the release out, or let it hold.")

    refuse_party(actor, case)
    actor.require(CASE_DECIDE)
    asked = [kind, title, question, remedy, silent, hold_rest, why, *([list(releases), list(steps)] if ordered else ())]
    # the hold is part of it: both, or none
    with write_tx(actor.tenant):
        held = ""
        if hold_rest:
            refuse_closed(standing_case(actor.tenant, case))
            # what takes back is in house where it belongs: its hold ends when somebody lifts it
            done = remedy if kind in words.CHANGING else ""
            allowing = allowed_by(actor.tenant, done, releases, steps)
            held = _held(actor, question, silent, title, allowing, request_key)

        def lines(entry: Entry, before: CaseFile | None) -> list[New]:
            code = free_code(entry.tenant, words.STARTED, words.PREFIX)
            units = _asked(entry.tenant, question, silent)
            said = {
                "case": case, "title": title, "question": question, "silent": "yes" if silent else "no", "remedy": remedy, "hold": held,
                "spans": as_spans(_not_scattered(units)), "units": len(units),
            }  # fmt: skip
            if ordered:
                said |= {"releases": list(releases), "steps": list(steps)}
            started = New(
                code, words.STARTED, why, name=kind, said={key: cell for key, cell in said.items() if cell != ""}
            )
            linked = New(case, words.LINKED, why, name=code, said={"kind": kind, "title": title})
            return [*_counted(entry, [], [started]), linked]

        entry = state(actor, events.ACTION_STARTED, CASE_DECIDE, asked, lines, case=case, request_key=request_key)
    sql = "SELECT about FROM cases_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    return reading.fetch_one(sql, (actor.tenant, entry, words.STARTED))[0]


def _held(actor: Actor, question: str, silent: bool, title: str, allowing: list, request_key: str | None) -> str:
    """The hold of an action that begins; the same one where the request is repeated."""
    key = request_key and f"{request_key}/hold"
    code = free_code(actor.tenant, words.STARTED, words.PREFIX)
    if was_recorded(actor.tenant, key):
        sql = "SELECT h.code FROM production_hold h JOIN ledger_entry e ON e.tenant = h.tenant AND e.number = h.entry WHERE h.tenant = %s AND e.request_key = %s"
        return reading.fetch_one(sql, (actor.tenant, key))[0]
    reason = f"{code} {title}"[:REASON_CHARACTERS_MAX]
    return hold(
        actor, question=question, silent=silent, reason=reason, lifted_by=OURS, allowing=allowing, request_key=key
    )


def report_units(
    actor: Actor,
    *,
    action: str,
    standing: str,
    units: Sequence[str],
    at: int,
    source: str,
    why: str = "",
    request_key: str | None = None,
) -> int:
    """What became of these units (`SN`, or `SN1..SN2` along an order) at that time, as somebody says; returns the entry.

    A product that holds units of the reach stands for them.
    """
    one_of("standing", standing, words.REPORTABLE)
    one_of("source", source, SOURCES)
    why = text("why", why, needed=False)

    def lines(entry: Entry, before: FieldAction) -> list[New]:
        not_ahead("at", at, entry)
        named = bitmap_of(spans_named(local_system(actor.tenant), units))
        meant = _within_reach(entry.tenant, before, named, units)
        said = {"spans": as_spans(meant), "units": len(meant), "source": source}
        return [New(action, words.REPORTED, why, name=standing, at=at, said=said)]

    asked = [standing, list(units), at, source, why]
    return of_action(actor, action, CASE_WORK, asked, lines, request_key=request_key)


@dataclass(frozen=True)
class FileTaken:
    """A file of reports that was taken: its entry, how many units it speaks of."""

    entry: int
    units: int


def report_file(
    actor: Actor, *, action: str, content: bytes, name: str, source: str, request_key: str | None = None
) -> FileTaken:
    """The same from a file: serial, state, time, note (CSV); whole or not at all, every wrong row named."""
    one_of("source", source, SOURCES)
    refuse_party(actor, action)
    actor.require(CASE_WORK)

    def lines(entry: Entry, before: FieldAction) -> list[New]:
        found = []
        for (standing, at, note), units in read_reported(entry, before, content, name).items():
            said = {
                "spans": as_spans(_not_scattered(units)),
                "units": len(units),
                "source": source,
                **dict(file_said(kept)),
            }
            found.append(New(action, words.REPORTED, note, name=standing, at=at, said=said))
        return found

    with kept_file(actor.tenant, content, name) as kept:
        asked = ["file", source, *file_said(kept)]
        entry = of_action(actor, action, CASE_WORK, asked, lines, attached=kept, request_key=request_key)
    return FileTaken(entry, _spoken_of(actor.tenant, entry))


def look_again(actor: Actor, *, action: str, request_key: str | None = None) -> int | None:
    """The reach grows by what matches by now, and the count is kept where it changed; returns the entry, None where nothing did."""
    refuse_party(actor, action)
    actor.require(CASE_WORK)
    before = standing_action(actor.tenant, action)
    refuse_closed_action(before)
    with reading.snapshot():
        grown = _asked(actor.tenant, before.question, before.silent) - before.reach
        if not grown and _same_count(actor.tenant, before):
            return None

    def lines(entry: Entry, before: FieldAction) -> list[New]:
        units = _asked(entry.tenant, before.question, before.silent) - before.reach
        said = {"spans": as_spans(_not_scattered(units)), "units": len(units)}
        return [New(action, words.REACHED, name=before.kind, said=said)] if units else []

    return of_action(actor, action, CASE_WORK, ["look"], lines, request_key=request_key)


def let_go(actor: Actor, *, action: str, why: str, request_key: str | None = None) -> int:
    """What the record shows as updated leaves the action's hold; returns the entry. Refused: no hold, nothing to let go."""
    why = text("why", why)
    actor.require(HOLD_LIFT)

    refuse_party(actor, action)
    key = request_key and f"{request_key}/lift"
    # the lifting is part of it: both, or none
    with write_tx(actor.tenant):
        before = standing_action(actor.tenant, action)
        done = BitMap()
        if not was_recorded(actor.tenant, key):
            done = _updated_in_hold(actor.tenant, before)
            reason = f"{action} {why}"[:REASON_CHARACTERS_MAX]
            lift_hold(actor, hold=before.hold, reason=reason, spans=spans_of(done), request_key=key)

        def lines(entry: Entry, before: FieldAction) -> list[New]:
            said = {"spans": as_spans(done), "units": len(done), "hold": before.hold}
            return [New(action, words.FREED, why, name=before.hold, said=said)]

        return of_action(actor, action, CASE_WORK, ["free", why], lines, request_key=request_key)


def _updated_in_hold(tenant: int, action: FieldAction) -> BitMap:
    refuse_closed_action(action)
    if not action.hold:
        said = f"{action.code} holds nothing."
        raise Refused("cases.action_no_hold", said, {"action": action.code}, "Nothing is to do.")
    standing = standing_of(tenant, action)
    done = (standing.units[words.UPDATED] & standing.recorded) - action.freed
    if not done:
        said = f"No unit of {action.code} was updated since units were let go last."
        raise Refused("cases.action_none_updated", said, {"action": action.code}, "Update them first.")
    return done


def justify_rest(actor: Actor, *, action: str, why: str, request_key: str | None = None) -> int:
    """Why the units that are still open stay so; another person has to close. Returns the entry. Refused: nothing is open."""
    why = text("why", why)

    def lines(entry: Entry, before: FieldAction) -> list[New]:
        left = standing_of(entry.tenant, before).left(before)
        if not left:
            raise Refused("cases.action_no_rest", f"No unit of {action} is open.", {"action": action}, "Close it.")
        return [New(action, words.REST, why, name=before.kind, said={"spans": as_spans(left), "units": len(left)})]

    return of_action(actor, action, CASE_DECIDE, ["rest", why], lines, request_key=request_key)


def close_action(actor: Actor, *, action: str, why: str, request_key: str | None = None) -> int:
    """It is over; returns the entry. Refused: units are open that nobody gave a reason for, or the reason is of the same person."""
    why = text("why", why)

    def lines(entry: Entry, before: FieldAction) -> list[New]:
        left = standing_of(entry.tenant, before).left(before)
        grown = _asked(entry.tenant, before.question, before.silent) - before.reach
        if open_units := (left | grown) - before.justified:
            facts = {"action": action, "units": len(open_units)}
            said = f"{len(open_units):,} units are neither accounted for nor justified."
            raise Refused("cases.action_open", said, facts, "Report what became of them, or say why they stay open.")
        if left and (actor.person is None or before.rest.person in (None, actor.person)):
            said = "The one who justified the rest cannot close it, and the system account is no person."
            raise Refused("cases.action_second_person", said, {"action": action}, "Have another person close it.")
        closed = New(action, words.CLOSED, why, name=before.kind, said={"units": len(before.reach), "open": len(left)})
        return [closed, New(before.case, words.LINKED, why, name=action, said={"state": "closed"})]

    return of_action(actor, action, CASE_DECIDE, ["close", why], lines, request_key=request_key)


def of_action(
    actor: Actor,
    action: str,
    right: str,
    asked: Sequence,
    lines: Callable[[Entry, FieldAction], list[New]],
    *,
    attached: Sequence = (),
    request_key: str | None,
) -> int:
    """Record lines of an open field action, and its count where it changed."""

    def given(entry: Entry, _: CaseFile | None) -> list[New]:
        before = standing_action(actor.tenant, action)
        refuse_closed_action(before)
        return _counted(entry, before.lines, lines(entry, before))

    said = [action, *asked]
    return state(actor, events.ACTION_STATED, right, said, given, attached=attached, request_key=request_key)


def refuse_closed_action(action: FieldAction) -> None:
    """Refused where the field action is over."""
    if action.closed is not None:
        raise Refused("cases.action_closed", f"{action.code} is closed.", {"action": action.code}, "Start another one.")


def _asked(tenant: int, question: str, silent: bool) -> BitMap:
    found = matching(local_system(tenant), question)
    return found.unrecorded if silent else found.possible


def _not_scattered(units: BitMap) -> BitMap:
    if (count := len(spans_of(units))) > SPANS_MAX:
        said = f"These units lie in {count:,} spans; {SPANS_MAX:,} are taken at once."
        raise Refused("cases.action_scattered", said, {"spans": count}, "Ask for whole orders, or split the file.")
    return units


def _within_reach(tenant: int, action: FieldAction, named: BitMap, texts: Sequence[str]) -> BitMap:
    """Those of the reach that are meant: named themselves, or inside what was named."""
    view = View(local_system(tenant))
    meant, strange = BitMap(), 0
    for unit in named:
        mine = BitMap([unit]) & action.reach or view.descendants(BitMap([unit])) & action.reach
        meant |= mine
        strange += not mine
    if strange:
        said = f"{strange:,} of these units are not in {action.code}."
        facts = {"action": action.code, "units": list(texts)[:20]}
        raise Invalid(
            "cases.action_strange_unit", said, facts, "Look at the serial numbers, or look again for new units."
        )
    return meant


def _counted(entry: Entry, before: Iterable, given: list[New]) -> list[New]:
    """The lines, and after them one with the count where it differs from the last one that was kept."""
    mine = [line for line in given if line.about.startswith(words.PREFIX)]
    action = action_of([*before, *(as_line(entry, place, line) for place, line in enumerate(mine))])
    said = count_said(action, standing_of(entry.tenant, action))
    if action.counts and action.counts[-1].said == said:
        return given
    return [*given, New(action.code, words.COUNTED, name=action.kind, said=said)]


def _same_count(tenant: int, action: FieldAction) -> bool:
    return bool(action.counts) and action.counts[-1].said == count_said(action, standing_of(tenant, action))


def count_said(action: FieldAction, standing) -> dict:
    """How many units stand where, and of each customer how many are accounted for; what a curve is drawn from."""
    accounted = standing.accounted(action)
    return {
        "units": len(action.reach),
        "standings": {name: len(units) for name, units in standing.units.items() if units},
        "customers": {
            name: [units.intersection_cardinality(accounted), len(units)] for name, units in standing.customers.items()
        },
    }


def _spoken_of(tenant: int, entry: int) -> int:
    sql = "SELECT said FROM cases_statement WHERE tenant = %s AND entry = %s AND kind = %s"
    rows = reading.fetch(sql, (tenant, entry, words.REPORTED))
    return sum(json.loads(said)["units"] for (said,) in rows)
