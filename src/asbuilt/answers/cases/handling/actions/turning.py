"""A case turns out to be more than it was opened as: a vulnerability that is exploited, a supplier's alert that became an incident.

    add_kind(actor, case="C-2", kind="aev", at=…, why="seen in the logs of a customer")

What it was opened as stays. Duties that the new kind starts run from `at`, the moment since when we are aware of that; duties that run already keep
their own awareness. Refused: a kind that the case has. Invalid: a time ahead of the clock.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_DECIDE
from asbuilt.answers.cases import events
from asbuilt.answers.cases.handling import clocks
from asbuilt.answers.cases.handling import statements as kinds
from asbuilt.answers.cases.handling.actions.stating import not_ahead, one_of, state, text
from asbuilt.answers.cases.handling.case_file import CASE_KINDS, CaseFile, by_role
from asbuilt.answers.cases.handling.statements import New
from asbuilt.kernel.errors import Conflict
from asbuilt.ledger.recording import Entry


def add_kind(actor: Actor, *, case: str, kind: str, at: int, why: str, request_key: str | None = None) -> int:
    """The case is this too, and since then we are aware of it (UTC µs); returns the entry."""
    one_of("kind", kind, CASE_KINDS)
    why = text("why", why)

    def lines(entry: Entry, before: CaseFile | None) -> list[New]:
        not_ahead("at", at, entry)
        if kind in before.kinds:
            said = f"{case} is {kind} already."
            raise Conflict("cases.kind_held", said, {"case": case, "kind": kind}, "Nothing is to do.")
        running = {one.key for one in before.runs}
        started = [key for key in by_role(before, {kind}) if key not in running]
        aware = [
            New(case, kinds.MOMENT, why, party=party, duty=duty, name=clocks.AWARE, at=at) for party, duty in started
        ]
        return [New(case, kinds.KIND, why, name=kind, at=at), *aware]

    return state(actor, events.STATED, CASE_DECIDE, ["kind", kind, at, why], lines, case=case, request_key=request_key)
