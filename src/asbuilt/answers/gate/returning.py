"""Returns by what people scan: the units of codes, then the room's verb. Coming back asks nothing; going again asks everything.

A module that left inside another unit and was taken out of it at the customer's comes back alone; one that is inside still by the record does not.
"""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import RETURN_RECORD
from asbuilt.answers.gate.actions import refuse_stopped
from asbuilt.answers.gate.packing import CODES_MAX
from asbuilt.answers.gate.reworking import inside_already
from asbuilt.answers.gate.stops import units_of_code
from asbuilt.answers.gate.verdicts import state_stops
from asbuilt.built.shipping.actions import returns
from asbuilt.kernel.errors import Invalid, Refused
from asbuilt.ledger.recording import was_recorded
from asbuilt.questions.genealogy.answering.lookup import identity_of, unit_of
from asbuilt.questions.genealogy.evaluating.came_out import came_out_at, left_with
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.states import here_again
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def receive_returns(
    actor: Actor,
    *,
    codes: Sequence[str],
    rma: str = "",
    said: str = "",
    party: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> tuple[str, int]:
    """The units with these codes came back; returns the RMA number and the entry."""
    actor.require(RETURN_RECORD)
    if not 1 <= len(codes) <= CODES_MAX:
        raise Invalid(
            "gate.codes", f"{len(codes)} codes; 1 to {CODES_MAX} are taken.", {"field": "codes"}, "Scan units."
        )
    with reading.snapshot():
        view = View(local_system(actor.tenant))
        units = BitMap(unit for one in codes for unit in units_of_code(view, one.strip()))
        if not was_recorded(actor.tenant, request_key):
            alone = BitMap().union(*(mine for _, mine in last_lines(view, units)))
            for unit in BitMap(view.parents(units - alone)):
                refuse_stopped(inside_already(view, unit, identity_of(view, unit)))
        loose = BitMap().union(*(mine for _, mine in left_with(view, units)))
        inside = came_out_at(view, loose)  # alone it comes back when it was taken out, never before
    return returns.receive(
        actor, units=units, rma=rma, said=said, party=party, left_inside=inside, happened_at=happened_at, request_key=request_key
    )  # fmt: skip


def record_return(
    actor: Actor,
    *,
    code: str,
    event: str,
    said: str = "",
    replacement: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """What was found, repaired or tested on a unit that is back, or (`replaced`) which unit stands for it; returns the entry. Refused: a unit that was
    scrapped, or a skipped position, stands for none."""
    actor.require(RETURN_RECORD)
    with reading.snapshot():
        view = View(local_system(actor.tenant))
        unit = unit_of(view, code)
        other = unit_of(view, replacement) if replacement else None
        if not was_recorded(actor.tenant, request_key):
            if other is not None:
                refuse_stopped(state_stops(view, other, identity_of(view, other)))
            if not here_again(view, BitMap([unit])):  # it never came back, or left again, alone or inside another unit
                raise Refused("shipping.not_back", f"{code} is not back.", {"unit": code}, "Receive it first.")
    if (event == "replaced") != (other is not None):
        raise Invalid("gate.replacement", "A replacement names the other unit.", {"field": "replacement"}, "Scan both.")
    common = {"happened_at": happened_at, "request_key": request_key}
    if other is not None:
        return returns.replace(actor, unit=unit, replacement=other, said=said, **common)
    return returns.record(actor, unit=unit, event=event, said=said, **common)
