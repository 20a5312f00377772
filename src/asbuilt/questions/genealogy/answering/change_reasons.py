"""What an ECO comes from and rests on: the change notices that it answers, and of a maker's part that it brings in how it was compared and qualified.

A manufacturer's person reads both of products of his own: he agrees to it. Codes of sheets, runs and orders stay with the house.
"""

from asbuilt.access.actor import Actor
from asbuilt.designed.changes.controlling.eco import PART
from asbuilt.designed.changes.qualifying.runs import standing_run
from asbuilt.designed.changes.qualifying.sheets import LOWER, UNKNOWN, Candidate, Sheet, compared, sheets_of_parts
from asbuilt.designed.changes.said.lines import lines_named
from asbuilt.designed.changes.sourcing.notice_file import DECIDED, DECISIONS
from asbuilt.designed.changes.sourcing.queries import standing_notice
from asbuilt.questions.genealogy.answering.where_used import touches


def notices_answered(actor: Actor, eco: str) -> list[dict]:
    """The change notices whose decision names this ECO, as far as they touch the reader's products."""
    named = {line.about for line in lines_named(actor.tenant, DECIDED, DECISIONS) if line.said.get("eco") == eco}
    found = [standing_notice(actor.tenant, code) for code in sorted(named)]
    return [
        {"notice": one.code, "kind": one.kind, "maker": one.maker, "number": one.number, "title": one.title, "dates": one.dates}
        for one in found if one.eco == eco and not one.open and touches(actor, one)
    ]  # fmt: skip


def alternates_brought_in(actor: Actor, changes: list[dict]) -> list[dict]:
    """Of each change to a maker's part that a sheet names: its state, and what it can do less than what it takes the place of."""
    wanted = [one for one in changes if one["kind"] == PART]
    sheets = sheets_of_parts(actor.tenant, {one["subject"][0] for one in wanted})
    return [
        _brought_in(actor, change["change"], sheet, one)
        for change in wanted
        for sheet in sheets
        if sheet.part == change["subject"][0]
        for one in sheet.candidates.values()
        if f"{one.maker}/{one.mpn}".casefold() == change["new"].casefold()  # however people write it, as at the gate
    ]


def _brought_in(actor: Actor, change: str, sheet: Sheet, one: Candidate) -> dict:
    run = standing_run(actor.tenant, one.run) if one.run else None
    rows = {
        state: [row["words"] for row in compared(sheet) for each in row["alternates"]
                if (each["mpn"], each["maker"], each["compares"]) == (one.mpn, one.maker, state)]
        for state in (LOWER, UNKNOWN)
    }  # fmt: skip
    house = actor.party is None
    return {
        "change": change, "part": sheet.part, "mpn": one.mpn, "maker": one.maker, "state": one.state, "lower": rows[LOWER],
        "unknown": len(rows[UNKNOWN]), "units": run.units if run is not None else 0, "sheet": sheet.code if house else "",
        "run": one.run if house else "", "order": one.order if house else "",
    }  # fmt: skip
