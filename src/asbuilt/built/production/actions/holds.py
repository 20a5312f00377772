"""Place a hold, say what work it lets through, and lift one. Nothing held may go on: no step, no gate (design, section 6 of issue 4; section 3, production).

    place_hold(actor, lots=[7], spans=[(4001, 4101)], reason="cold joints at U7", request_key=key)   -> "H-12"
    allow_through(actor, hold="H-12", allowing=[("release", '["EG-200", "app", "2.3.2", "ab…"]')], reason="the update", request_key=key)
    lift_hold(actor, hold="H-12", reason="sorted, 3 reworked", spans=[(4001, 4099)], request_key=key)

A hold names the role that may lift it; who lifts needs the right and that role. Its code is given here, one number after
the other, and is never given again. Refused: an empty hold, a second lifting, lifting by another role.
"""

import re
from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import HOLD_LIFT, HOLD_PLACE
from asbuilt.built.production.holds import LIFTER, hold_of
from asbuilt.built.production.intake.holds import HoldsIntake
from asbuilt.built.production.orders import named_spans
from asbuilt.built.supply.queries import lot_cells
from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording
from asbuilt.storage import reading

SPANS_MAX = 20_000
LIFTERS = ("quality_lead", "psirt")
_NO_TARGET = ("",) * 5
_NOT_THERE = frozenset({"production.hold_unknown", "supply.lot_unknown"})
_NOT_POSSIBLE = frozenset({"production.hold_lifted", "production.holds_by_question"})


def place_hold(
    actor: Actor,
    *,
    lots: Sequence[int] = (),
    spans: Sequence[Span] = (),
    question: str = "",
    matching: Sequence[Span] = (),
    silent: bool = False,
    reason: str,
    lifted_by: str = LIFTER,
    allowing: Sequence[tuple[str, str]] = (),
    request_key: str | None = None,
) -> str:
    """Hold these lots and units, and what a question gives (`matching`: its units now); returns the hold's code.

    `silent` holds units of which the record does not say whether they carry the lot, too. `allowing` are (release, step or done; what) that it
    lets through. Invalid, NotFound, Refused as
    holds.csv; NotAllowed without the right.
    """
    actor.require(HOLD_PLACE)
    if lifted_by not in LIFTERS:
        remedy = f"One of {' '.join(LIFTERS)}."
        raise Invalid(
            "production.hold_lifter", f"No hold is lifted by {lifted_by[:40]}.", {"role": lifted_by[:40]}, remedy
        )
    if not lots and not spans and not question:
        raise Invalid("production.hold_empty", "The hold holds nothing.", remedy="Name a lot, units or a question.")
    if len(spans) + len(matching) > SPANS_MAX:
        raise Refused(
            "production.hold_too_scattered",
            f"These units lie in more than {SPANS_MAX:,} spans.",
            {"spans": len(spans) + len(matching), "spans_max": SPANS_MAX},
            "Hold the lot or whole orders instead, or narrow the question.",
        )
    said = (sorted(lots), sorted(spans), question, silent, reason, lifted_by, *([list(allowing)] if allowing else ()))
    content = digest(*(repr(part).encode() for part in said))
    try:
        with recording(actor, "production.hold_placed", request_key=request_key, content=content) as entry:
            code = _next_code(actor.tenant)
            rows = _placing(actor, entry, code, lots, [*spans, *matching], question, silent, reason, lifted_by)
            _state(entry, actor, [*rows, *_allowing(actor, entry, code, allowing, reason)])
            entry.notes = {"hold": code, "rows": len(rows)}
    except AlreadyRecorded as known:
        sql = "SELECT code FROM production_hold WHERE tenant = %s AND entry = %s"
        code = reading.fetch_one(sql, (actor.tenant, known.number))[0]
    sequencing.after_commit(actor.tenant)
    return code


def _next_code(tenant: int) -> str:
    sql = "SELECT DISTINCT code FROM production_hold WHERE tenant = %s AND substr(code, 1, 2) = 'H-'"
    numbers = [re.fullmatch(r"H-([0-9]{1,9})", code) for (code,) in reading.fetch(sql, (tenant,))]
    return f"H-{max((int(found[1]) for found in numbers if found), default=0) + 1}"


