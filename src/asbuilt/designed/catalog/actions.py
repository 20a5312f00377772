"""Verbs of the catalogue: serial rule, mark rule, panel map, machine programs and demand on the record of a product, each as table rows."""

from collections.abc import Mapping, Sequence

from asbuilt.access.actor import Actor
from asbuilt.access.rights import ORDER_PLAN
from asbuilt.designed.catalog import events
from asbuilt.designed.catalog.panel_intake import PanelPlacesIntake
from asbuilt.designed.catalog.panel_maps import PANEL_PLACES_MAX
from asbuilt.designed.catalog.program_intake import ProgramsIntake
from asbuilt.designed.catalog.record_demands_intake import RecordDemandsIntake
from asbuilt.designed.catalog.rules_intake import MarkRulesIntake, SerialRulesIntake
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.intake import TableIntake
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording

FEEDERS_MAX = 2_000
NOT_THERE = frozenset({"catalog.product_unknown", "catalog.revision_unknown"})


def set_serial_rule(
    actor: Actor,
    *,
    product: str,
    prefix: str,
    width: int,
    check: str = "none",
    first: int = 1,
    request_key: str | None = None,
) -> int:
    """Units of the product are numbered so from now on; returns the entry. Numbers that were given stay as they are."""
    row = {"product": product, "prefix": prefix, "width": str(width), "check": check, "first": str(first)}
    return _state(actor, events.SERIAL_RULE_SET, SerialRulesIntake, [row], request_key)


def set_mark_rule(
    actor: Actor,
    *,
    product: str,
    content: str,
    gtin: str = "",
    company_digits: int | None = None,
    module_mm: str = "0.25",
    read_back: str = "",
    request_key: str | None = None,
) -> int:
    """Marks of the product's units hold this from now on, and are read back before the step `read_back`; returns the entry."""
    digits = "" if company_digits is None else str(company_digits)
    row = {"product": product, "content": content, "gtin": gtin, "company_digits": digits, "module_mm": module_mm}
    row["read_back"] = read_back
    return _state(actor, events.MARK_RULE_SET, MarkRulesIntake, [row], request_key)


def set_panel_map(
    actor: Actor,
    *,
    product: str,
    revision: str,
    panel: str,
    places: Sequence[dict[str, str]],
    request_key: str | None = None,
) -> int:
    """Machines' positions are translated by this map from now on; returns the entry.

    `places` are rows of panel_places.csv without product, revision and panel, such as `panel_maps.grid` gives.
    """
    if len(places) > 2 * PANEL_PLACES_MAX:
        raise Invalid(
            "catalog.panel_too_large",
            f"A panel has at most {PANEL_PLACES_MAX:,} units.",
            {"field": "places"},
            "Give the map of one panel.",
        )
    rows = [{"product": product, "revision": revision, "panel": panel, **place} for place in places]
    return _state(actor, events.PANEL_MAP_SET, PanelPlacesIntake, rows, request_key)


def set_program(
    actor: Actor,
    *,
    product: str,
    revision: str,
    side: str,
    machine: str,
    program: str,
    feeders: Sequence[Mapping[str, str]],
    request_key: str | None = None,
) -> int:
    """The machine places so on this side from now on; returns the entry.

    `feeders` are rows of programs.csv without what they share: feeder, refdes, grey_pieces; `program_files.feeders_from` makes
    them from a placement file and a feeder list. Invalid for what programs.csv refuses, Conflict for a feeder that was said otherwise.
    """
    if not 1 <= len(feeders) <= FEEDERS_MAX:
        said = f"A program has 1 to {FEEDERS_MAX:,} feeders."
        raise Invalid("catalog.program_size", said, {"field": "feeders"}, "Give the feeders of one machine.")
    shared = {"product": product, "revision": revision, "side": side, "machine": machine, "program": program}
    rows = [{**shared, **feeder} for feeder in feeders]
    return _state(actor, events.PROGRAM_SET, ProgramsIntake, rows, request_key)


def set_record_demand(
    actor: Actor,
    *,
    product: str,
    revision: str,
    material: str = "",
    process: str = "",
    agreed_in: str = "",
    from_at: int | None = None,
    request_key: str | None = None,
) -> int:
    """The record of the revision's units is to reach these levels (M1 to M4, P1 to P4; empty: not demanded); returns the entry.

    `from_at` is UTC microseconds; None: from now on.
    """
    row = {
        "product": product, "revision": revision, "material_level": material, "process_level": process,
        "agreed_in": agreed_in, "from_at": "" if from_at is None else format_instant(from_at),
    }  # fmt: skip
    stated = {**row, "from_at": row["from_at"] or format_instant(clock.now())}
    return _state(actor, events.RECORD_DEMAND_SET, RecordDemandsIntake, [stated], request_key, asked=[row])


def _state(
    actor: Actor,
    type: str,
    intake: type[TableIntake],
    rows: list[dict[str, str]],
    request_key: str | None,
    asked: list[dict[str, str]] | None = None,
) -> int:
    """Record the rows; `asked` is what makes a request the same, where the rows hold its time."""
    actor.require(ORDER_PLAN)
    content = digest(type.encode(), *(repr(sorted(row.items())).encode() for row in asked or rows))
    try:
        with recording(actor, type, request_key=request_key, content=content) as entry:
            state_rows(entry, intake, checked_rows(intake.table, rows), missing=NOT_THERE)
            entry.notes = {"product": rows[0]["product"]} if rows else {}
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    return number
