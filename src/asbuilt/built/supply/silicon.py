"""Reads of what was said of silicon: of which revision the pieces of a package are.

Said of a lot it holds for its packages, said of a package for that one. Everything that stands counts: where two say otherwise, either may be
true, and nobody chooses.
"""

from collections import defaultdict
from collections.abc import Iterable

from asbuilt.storage import reading

_SAID = "SELECT p.number, t.silicon_revision FROM supply_package p "
_OF_LOT = (
    "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot JOIN catalog_part c ON c.tenant = l.tenant AND c.number = l.part "
    "JOIN supply_silicon_revision t ON t.tenant = l.tenant AND t.package = '' AND t.part = c.code AND t.mpn = l.mpn "
    "AND t.manufacturer = l.maker AND t.lot_code = l.lot_code AND t.date_code = l.date_code "
)
_OF_PACKAGE = "JOIN supply_silicon_revision t ON t.tenant = p.tenant AND t.package = p.code "


def silicon_said(tenant: int, packages: Iterable[int], seen: str) -> dict[int, tuple[str, ...]]:
    """Package -> the silicon revisions that are said of it, each once, in order; `seen` narrows `t` to what was known. One statement."""
    wanted = reading.list_param(sorted(set(packages)))
    where = f"WHERE p.tenant = %s AND {reading.any_of('p.number')}{seen}"
    sql = f"{_SAID}{_OF_LOT}{where} UNION {_SAID}{_OF_PACKAGE}{where}"
    found: dict[int, set[str]] = defaultdict(set)
    for package, revision in reading.fetch(sql, (tenant, wanted, tenant, wanted)):
        found[package].add(revision)
    return {package: tuple(sorted(said)) for package, said in found.items()}


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
