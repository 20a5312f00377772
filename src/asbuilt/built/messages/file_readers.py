"""What reads a file of a machine: a mapping that fits its name, or the reader of a format of results that testers write.

A mapping comes first, as somebody said it for this machine; a file that none fits is looked at, and read where it is of a known format.
`kind` names the format outright. The record keeps by what a file was read: the mapping's version, or `openhtf/4`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo

from asbuilt.access.queries import time_zone_of
from asbuilt.built.production.mappings import MappingRow, mappings
from asbuilt.formats.machine_files import MachineRows, read_machine_file
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results.reading import KINDS, kind_of, result_rows, why_no_kind
from asbuilt.kernel.errors import NotFound, Refused

REPAIRS = "repairs"


@dataclass(frozen=True)
class FileReader:
    """By what a file is read: the version kept with it, the machine, and what gives (table, rows)."""

    version: str
    machine: str
    read: Callable[[bytes, str, int, ErrorList], tuple[str, MachineRows]]


def reader_for(
    tenant: int, name: str, payload: bytes, file: str, *, machine: str = "", kind: str = "", zone: tzinfo | None = None
) -> FileReader:
    """What reads this file, whose bytes have the SHA-256 `file`. NotFound where nothing does, Refused where several mappings do."""
    if kind:
        return results_reader(tenant, kind, file, machine, zone)
    try:
        return mapped(mapping_for(tenant, name, machine))
    except NotFound as unknown:
        if found := kind_of(payload, name):
            return results_reader(tenant, found, file, machine, zone)
        if why := why_no_kind(payload, name):
            said = f"{unknown.message.removesuffix('.')}, and {why}."
            raise NotFound(unknown.code, said, unknown.facts, unknown.remedy) from None
        raise


def results_reader(tenant: int, kind: str, file: str, machine: str = "", zone: tzinfo | None = None) -> FileReader:
    """The reader of a format of results; `zone` is the tenant's, where it is known already."""
    zone = zone or time_zone_of(tenant)

    def read(payload: bytes, name: str, received_at: int, errors: ErrorList) -> tuple[str, MachineRows]:
        found = result_rows(payload, name, kind, source=file, zone=zone, received_at=received_at, errors=errors)
        return "processes" if found.columns == [REPAIRS] else "tests", found

    return FileReader(KINDS[kind].version, machine, read)


def mapped(mapping: MappingRow) -> FileReader:
    """The reader of a mapping."""

    def read(payload: bytes, name: str, received_at: int, errors: ErrorList) -> tuple[str, MachineRows]:
        return mapping.cells["becomes"], read_machine_file(payload, name, mapping.read(), errors)

    return FileReader(mapping.version, mapping.cells["machine"], read)


def kind_read_by(version: str) -> str:
    """The format that a file was read as; empty where a mapping read it."""
    kind, mark, _ = version.partition("/")
    return kind if mark and kind in KINDS else ""


def mapping_for(tenant: int, name: str, machine: str = "") -> MappingRow:
    """The mapping that reads a file of this name. NotFound where none does, Refused where several do."""
    mine = mappings(tenant, machine)
    found = [one for one in mine if one.fits(name)]
    if len(found) == 1:
        return found[0]
    whose = f" of {machine}" if machine else ""
    if not found:
        patterns = ", ".join(sorted({one.cells["pattern"] for one in mine})[:10])
        raise NotFound(
            "messages.mapping_unknown",
            f"No mapping{whose} reads a file called {name}.",
            {"name": name, "machine": machine},
            f"Patterns are {patterns}; correct one, or add a mapping." if mine else "Add a mapping for it.",
        )
    several = [f"{one.cells['pattern']} of {one.cells['machine']}" for one in found]
    raise Refused(
        "messages.mapping_several",
        f"{len(found)} mappings{whose} read a file called {name}: {', '.join(several[:5])}.",
        {"name": name, "mappings": several[:20]},
        "Name the machine, or narrow the patterns.",
    )
