"""Tables of this room in which a fact is a row, word for word: what happened to packages and what was said of them.

They share one form: a row stands from the entry that recorded it up to the one that withdrew it, has an operator and the
time at which it was so, and names packages and parts by their codes, so that a package or part that is corrected and keeps
its name keeps all that was said of it. One intake, one withdrawal and one rebuild serve all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from asbuilt.access.people import People
from asbuilt.built.supply import events
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import bulk, reading

PEOPLE = frozenset({"operator", "person"})


@dataclass(frozen=True)
class KeptTable:
    """An exchange table, the table of the database it becomes, and how cells that are no text are kept.

    Columns that end `_at` are instants, `operator` and `person` people.
    """

    name: str
    db_table: str
    shape: Shape
    counts: frozenset[str] = field(default_factory=frozenset)
    days: frozenset[str] = field(default_factory=frozenset)
    parties: frozenset[str] = field(default_factory=frozenset)
    files: bool = False

    def stored(self, cells: Sequence, party: Callable[[str], int | None]) -> tuple:
        """The values of a row in the order of the shape; the operator is a number already."""
        found = []
        for name, cell in zip(self.shape.columns, cells, strict=True):
            if name.endswith("_at"):
                found.append(parse_instant(cell))
            elif name in self.counts:
                found.append(int(cell) if cell else None)
            elif name in self.parties:
                found.append(party(cell) if cell else None)
            else:
                found.append(cell)
        return tuple(found)


KEPT = {
    table.name: table
    for table in (
        KeptTable(
            "lives",
            "supply_life",
            events.LIFE,
            frozenset({"floor_hours_max", "thaw_hours_min", "thaws_max", "open_hours_max", "stencil_hours_max"}),
            frozenset({"sealed_on", "expires_on"}),
        ),
        KeptTable(
            "declarations",
            "supply_declaration",
            events.DECLARATION,
            days=frozenset({"valid_until"}),
            parties=frozenset({"supplier"}),
            files=True,
        ),
        KeptTable(
            "inspection_plans", "supply_inspection_plan", events.INSPECTION_PLAN, parties=frozenset({"supplier"})
        ),
        KeptTable(
            "inspections",
            "supply_inspection",
            events.INSPECTION,
            frozenset({"lot_size", "sample_size", "accept_max", "nonconforming"}),
        ),
        KeptTable("inspection_checks", "supply_inspection_check", events.INSPECTION_CHECK, files=True),
        KeptTable("samples", "supply_sample", events.SAMPLE, frozenset({"quantity"}), frozenset({"until_on"})),
        KeptTable("statuses", "supply_package_status", events.STATUS),
        KeptTable("handling", "supply_package_handling", events.HANDLING),
        KeptTable("silicon_revisions", "supply_silicon_revision", events.SILICON),
    )
}


def write_rows(entry: Entry, table: KeptTable, rows: Iterable[Sequence], parties: dict[str, int], first: int) -> None:
    """Put rows (the values of their facts) where reads look; `first` is the row number of the first."""
    columns = ("tenant", *table.shape.columns, "entry", "row")
    found = [(entry.tenant, *table.stored(row, parties.get), entry.number, first + n) for n, row in enumerate(rows)]
    bulk.insert_rows(table.db_table, columns, found)


def with_operators(entry: Entry, table: KeptTable, rows: Iterable[Sequence[str]]) -> list[tuple]:
    """The values of facts: codes of people replaced by the numbers of the persons, who are opened at the first mention."""
    people = People(entry.tenant, entry.number)
    named = [name in PEOPLE for name in table.shape.columns]
    return [
        tuple(people.number(cell) if person else cell for cell, person in zip(row, named, strict=True)) for row in rows
    ]


def withdraw_kept(entry: Entry, table: KeptTable, facts: Sequence[FactRow]) -> None:
    """From this entry on these rows do not stand."""
    sql = f'UPDATE {table.db_table} SET until_entry = %s WHERE tenant = %s AND entry = %s AND "row" = %s'
    bulk.run_many(sql, [(entry.number, entry.tenant, fact.entry, fact.row) for fact in facts])


def kept_rows(tenant: int, table: KeptTable) -> Iterator[tuple]:
    """Every row: its values in the order of the shape, entry, row, until_entry. For the rebuild."""
    named = ", ".join(f'"{name}"' for name in table.shape.columns)
    sql = f'SELECT {named}, entry, "row", until_entry FROM {table.db_table} WHERE tenant = %s'
    yield from reading.fetch(sql, (tenant,))


def naming_packages(tenant: int, codes: Iterable[str]) -> dict[str, list[str]]:
    """Exchange table -> what stands in it of packages of these codes that do not stand themselves any more."""
    gone = _not_standing(tenant, "supply_package", codes)
    found: dict[str, list[str]] = {}
    for table in KEPT.values():
        if "package" in table.shape.columns and gone:
            sql = f"SELECT package FROM {table.db_table} WHERE tenant = %s AND until_entry IS NULL AND "
            rows = reading.fetch(sql + reading.any_of("package", "text"), (tenant, reading.list_param(gone)))
            found[table.name] = sorted({code for (code,) in rows})
    if gone:
        each = "json_each(i.packages) AS j"
        if reading.vendor() != "sqlite":
            each = "json_array_elements_text(i.packages::json) AS j(value)"
        sql = (
            "SELECT inspection FROM supply_inspection i WHERE tenant = %s AND until_entry IS NULL AND EXISTS (SELECT 1 "
            f'FROM {each} WHERE {reading.any_of("j.value", "text")}) ORDER BY entry, "row"'
        )
        names = [name for (name,) in reading.fetch(sql, (tenant, reading.list_param(gone)))]
        found.setdefault("inspections", []).extend(names)
    return found


def without_inspection(tenant: int, numbers: Iterable[str]) -> list[str]:
    """Those of these inspections that do not stand any more and whose checks still do."""
    found = []
    for number in sorted(set(numbers)):
        stands = "SELECT 1 FROM {} WHERE tenant = %s AND inspection = %s AND until_entry IS NULL"
        if not reading.fetch(stands.format("supply_inspection"), (tenant, number)):
            found += [number] if reading.fetch(stands.format("supply_inspection_check"), (tenant, number)) else []
    return found


def naming_parts(tenant: int, codes: Iterable[str]) -> dict[str, list[str]]:
    """Exchange table -> parts of these codes of which something stands in it."""
    wanted, found = sorted(set(codes)), {}
    for table in KEPT.values():
        if "part" in table.shape.columns and wanted:
            sql = f"SELECT part FROM {table.db_table} WHERE tenant = %s AND until_entry IS NULL AND "
            rows = reading.fetch(sql + reading.any_of("part", "text"), (tenant, reading.list_param(wanted)))
            found[table.name] = sorted({code for (code,) in rows})
    return found


def naming_parties(tenant: int, numbers: Iterable[int]) -> dict[str, list[str]]:
    """Exchange table -> kinds of rows that stand and name one of these suppliers."""
    wanted, found = sorted(set(numbers)), {}
    for table in KEPT.values():
        if table.parties and wanted:
            sql = f"SELECT happened_at FROM {table.db_table} WHERE tenant = %s AND until_entry IS NULL AND "
            rows = reading.fetch(sql + reading.any_of("supplier"), (tenant, reading.list_param(wanted)))
            found[table.name] = [table.name] if rows else []
    return found


def _not_standing(tenant: int, table: str, codes: Iterable[str]) -> list[str]:
    wanted = sorted(set(codes))
    sql = f"SELECT code FROM {table} WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of("code", "text")
    there = {code for (code,) in reading.fetch(sql, (tenant, reading.list_param(wanted)))}
    return [code for code in wanted if code not in there]
