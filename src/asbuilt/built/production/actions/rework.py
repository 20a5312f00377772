"""Replace a part on a unit: what came out, what went in, why, by whom; in the shape of replacements.csv. Called by the gate alone.

    replace_part(actor, unit=4711, refdes="U7", removed="PK-1", installed="PK-2", reason="solder bridge", request_key=key)

Packages are named by their codes; an empty one is: whatever was there; not known. Refused: a position that the BOM does not have,
a package that cannot have been there.
"""

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import REWORK
from asbuilt.built.production.intake.replacements import ReplacementsIntake
from asbuilt.built.production.orders import named_spans
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import sequencing
from asbuilt.ledger.one_row import checked_rows, named, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording

REASON_CHARACTERS_MAX = 2_000
_NOT_THERE = frozenset({"supply.package_unknown", "production.position_unknown"})
_NOT_POSSIBLE = frozenset({"production.replacement_not_there"})


def replace_part(
    actor: Actor,
    *,
    unit: int,
    refdes: str,
    removed: str = "",
    installed: str = "",
    reason: str,
    operator: str = "",
    happened_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """Record the replacement; returns the entry. Raises what replacements.csv refuses, NotFound for an unknown package."""
    actor.require(REWORK)
    if not reason.strip() or len(reason) > REASON_CHARACTERS_MAX or len(operator) > 120:
        remedy = f"Say why in up to {REASON_CHARACTERS_MAX:,} characters; a badge has up to 120."
        raise Invalid("production.rework_reason", "A replacement needs a reason.", {}, remedy)
    if not removed and not installed:
        raise Invalid(
            "production.rework_empty", "Nothing came out and nothing went in.", remedy="Scan one of the packages."
        )
    said = (unit, refdes, removed, installed, reason, operator, happened_at)
    try:
        content = digest(repr(said).encode())
        with recording(actor, "production.part_replaced", request_key=request_key, content=content) as entry:
            at = format_instant(entry.recorded_at if happened_at is None else happened_at)
            unit_named = named_spans(actor.tenant, [(unit, unit + 1)])[0][0]
            row = [unit_named, refdes, removed, installed, operator or badge(actor), reason, at, ""]
            checked = checked_rows("replacements", [named("replacements", row)])
            state_rows(
                entry, ReplacementsIntake, checked, missing=_NOT_THERE, refused=_NOT_POSSIBLE, person=actor.person
            )
            entry.notes = {"refdes": refdes[:120]}
    except AlreadyRecorded as known:
        return known.number
    sequencing.after_commit(actor.tenant)
    return entry.number
