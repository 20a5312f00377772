"""RFID tags on packages: the EPC of the tag is one more name of the package (SGTIN-96, GS1 EPC Tag Data Standard)."""

from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import MARK_READ
from asbuilt.built.supply.events import PACKAGE_NAME, PACKAGE_TAGGED
from asbuilt.built.supply.names_intake import PackageNamesIntake
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.gs1 import read_tag
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock, sequencing
from asbuilt.ledger.facts import fact_row
from asbuilt.ledger.one_row import checked_rows, state_rows
from asbuilt.ledger.recording import AlreadyRecorded, digest, recording

NOT_THERE = frozenset({"supply.package_unknown"})


@dataclass(frozen=True)
class PackageTagged:
    """A tagged package: its code, the 24 hex digits on the tag, what they say as URI, the entry."""

    package: str
    epc: str
    uri: str
    entry: int


def tag_package(actor: Actor, *, package: str, epc: str, request_key: str | None = None) -> PackageTagged:
    """The package is found by this tag too. Conflict where something has the tag, Invalid where it is no SGTIN-96."""
    actor.require(MARK_READ)
    try:
        tag = read_tag(epc)
    except ValueError as refusal:
        facts, remedy = {"field": "epc", "value": epc[:40]}, "Read the tag again."
        raise Invalid("supply.epc_wrong", f"{epc[:40]} is no tag of a package: {refusal}.", facts, remedy) from None
    content = digest(b"tag", package.encode(), tag.tag().encode())
    try:
        with recording(actor, PACKAGE_TAGGED, request_key=request_key, content=content) as entry:
            row = {"package": package, "kind": "EPC", "value": tag.tag(), "from_at": format_instant(clock.now())}
            state_rows(entry, PackageNamesIntake, checked_rows("package_names", [row]), missing=NOT_THERE)
            entry.notes = {"package": package}
            number = entry.number
    except AlreadyRecorded as known:
        number = known.number
    sequencing.after_commit(actor.tenant)
    values = fact_row(actor.tenant, number, PACKAGE_NAME.name, 0).values
    return PackageTagged(values[0], values[2], read_tag(values[2]).uri, number)
