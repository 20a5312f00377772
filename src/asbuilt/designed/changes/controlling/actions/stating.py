"""How a verb writes lines about an ECO: checked, recorded in one entry."""

from collections.abc import Callable, Sequence

from asbuilt.access.actor import Actor
from asbuilt.designed.changes.controlling.eco import Eco
from asbuilt.designed.changes.controlling.queries import eco as seen_eco
from asbuilt.designed.changes.controlling.queries import standing_eco
from asbuilt.designed.changes.controlling.statements import KEPT, New, write
from asbuilt.kernel.errors import Refused
from asbuilt.ledger import sequencing
from asbuilt.ledger.recording import AlreadyRecorded, Entry, digest, recording

LINES_MAX = 2_000


def state(
    actor: Actor,
    type: str,
    right: str,
    said: Sequence,
    lines: Callable[[Entry, Eco | None], list[New]],
    *,
    eco: str = "",
    request_key: str | None,
) -> int:
    """Record what `lines` gives; returns the entry. `eco`: about that one, which is not withdrawn and not full."""
    if eco:
        seen_eco(actor, eco)  # one that the actor does not see is not there
    actor.require(right)
    content = digest(repr([type, eco, *said]).encode())
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            before = standing_eco(actor.tenant, eco) if eco else None
            if before is not None:
                _refuse(before)
            write(entry, lines(entry, before), actor.person)
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number


def _refuse(eco: Eco) -> None:
    if eco.closed is not None:
        raise Refused("changes.withdrawn", f"{eco.code} was withdrawn.", {"eco": eco.code}, "Propose another one.")
    if len(eco.lines) >= LINES_MAX:
        said = f"{eco.code} has {LINES_MAX:,} lines, the most there may be."
        raise Refused("changes.lines_many", said, {"eco": eco.code}, "Withdraw it and propose another one.")


def refuse_bounded(eco: Eco) -> None:
    """Refused where its boundary is set: what it changes is fixed from then on."""
    if eco.boundary is not None:
        said = f"{eco.code} has a boundary: what it changes is fixed."
        raise Refused("changes.fixed", said, {"eco": eco.code}, "Propose another ECO for what is to change further.")


def name_recorded(actor: Actor, column: str, kind: str, entry: int) -> str:
    """What the line of this kind in the entry is about, or its name."""
    return getattr(KEPT.first_of(actor.tenant, entry, kind), column)
