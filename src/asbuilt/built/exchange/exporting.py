"""Export: every table as a folder of CSV files, from the facts that stand.

    export_folder(actor, folder)

What came in comes back as text, in the order in which it was recorded; a span of which a part was withdrawn comes back as
the rows that are left. units.csv follows the axis, with `-` and `planned` for a unit that nothing is said of. Images and
documents are written below the folder where they were kept. corrections.csv comes out empty: history moves by backup and restore.
Imported into an empty home, the folder gives the same answers, and exported again the same bytes.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from pathlib import Path, PurePosixPath

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_EXPORT
from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.built.production.events import UNIT
from asbuilt.formats.tables import TABLES, write_table
from asbuilt.kernel.errors import AsbuiltError, Refused
from asbuilt.ledger import evidence
from asbuilt.ledger.facts import FactRow, all_facts, facts_of_units, standing
from asbuilt.storage import reading

BATCH_FACTS = 4_096
BATCH_UNITS = 8_192
# tables whose rows come with a file, and the column of its path
FILES_OF = {
    "documents": "file", "sboms": "file", "declarations": "file", "inspection_checks": "file", "firmware": "image", "calibrations": "file",
    "qualifications": "file", "outside_papers": "file", "programming_order_states": "file",
    "concession_decisions": "file", "waiver_decisions": "file", "vex_decisions": "file", "upstream_reports": "file", "build_configurations": "file", "placings": "file",
    "dispositions": "file", "own_entries": "file",
}  # fmt: skip
# tables whose rows are nothing without their file, which may be erased: the column of its hash
ERASABLE = {"own_entries": 4}
# tables in which one row leads to the next, also where the first was corrected since: what names the thing, what comes first of it, the instant
SEQUENCES = {
    "configurations": ((), ("order", ""), "happened_at"),
    "test_plans": (("plan",), ("changes", ""), "happened_at"),
    "containers": (("container",), ("event", "opened"), "happened_at"),
    "dispositions": (("nonconformity", "disposition"), ("step", "proposed"), "decided_at"),
    "programming_order_states": (("programming_order",), ("state", "done"), "happened_at"),
    "release_states": (("product", "role", "version"), ("state", "released"), "happened_at"),
    "own_entries": (("entry",), ("sha256", ""), "modified_at"),  # each is newer than the one before
}
UNSAID = ("-", "", "", "planned")
Progress = Callable[[str, int], None]
"""Called with the file and the rows written of it."""


@dataclass
class ExportReport:
    """Rows by table, images written, and images that the record does not hold."""

    rows: dict[str, int] = field(default_factory=dict)
    images: list[str] = field(default_factory=list)
    missing_images: list[str] = field(default_factory=list)


def export_folder(actor: Actor, folder: Path, progress: Progress | None = None) -> ExportReport:
    """Write every table into the folder, which must not hold tables already. Reads one moment of the record."""
    actor.require(RECORD_EXPORT)
    folder.mkdir(parents=True, exist_ok=True)
    there = [f"{name}.csv" for name in TABLES if (folder / f"{name}.csv").exists()]
    if there:
        raise Refused(
            "exchange.folder_holds_tables",
            f"{folder} holds tables already: {', '.join(there[:3])}.",
            {"folder": str(folder), "files": there},
            "Give an empty folder.",
        )
    report = ExportReport()
    written = []
    try:
        with reading.snapshot():
            named = list(_files_named(actor.tenant))
            places = _places(actor.tenant, named)
            for name in TABLES:
                written.append(folder / f"{name}.csv.part")
                with open(written[-1], "wb") as out:
                    report.rows[name] = write_table(TABLES[name], _counted(actor.tenant, name, progress, places), out)
            _write_images(actor.tenant, folder, report, [(places.get(one, one[0]), one[1]) for one in named])
    except BaseException:
        for part in written:
            part.unlink(missing_ok=True)
        raise
    for part in written:
        os.replace(part, part.with_suffix(""))
    return report


def _files_named(tenant: int) -> Iterator[tuple[str, str]]:
    """(path, SHA-256) of each row that comes with a file."""
    for table, path in FILES_OF.items():
        file, sha256 = (TABLES[table].columns.index(column) for column in (path, "sha256"))
        for row in rows_of(tenant, table):
            if row[file]:
                yield row[file], row[sha256]


def _places(tenant: int, named: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """(path, SHA-256) -> another path, where several files came under one path: `bom.json` of each night. The first keeps its name."""
    contents: dict[str, list[str]] = {}
    for path, sha256 in dict.fromkeys(named):
        if PurePosixPath(path).name:
            contents.setdefault(path, []).append(sha256)
    several = {path: found for path, found in contents.items() if len(found) > 1}
    sql = "SELECT sha256 FROM ledger_evidence WHERE tenant = %s AND " + reading.any_of("sha256", "text")
    asked = sorted({sha256 for found in several.values() for sha256 in found})
    held = {sha256 for (sha256,) in reading.fetch(sql, (tenant, reading.list_param(asked)))} if asked else set()
    places = {}
    for path, found in several.items():
        for sha256 in (
            found[1:] if held.intersection(found) else ()
        ):  # a path of which no file is here is a name and no more
            place = PurePosixPath(path)
            places[path, sha256] = str(place.with_name(f"{place.stem}.{sha256[:16]}{place.suffix}"))
    return places


def _counted(
    tenant: int, name: str, progress: Progress | None, places: dict[tuple[str, str], str]
) -> Iterator[tuple[str, ...]]:
    rows = _unit_rows(tenant) if name == "units" else rows_of(tenant, name)
    if places and name in FILES_OF:
        rows = (_placed(name, row, places) for row in rows)
    for n, row in enumerate(rows, 1):
        if progress and n % BATCH_FACTS == 0:
            progress(f"{name}.csv", n)
        yield row


def _placed(name: str, row: tuple[str, ...], places: dict[tuple[str, str], str]) -> tuple[str, ...]:
    columns = TABLES[name].columns
    file = columns.index(FILES_OF[name])
    place = places.get((row[file], row[columns.index("sha256")]))
    return row if place is None else (*row[:file], place, *row[file + 1 :])


def rows_of(tenant: int, name: str) -> Iterator[tuple[str, ...]]:
    """The rows of a table that stand, in the order of recording. Memory is flat."""
    if name not in INTAKES:
        return
    cells = FactCells(tenant)
    shapes = (INTAKES[name].shape, *INTAKES[name].older)
    facts = standing(tenant, merge(*(all_facts(tenant, shape.name) for shape in shapes), key=_recorded))
    if name == "orders":  # the axis is given out in this order
        facts = iter(sorted(facts, key=lambda found: (found[0].values[8], found[0].entry, found[0].row)))
    if name in SEQUENCES:
        facts = iter(_in_sequence(name, list(facts)))
    erased = _erased(tenant) if name in ERASABLE else set()
    sha256 = ERASABLE.get(name, 0)
    for batch in _batches(facts, BATCH_FACTS):
        for row in cells.rows(batch):
            if not erased or row[sha256] not in erased:
                yield row


def _in_sequence(name: str, facts: list) -> list:
    """Facts of a table in which one row leads to the next: those of one thing in that order, in the places where they were recorded."""
    columns = INTAKES[name].shape.columns
    of, (first, word), at = SEQUENCES[name]
    named, first, at = [columns.index(column) for column in of], columns.index(first), columns.index(at)
    places: dict[tuple, list[int]] = {}
    for place, (fact, _) in enumerate(facts):
        places.setdefault(tuple(fact.values[column] for column in named), []).append(place)
    found = list(facts)
    for mine in places.values():
        led = sorted(mine, key=lambda place: (facts[place][0].values[first] != word, facts[place][0].values[at], place))
        for place, other in zip(mine, led, strict=True):
            found[place] = facts[other]
    return found


def _erased(tenant: int) -> set[str]:
    sql = "SELECT sha256 FROM ledger_evidence WHERE tenant = %s AND key IS NULL"
    return {sha256 for (sha256,) in reading.fetch(sql, (tenant,))}


def _recorded(fact: FactRow) -> tuple[int, int]:
    return fact.entry, fact.row


def _batches(found: Iterator, size: int) -> Iterator[list]:
    while batch := list(islice(found, size)):
        yield batch


def _unit_rows(tenant: int) -> Iterator[tuple[str, ...]]:
    """units.csv along the axis, for each order up to the last unit that a row stands of."""
    sql = (
        "SELECT o.code, b.first_unit, b.until_unit FROM production_block b JOIN production_order o ON o.tenant = b.tenant "
        "AND o.number = b.work_order WHERE b.tenant = %s AND b.until_entry IS NULL AND o.until_entry IS NULL "
        "ORDER BY b.first_unit"
    )
    waiting: dict[str, int] = {}  # units of an order without a row: they are written only where a row of it follows
    for order, first, until in reading.fetch(sql, (tenant,)):
        silent = waiting.get(order, 0)
        for low in range(first, until, BATCH_UNITS):
            high = min(low + BATCH_UNITS, until)
            said = {
                fact.values[0]: tuple(fact.values[2:])
                for fact, _ in standing(tenant, facts_of_units(tenant, low, high, [UNIT.name]))
            }
            for unit in range(low, high):
                if unit not in said:
                    silent += 1
                    continue
                for _ in range(silent):
                    yield (order, *UNSAID)
                silent = 0
                yield (order, *said[unit])
        waiting[order] = silent


def _write_images(tenant: int, folder: Path, report: ExportReport, named: Iterable[tuple[str, str]]) -> None:
    root = folder.resolve()
    for image, sha256 in named:
        place = (root / image).resolve()
        if not place.is_relative_to(root) or place == root:
            report.missing_images.append(image)
            continue
        try:
            pieces = evidence.open_evidence(tenant, sha256)
        except AsbuiltError:
            report.missing_images.append(image)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        if place.exists():
            continue
        with open(place, "wb") as out:
            out.writelines(pieces)
        report.images.append(image)
