"""Put units into a unit, in the shape of assemblies.csv. Called by the gate alone; taking out ends the link by a correction.

    put_in(actor, parent=4711, child=17, position="slot 1", request_key=key)

Refused: a unit inside itself at any depth, or inside two at one time.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import REWORK
from asbuilt.built.production.intake.assemblies import AssembliesIntake
from asbuilt.built.production.orders import named_spans
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording

POSITION_CHARACTERS_MAX = 120
_NOT_POSSIBLE = frozenset({"production.inside_two", "production.assembly_cycle", "production.assembly_depth"})


def put_in(
    actor: Actor,
    *,
    parent: int,
    child: int,
    position: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """The child is inside the parent from now on, or from then; returns the entry. Raises what assemblies.csv refuses."""
    actor.require(REWORK)
    if len(position) > POSITION_CHARACTERS_MAX:
        said = f"A position has at most {POSITION_CHARACTERS_MAX} characters."
        raise Invalid("production.position_long", said, {}, "Scan it again.")
    content = digest(repr((parent, child, position, happened_at)).encode())
    try:
        with recording(actor, "production.unit_put_in", request_key=request_key, content=content) as entry:
            at = format_instant(entry.recorded_at if happened_at is None else happened_at)
            (outer, _), (inner, _) = (named_spans(actor.tenant, [(unit, unit + 1)])[0] for unit in (parent, child))
            row = named("assemblies", [outer, inner, position, at])
            state_rows(
                entry, AssembliesIntake, checked_rows("assemblies", [row]), refused=_NOT_POSSIBLE, person=actor.person
            )
            entry.notes = {"position": position}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number
