"""Many small files of results at once: one entry for up to 200 of them, as a tester writes one a unit.

    record_files(actor, [("SN1.json", b"…"), …], kind="openhtf")   -> a FileSeen for each, in order

Each file is still known by the hash of its bytes, kept as evidence of its own, and taken whole or not at all: where one of a group cannot be
taken, the group is undone and its files are taken one by one, so that only the wrong one is refused. Repairs and mapped files go one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from hashlib import sha256

from asbuilt.access.actor import Actor
from asbuilt.access.queries import time_zone_of
from asbuilt.access.rights import MESSAGE_RECORD
from asbuilt.built.messages.events import FILE_TAKEN, TAKEN
from asbuilt.built.messages.file_readers import reader_for
from asbuilt.built.messages.machine_files import (
    FileSeen,
    file_rows,
    read_with,
    record_file,
    refuse_kind,
    refuse_name,
    seen_before,
    stored_together,
    write_files,
)
from asbuilt.built.quality.checked import CheckedTests
from asbuilt.formats.machine_files import MachineRows
from asbuilt.formats.refusals import ErrorList
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.ledger import clock, evidence, sequencing
from asbuilt.ledger.recording import Entry, recording

GROUP_FILES_MAX = 200
FILES_MAX = 100_000
Given = tuple[str, bytes]


class _Apart(Exception):
    """Something of the group cannot be taken: its files are taken one by one."""


@dataclass
class _Read:
    """A file of the group that was read."""

    place: int
    payload: bytes
    seen: FileSeen
    found: MachineRows


def record_files(actor: Actor, files: Sequence[Given], *, machine: str = "", kind: str = "") -> list[FileSeen]:
    """Take (name, bytes) of many files. Raises as `record_file` does, for a name that is none, before anything is kept."""
    actor.require(MESSAGE_RECORD)
    refuse_kind(kind)
    for name, payload in files:
        refuse_name(name, payload)
    seen: list[FileSeen] = []
    for start in range(0, len(files), GROUP_FILES_MAX):
        seen += _record_group(actor, files[start : start + GROUP_FILES_MAX], machine, kind)
    return seen


def _record_group(actor: Actor, files: Sequence[Given], machine: str, kind: str) -> list[FileSeen]:
    hashes = [sha256(payload).hexdigest() for _, payload in files]
    known = file_rows(actor.tenant, hashes)
    done: dict[int, FileSeen] = {}
    together: list[_Read] = []
    taken: set[str] = set()
    zone = time_zone_of(actor.tenant)
    for place, ((name, payload), file) in enumerate(zip(files, hashes, strict=True)):
        if file in known and known[file].use == TAKEN:
            done[place] = seen_before(known[file])
        elif file not in taken and file not in known:
            read = _read(actor.tenant, place, name, payload, file, machine, kind, zone)
            together += [read] if read else []
            taken.add(file)
    if len(together) > 1:
        done |= _record_together(actor, together)
    for place, (name, payload) in enumerate(files):
        if place not in done:
            done[place] = record_file(actor, name, payload, machine=machine, kind=kind)
    return [done[place] for place in range(len(files))]


def _read(
    tenant: int, place: int, name: str, payload: bytes, file: str, machine: str, kind: str, zone: tzinfo
) -> _Read | None:
    """The rows of a file that can go with others; None where it is to be taken, or refused, by itself."""
    seen, errors = FileSeen(file, name, TAKEN, machine), ErrorList()
    try:
        reader = reader_for(tenant, name, payload, file, machine=machine, kind=kind, zone=zone)
        found = read_with(reader, payload, seen, clock.now(), errors)
    except AsbuiltError:
        return None
    # what is inside a unit may be refused, or be no unit: of which file, is only known where it is taken alone
    return (
        None
        if errors.total or seen.becomes != "tests" or not found.rows or found.inside
        else _Read(place, payload, seen, found)
    )


def _record_together(actor: Actor, together: Sequence[_Read]) -> dict[int, FileSeen]:
    kept = stored_together(actor.tenant, [(one.seen.file, one.seen.name, one.payload) for one in together])
    try:
        with recording(actor, FILE_TAKEN) as entry:
            known = file_rows(actor.tenant, [one.seen.file for one in together])
            if any(row.use == TAKEN for row in known.values()):
                raise _Apart
            _take(entry, together)
            evidence.record_all(entry, kept)
            write_files(entry, [(one.seen, len(one.payload)) for one in together], known)
    except _Apart:
        return {}
    finally:
        for one in kept:
            if not one.recorded:
                evidence.forget(one)
    sequencing.after_commit(actor.tenant)
    return {one.place: one.seen for one in together}


def _take(entry: Entry, together: Sequence[_Read]) -> None:
    """The rows of all of them through one intake; whatever it does not like, the group is undone for."""
    errors, contradictions, warnings = ErrorList(), ErrorList(), []
    intake = CheckedTests(entry, f"{len(together)} files", errors, contradictions, warnings.append)
    lines = [line for one in together for line in one.found.lines]
    rows = [row for one in together for row in one.found.rows]
    intake.take(lines, rows)
    intake.finish()
    # a warning names a line of a file; which one is only known where it is taken alone
    if errors.total or contradictions.total or warnings or intake.known:
        raise _Apart
    for one in together:
        one.seen.rows = one.seen.stored = len(one.found.rows)
        one.seen.warnings = list(one.found.warnings)
