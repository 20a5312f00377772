"""Reads of what was said of silicon: of which revision the pieces of a package are.

Said of a lot it holds for its packages, said of a package for that one and for what was split off it, before or after: pieces do not change.
Everything that stands counts: where two say otherwise, either may be true, and nobody chooses.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.built.supply import events
from asbuilt.built.supply.lineage import STANDS, lines_of
from asbuilt.ledger.facts import fact_ids
from asbuilt.storage import reading

KNOWN_FROM = ("label", "maker", "device")
_WORDS = 't.silicon_revision, t.known_from, t.said_by, t.operator, t.happened_at, t.entry, t."row"'
_OF_LOT = (
    "FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot JOIN catalog_part c ON c.tenant = l.tenant "
    "AND c.number = l.part JOIN supply_silicon_revision t ON t.tenant = l.tenant AND t.package = '' AND t.part = c.code AND t.mpn = l.mpn "
    "AND t.manufacturer = l.maker AND t.lot_code = l.lot_code AND t.date_code = l.date_code WHERE p.tenant = %s AND "
)


@dataclass(frozen=True)
class SiliconRow:
    """Which revision, from where it is known, who says so; `of` the package of which it was said, empty: of its lot. The id of the fact."""

    of: str
    silicon_revision: str
    known_from: str
    said_by: str
    operator: int | None
    happened_at: int
    fact: str


def silicon_said(tenant: int, packages: Iterable[int], seen: str) -> dict[int, tuple[str, ...]]:
    """Package -> the silicon revisions that are said of it, each once, in order; `seen` narrows `t` to what was known. Three statements and
    one for each split one behind the other."""
    wanted = reading.list_param(sorted(set(packages)))
    sql = f"SELECT p.number, t.silicon_revision {_OF_LOT}{reading.any_of('p.number')}{seen}"
    found: dict[int, set[str]] = defaultdict(set)
    for package, revision in reading.fetch(sql, (tenant, wanted)):
        found[package].add(revision)
    sql = f"SELECT p.number, p.code FROM supply_package p WHERE p.tenant = %s AND {reading.any_of('p.number')}"
    codes = dict(reading.fetch(sql, (tenant, wanted)))
    lines = lines_of(tenant, codes.values(), seen)
    words = _of_packages(tenant, (code for line in lines.values() for code in line), seen)
    for package, code in codes.items():
        found[package].update(row[0] for one in lines[code] for row in words.get(one, ()))
    return {package: tuple(sorted(said)) for package, said in found.items() if said}


def silicon_rows(tenant: int, code: str) -> tuple[SiliconRow, ...]:
    """What stands of the silicon of one package: said of its lot, of it, and of those that it was split off; oldest first."""
    sql = f"SELECT '', {_WORDS} {_OF_LOT}p.code = %s AND p.until_entry IS NULL{STANDS}"
    rows = reading.fetch(sql, (tenant, code))
    line = lines_of(tenant, [code])[code]
    rows += [(one, *row) for one, said in _of_packages(tenant, line, STANDS).items() for row in said]
    return _told(tenant, rows)


def silicon_of_lot(tenant: int, lot: int, packages: Iterable[str]) -> tuple[SiliconRow, ...]:
    """What stands of the silicon of a lot, and of single packages of it; oldest first. Two statements and one for each row."""
    sql = f"SELECT DISTINCT '', {_WORDS} {_OF_LOT}p.lot = %s{STANDS}"
    rows = reading.fetch(sql, (tenant, lot))
    rows += [(one, *row) for one, said in _of_packages(tenant, packages, STANDS).items() for row in said]
    return _told(tenant, rows)


def _of_packages(tenant: int, codes: Iterable[str], seen: str) -> dict[str, list[tuple]]:
    wanted = sorted(set(codes))
    sql = f"SELECT t.package, {_WORDS} FROM supply_silicon_revision t WHERE t.tenant = %s AND {reading.any_of('t.package', 'text')}{seen}"
    found: dict[str, list[tuple]] = defaultdict(list)
    for package, *row in reading.fetch(sql, (tenant, reading.list_param(wanted))) if wanted else ():
        found[package].append(tuple(row))
    return found


def _told(tenant: int, rows: Iterable[tuple]) -> tuple[SiliconRow, ...]:
    told = [
        SiliconRow(*row, fact_ids(tenant, entry, events.SILICON.name, at, 1).hex())
        for *row, entry, at in sorted(rows, key=lambda row: row[-2:])
    ]
    return tuple(sorted(told, key=lambda one: one.happened_at))


def said_otherwise(tenant: int, packages: Iterable[int], seen: str) -> list[tuple[str, tuple[str, ...]]]:
    """Codes of those packages of which several silicon revisions are said, with these. Two statements."""
    doubled = {number: said for number, said in silicon_said(tenant, packages, seen).items() if len(said) > 1}
    sql = f"SELECT code, number FROM supply_package WHERE tenant = %s AND {reading.any_of('number')} ORDER BY code"
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(doubled)))) if doubled else []
    return [(code, doubled[number]) for code, number in rows]


def lot_stands(tenant: int, part: str, mpn: str, maker: str, lot_code: str, date_code: str) -> bool:
    """Whether a package of this lot, by the cells of lots.csv, is recorded. One statement."""
    sql = (
        "SELECT 1 FROM supply_lot l JOIN catalog_part c ON c.tenant = l.tenant AND c.number = l.part JOIN supply_package p "
        "ON p.tenant = l.tenant AND p.lot = l.number AND p.until_entry IS NULL WHERE l.tenant = %s AND c.code = %s AND l.mpn = %s "
        "AND l.maker = %s AND l.lot_code = %s AND l.date_code = %s LIMIT 1"
    )
    return bool(reading.fetch_one(sql, (tenant, part, mpn, maker, lot_code, date_code)))