def _placing(actor, entry: Entry, code: str, lots, spans, question: str, silent: bool, reason: str, lifted_by: str):
    """The rows of holds.csv that say it."""
    end = ["true" if silent else "", lifted_by, reason, badge(actor), format_instant(entry.recorded_at), ""]
    rows = []
    cells = lot_cells(actor.tenant, lots)
    for lot in lots:
        if lot not in cells:
            raise NotFound("supply.lot_unknown", "There is no such lot.", {"lot": lot}, "Look at its code.")
        rows.append([code, "place", "lot", *cells[lot], "", "", "", *end])
    if question:
        rows.append([code, "place", "question", *_NO_TARGET, "", "", question, *end])
    for first, last in named_spans(actor.tenant, spans):
        rows.append([code, "place", "units", *_NO_TARGET, first, last, "", "", *end[1:]])
    return rows


def _allowing(actor, entry: Entry, code: str, allowing, reason: str) -> list[list[str]]:
    end = ["", "", reason, badge(actor), format_instant(entry.recorded_at), ""]
    return [[code, "allow", kind, *_NO_TARGET, "", "", said, *end] for kind, said in allowing]


def allow_through(
    actor: Actor, *, hold: str, allowing: Sequence[tuple[str, str]], reason: str, request_key: str | None = None
) -> int:
    """Work that the hold lets through from now on: (release, step or done; what); returns the entry.

    Needs what lifting needs. NotFound: no such hold. Refused: lifted before. Invalid as holds.csv.
    """
    actor.require(HOLD_LIFT)
    content = digest(b"allow", hold.encode(), reason.encode(), repr(list(allowing)).encode())
    try:
        with recording(actor, "production.hold_allows", request_key=request_key, content=content) as entry:
            _refuse_others(actor, hold)
            rows = _allowing(actor, entry, hold, allowing, reason)
            _state(entry, actor, rows)
            entry.notes = {"hold": hold[:200], "rows": len(rows)}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def lift_hold(
    actor: Actor, *, hold: str, reason: str, spans: Sequence[Span] = (), request_key: str | None = None
) -> int:
    """Lift a hold, or let only these units go; returns the entry.

    NotFound: no such hold. Refused: lifted before. NotAllowed: without the right, or where the hold names another role.
    """
    actor.require(HOLD_LIFT)
    content = digest(hold.encode(), reason.encode(), repr(sorted(spans)).encode())
    try:
        with recording(actor, "production.hold_lifted", request_key=request_key, content=content) as entry:
            _refuse_others(actor, hold)
            end = ["", "", reason, badge(actor), format_instant(entry.recorded_at), ""]
            rows = [[hold, "lift", "units", *_NO_TARGET, *ends, "", *end] for ends in named_spans(actor.tenant, spans)]
            _state(entry, actor, rows or [[hold, "lift", "", *_NO_TARGET, "", "", "", *end]])
            entry.notes = {"hold": hold[:200], "rows": max(len(rows), 1)}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _state(entry: Entry, actor: Actor, rows: Sequence[Sequence[str]]) -> None:
    checked = checked_rows("holds", [named("holds", row) for row in rows])
    state_rows(entry, HoldsIntake, checked, missing=_NOT_THERE, refused=_NOT_POSSIBLE, person=actor.person)


def _refuse_others(actor: Actor, code: str) -> None:
    """A person lifts what his role may lift; the local system account, which holds every right, anything."""
    found = hold_of(actor.tenant, code)
    if found is None:
        remedy = "The page Holds and `asbuilt hold list` show those that are open."
        raise NotFound("production.hold_unknown", f"There is no hold {code[:200]}.", {"hold": code[:200]}, remedy)
    if actor.roles and found.lifted_by not in actor.roles:
        raise NotAllowed(
            "production.hold_lifter_other",
            f"Hold {code} is lifted by another role: {found.lifted_by}.",
            {"hold": code, "role": found.lifted_by},
            "Ask somebody who has that role.",
        )
