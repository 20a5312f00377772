"""The work that a field action orders on its units, which its own hold lets through: releases that are programmed onto them, steps that they pass.

    order_work(actor, action="F-1", releases=["EG-200 app/2.3.2"], steps=["FUNCTION TEST"], why="…")   -> the entry

Nothing else goes through: another release, another step, packing; and it goes through no other hold. Refused: a release that is not released, a
step that is the packing, an action that holds nothing or takes back. What is ordered stands in the hold's rows: whoever names the wrong
release withdraws that row.
"""

from collections.abc import Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import CASE_DECIDE, HOLD_LIFT
from asbuilt.answers.cases.acting import action_file as words
from asbuilt.answers.cases.acting.action_file import FieldAction
from asbuilt.answers.cases.acting.actions import REASON_CHARACTERS_MAX, of_action, refuse_closed_action
from asbuilt.answers.cases.acting.allowing import allowed_by, refuse_taking_back
from asbuilt.answers.cases.acting.queries import standing_action
from asbuilt.answers.cases.handling.actions.stating import text
from asbuilt.answers.cases.handling.queries import refuse_party
from asbuilt.answers.cases.handling.statements import New
from asbuilt.built.production.actions.holds import allow_through
from asbuilt.built.production.holds import hold_of
from asbuilt.kernel.errors import Refused
from asbuilt.ledger.recording import was_recorded
from asbuilt.storage.transactions import write_tx


def order_work(
    actor: Actor,
    *,
    action: str,
    releases: Sequence[str] = (),
    steps: Sequence[str] = (),
    why: str,
    request_key: str | None = None,
) -> int:
    """Its units may be programmed with these releases (`PRODUCT ROLE/VERSION`) and pass these steps while they are held; returns the entry."""
    why = text("why", why)
    refuse_party(actor, action)
    actor.require(CASE_DECIDE)
    actor.require(HOLD_LIFT)
    key = request_key and f"{request_key}/allow"
    # what the hold lets through is part of it: both, or none
    with write_tx(actor.tenant):
        if not was_recorded(actor.tenant, key):
            before = standing_action(actor.tenant, action)
            new = _new(actor.tenant, before, releases, steps)
            reason = f"{action} {why}"[:REASON_CHARACTERS_MAX]
            allow_through(actor, hold=before.hold, allowing=new, reason=reason, request_key=key)

        def lines(entry, before: FieldAction) -> list[New]:
            said = {"releases": list(releases), "steps": list(steps), "hold": before.hold}
            return [New(action, words.ORDERED, why, name=before.hold, said=said)]

        asked = ["order", list(releases), list(steps), why]
        return of_action(actor, action, CASE_DECIDE, asked, lines, request_key=request_key)


def _new(tenant: int, action: FieldAction, releases: Sequence[str], steps: Sequence[str]) -> list[tuple[str, str]]:
    """What the hold does not let through yet. Refused: nothing new, nothing held, an action that takes back."""
    refuse_closed_action(action)
    refuse_taking_back(action.kind, action.code)
    asked = allowed_by(tenant, action.remedy, releases, steps)
    hold = hold_of(tenant, action.hold) if action.hold else None
    if hold is None or hold.lifted is not None:
        said = f"{action.code} holds nothing."
        raise Refused("cases.action_no_hold", said, {"action": action.code}, "Nothing is to do.")
    known = {
        *(("release", one.cell) for one in hold.releases),
        *(("step", one) for one in hold.steps),
        *(("done", one) for one in hold.done),
    }
    new = [one for one in asked if one not in known]
    if not [one for one in new if one[0] != "done"]:
        said = f"{action.code} orders this already, or nothing is named."
        raise Refused("cases.action_orders_it", said, {"action": action.code}, "Name a release or a step.")
    return new
