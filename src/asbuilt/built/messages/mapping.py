"""Say how the files of a machine are read: a new mapping, or another one in place of what stood for the same pattern.

    say_mapping(actor, {"machine": "OVEN-2", "pattern": "OVEN_*.csv", …}, reason="the oven has a ninth zone now")

A change is a correction of the fact, with its reason; files that were taken keep the version they were read by.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.people import badge
from asbuilt.access.rights import MACHINE_MAP, MACHINE_READ
from asbuilt.built.exchange.correcting import correct_fact
from asbuilt.built.production.events import MAPPING_SAID
from asbuilt.built.production.intake.mappings import MappingsIntake
from asbuilt.built.production.mappings import CELLS, MappingRow, mappings
from asbuilt.formats.cells import CellRefused
from asbuilt.formats.file_mappings import columns_from_text, mistakes
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording


@dataclass(frozen=True)
class Said:
    """The mapping that stands now, the entry, and whether it took the place of another."""

    version: str
    entry: int
    corrected: bool


def machine_mappings(actor: Actor, machine: str = "") -> list[MappingRow]:
    """The mappings that stand, of one machine if it is named."""
    actor.require(MACHINE_READ)
    return mappings(actor.tenant, machine)


def say_mapping(actor: Actor, cells: Mapping[str, str], *, reason: str = "", request_key: str | None = None) -> Said:
    """From now on the machine's files of this pattern are read so. `cells` as in mappings.csv, `columns` as JSON.

    Invalid: what mappings.csv refuses, or another mapping for the pattern without a reason. The same again does nothing.
    """
    actor.require(MACHINE_MAP)
    said = draft(cells).cells
    before = next(
        (one for one in mappings(actor.tenant, said["machine"]) if one.cells["pattern"] == said["pattern"]), None
    )
    if before and before.cells == said:
        return Said(before.version, before.entry, False)
    if before:
        return _correct(actor, before, said, reason, request_key)
    content = digest(*(f"{name}={cell}".encode() for name, cell in said.items()))
    try:
        with recording(actor, MAPPING_SAID, request_key=request_key, content=content) as entry:
            row = {**said, "operator": badge(actor), "happened_at": format_instant(entry.recorded_at)}
            taken = state_rows(entry, MappingsIntake, checked_rows("mappings", [row]))
            entry.notes = {"machine": said["machine"], "pattern": said["pattern"]}
    except AlreadyRecorded as known:
        mine = next((one for one in mappings(actor.tenant, said["machine"]) if one.entry == known.number), None)
        return Said(mine.version if mine else "", known.number, False)
    sequencing.after_commit(actor.tenant)
    return Said(taken.facts[0], entry.number, False)


def _correct(actor: Actor, before: MappingRow, said: dict[str, str], reason: str, request_key: str | None) -> Said:
    if not reason.strip():
        raise Invalid(
            "messages.mapping_reason",
            f"{said['machine']} has a mapping for {said['pattern']}; another needs a reason.",
            {"field": "reason"},
            "Say why it changes.",
        )
    now = clock.now()
    cells = {**said, "operator": badge(actor), "happened_at": format_instant(now)}
    content = digest(reason.encode(), *(f"{name}={cell}".encode() for name, cell in said.items()))
    report = correct_fact(
        actor, before.version, cells, reason=reason, person=badge(actor) or actor.label, decided_at=now,
        request_key=request_key, content=content,
    )  # fmt: skip
    return Said(report.facts[0] if report.facts else "", report.entry, True)


def draft(cells: Mapping[str, str]) -> MappingRow:
    """A mapping that is not recorded, to try a file with. Invalid names every column that is wrong."""
    checked = checked_rows(
        "mappings", [{**{name: cells.get(name, "") for name in CELLS}, "happened_at": "1970-01-01T00:00:00Z"}]
    )[0]
    said = dict(zip(CELLS, checked, strict=False))
    wrong = list(mistakes(said))
    if wrong:
        column, first = wrong[0]
        raise Invalid(first.code, f"{column} {first.reason}.", {"field": column}, first.remedy)
    return MappingRow(said, "", "", "", 0)


def columns_of(text: str) -> str:
    """The JSON of lines as people write columns; Invalid names the line."""
    try:
        return columns_from_text(text)
    except CellRefused as refusal:
        raise Invalid(refusal.code, f"columns: {refusal.reason}.", {"field": "columns"}, refusal.remedy) from None
