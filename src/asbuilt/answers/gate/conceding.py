"""Concessions by what people scan: the units of codes, then the room's verb."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import CONCESSION_PROPOSE
from asbuilt.answers.gate.packing import CODES_MAX
from asbuilt.answers.gate.stops import units_of_code
from asbuilt.built.quality.actions import concessions
from asbuilt.kernel.errors import Invalid
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def propose_concession(
    actor: Actor,
    *,
    codes: Sequence[str],
    allows: str,
    reason: str,
    until_at: int,
    subject: str = "",
    code: str = "",
    request_key: str | None = None,
) -> tuple[str, int]:
    """The units with these codes may go with that missing, until then, once everybody agreed; returns its code and the entry."""
    actor.require(CONCESSION_PROPOSE)
    if not 1 <= len(codes) <= CODES_MAX:
        raise Invalid(
            "gate.codes", f"{len(codes)} codes; 1 to {CODES_MAX} are taken.", {"field": "codes"}, "Scan units."
        )
    with reading.snapshot():
        view = View(local_system(actor.tenant))
        units = BitMap(unit for one in codes for unit in units_of_code(view, one.strip()))
    return concessions.propose_concession(
        actor,
        units=units,
        allows=allows,
        subject=subject,
        reason=reason,
        until_at=until_at,
        code=code,
        request_key=request_key,
    )
