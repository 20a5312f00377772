"""Reads of lots and packages.

A lot is maker + MPN + lot code + date code of a part; a bare lot code may name several lots. An empty lot code or date
code means that it is not known. Packages that were withdrawn are not found, their lots still are.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from asbuilt.built.supply.events import RECEIVED
from asbuilt.built.supply.standing import (
    RELEASED,
    FloorLife,
    Standing,
    floor_life,
    not_released,
    standing_of,
    standing_sql,
    standings_of,
    statuses_at,
    statuses_now,
    statuses_said,
)
from asbuilt.formats.nearest import did_you_mean
from asbuilt.storage import reading

__all__ = [
    "FloorLife", "LotRow", "PackageFinder", "PackageRow", "PackageSeen", "RELEASED", "Standing", "code_scanned", "delivery_lots", "floor_life",
    "free_code", "known_lot_codes", "known_package_codes", "label_packages", "labels_of", "latest_packages", "lots",
    "lots_by_code", "lots_by_maker", "lots_by_mpn", "lots_of_parts", "not_released", "pack_sizes", "packages",
    "packages_by_code", "packages_of_lots", "standing_of", "standing_sql", "standings_of", "statuses_at", "statuses_now",
    "statuses_said",
]  # fmt: skip

LIST_MAX = 5_000
REMEMBERED_MAX = 500_000
NAMES_MAX = 5_000


@dataclass(frozen=True, slots=True)
class LotRow:
    """A lot."""

    number: int
    part: int
    maker: str
    mpn: str
    lot_code: str
    date_code: str


class PackageRow(NamedTuple):
    """A package with what is known of its lot: status released, quarantine or rejected; owner a party or None."""

    number: int
    code: str
    part: int
    lot: int
    status: str
    owner: int | None
    lot_code: str
    date_code: str
    maker: str
    mpn: str


_LOT = "SELECT number, part, maker, mpn, lot_code, date_code FROM supply_lot WHERE tenant = %s AND "


PACKAGE_COLUMNS = "p.number, p.code, p.part, p.lot, p.status, p.owner, l.lot_code, l.date_code, l.maker, l.mpn"
"""The columns of a PackageRow, of a package `p` and its lot `l`."""


def with_lot() -> str:
    """Join to each package `p` its lot `l`: packages first, never all lots."""
    return reading.each("l", "supply_lot", "l.tenant = p.tenant AND l.number = p.lot")


def _package_where() -> str:
    return f"SELECT {PACKAGE_COLUMNS} FROM supply_package p {with_lot()} WHERE p.tenant = %s AND "


class PackageFinder:
    """Packages by code, many at a time; remembers what it found, so use one for one recording or question."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._known: dict[str, PackageRow | None] = {}
        self._codes: list[str] | None = None

    def find(self, codes: Iterable[str]) -> dict[str, PackageRow]:
        """Code -> package, for those codes that name one. A statement per 5,000 codes not asked for before."""
        wanted = list(dict.fromkeys(codes))
        new = [code for code in wanted if code not in self._known]
        if new and len(self._known) + len(new) > REMEMBERED_MAX:
            self._known.clear()
            new = wanted
        sql = _package_where() + reading.any_of("p.code", "text") + " AND p.until_entry IS NULL"
        for start in range(0, len(new), LIST_MAX):
            part = new[start : start + LIST_MAX]
            self._known.update(dict.fromkeys(part))
            rows = reading.fetch(sql, (self.tenant, reading.list_param(part)))
            self._known.update((row[1], PackageRow(*row)) for row in rows)
        return {code: found for code in wanted if (found := self._known[code]) is not None}

    def explain(self, code: str) -> str:
        """What to do about a code that names no package. One statement, run once."""
        if self._codes is None:
            self._codes = known_package_codes(self.tenant)
        return did_you_mean(code, self._codes) or "Add the package to lots.csv first."


class LotFinder:
    """Lots by part, maker, MPN, lot code and date code; remembers what it found, so use one for one recording."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._known: dict[tuple[str, ...], int | None] = {}

    def find(self, part: str, maker: str, mpn: str, lot_code: str, date_code: str) -> int | None:
        """The lot that is so in all five, or None. One statement a new lot."""
        asked = (part, maker, mpn, lot_code, date_code)
        if asked not in self._known:
            sql = (
                "SELECT l.number FROM supply_lot l JOIN catalog_part c ON c.tenant = l.tenant AND c.number = l.part "
                "WHERE l.tenant = %s AND c.code = %s AND l.maker = %s AND l.mpn = %s AND l.lot_code = %s AND l.date_code = %s"
            )
            row = reading.fetch_one(sql, (self.tenant, *asked))
            self._known[asked] = row[0] if row else None
        return self._known[asked]


def lot_cells(tenant: int, numbers: Iterable[int]) -> dict[int, tuple[str, str, str, str, str]]:
    """Number -> part code, maker, MPN, lot code, date code: what names one lot only. A statement per 5,000."""
    sql = (
        "SELECT l.number, c.code, l.maker, l.mpn, l.lot_code, l.date_code FROM supply_lot l JOIN catalog_part c "
        "ON c.tenant = l.tenant AND c.number = l.part WHERE l.tenant = %s AND " + reading.any_of("l.number")
    )
    return {number: tuple(said) for number, *said in _many(sql, tenant, numbers)}


def packages(tenant: int, numbers: Iterable[int]) -> dict[int, PackageRow]:
    """Number -> package, withdrawn ones too. A statement per 5,000."""
    rows = _many(_package_where() + reading.any_of("p.number"), tenant, numbers)
    return {row[0]: PackageRow._make(row) for row in rows}


class PackageOrigin(NamedTuple):
    """How a package came in: its receipt, the lot code on it, how many pieces it held (None: nobody said)."""

    number: int
    code: str
    delivery: str
    received_at: int | None
    lot_code: str
    quantity: int | None
    lot: int


def origins(tenant: int, numbers: Iterable[int]) -> dict[int, PackageOrigin]:
    """Number -> how the package came in, withdrawn ones too. A statement per 5,000."""
    sql = (
        "SELECT p.number, p.code, p.delivery, p.received_at, l.lot_code, p.quantity, p.lot FROM supply_package p JOIN supply_lot l "
        "ON l.tenant = p.tenant AND l.number = p.lot WHERE p.tenant = %s AND " + reading.any_of("p.number")
    )
    return {row[0]: PackageOrigin._make(row) for row in _many(sql, tenant, numbers)}


def package_scanned(tenant: int, text: str) -> str | None:
    """The code of the package that a scanned text names: its own code, or a further name such as its tag's EPC. Two statements.

    Record the code: facts name packages by it.
    """
    rows = packages_by_code(tenant, text)
    if rows:
        return rows[0].code
    sql = (
        "SELECT p.code FROM supply_package_name n JOIN supply_package p ON p.tenant = n.tenant AND p.code = n.code "
        "AND p.until_entry IS NULL WHERE n.tenant = %s AND n.value = %s AND n.until_entry IS NULL"
    )
    row = reading.fetch_one(sql, (tenant, text))
    return row[0] if row else None


def code_scanned(tenant: int, text: str) -> str:
    """The code of the package that a scanned text names; the text itself where it names none, for the verb to refuse."""
    return package_scanned(tenant, text) or text if text else ""


def packages_by_code(tenant: int, text: str) -> list[PackageRow]:
    """The package with this code; blind to case where that fits one only. One statement, two where no code is equal."""
    return [
        PackageRow(*row)
        for row in _exactly_or_blind(_package_where(), "p.code", " AND p.until_entry IS NULL", 1, tenant, text)
    ]


def packages_of_lots(tenant: int, lots: Iterable[int], as_of: int | None = None) -> list[tuple[int, int]]:
    """(package, lot) of every package of these lots that stands, or stood at entry `as_of`. A statement per 5,000."""
    stands = " AND until_entry IS NULL"
    if as_of is not None:
        stands = f" AND entry <= {int(as_of)} AND (until_entry IS NULL OR until_entry > {int(as_of)})"
    return _many(
        "SELECT number, lot FROM supply_package WHERE tenant = %s AND " + reading.any_of("lot") + stands, tenant, lots
    )


def lots(tenant: int, numbers: Iterable[int]) -> dict[int, LotRow]:
    """Number -> lot. A statement per 5,000."""
    return {row[0]: LotRow(*row) for row in _many(_LOT + reading.any_of("number"), tenant, numbers)}


def lots_by_code(tenant: int, text: str) -> list[LotRow]:
    """The lots with this lot code, maybe several; blind to case where one spelling fits. One to three statements.

    Of several those of which a package stands, or else all: what a correction left without one is no lot of its own.
    """
    found = [LotRow(*row) for row in _exactly_or_blind(_LOT, "lot_code", "", 4, tenant, text)]
    if len(found) < 2:
        return found
    sql = "SELECT DISTINCT lot FROM supply_package WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "lot"
    )
    there = {lot for (lot,) in reading.fetch(sql, (tenant, reading.list_param([row.number for row in found])))}
    return [row for row in found if row.number in there] or found


def lots_by_mpn(tenant: int, text: str) -> list[LotRow]:
    """The lots that came with this MPN, approved or not; blind to case where one spelling fits. Reads all lots."""
    return [LotRow(*row) for row in _exactly_or_blind(_LOT, "mpn", "", 3, tenant, text)]


def lots_by_maker(tenant: int, text: str) -> list[LotRow]:
    """The lots of this maker; blind to case where one spelling fits. Reads all lots."""
    return [LotRow(*row) for row in _exactly_or_blind(_LOT, "maker", "", 2, tenant, text)]


def lots_of_parts(tenant: int, parts: Iterable[int]) -> list[LotRow]:
    """The lots of these parts. A statement per 5,000."""
    return [LotRow(*row) for row in _many(_LOT + reading.any_of("part"), tenant, parts)]


def known_lot_codes(tenant: int) -> list[str]:
    """Up to 5,000 lot codes, the newest first, for the nearest names. One statement."""
    sql = "SELECT lot_code FROM supply_lot WHERE tenant = %s AND lot_code <> '' ORDER BY number DESC LIMIT %s"
    return [code for (code,) in reading.fetch(sql, (tenant, NAMES_MAX))]


def known_package_codes(tenant: int) -> list[str]:
    """Up to 5,000 package codes, the newest first, for the nearest names. One statement."""
    sql = "SELECT code FROM supply_package WHERE tenant = %s AND until_entry IS NULL ORDER BY number DESC LIMIT %s"
    return [code for (code,) in reading.fetch(sql, (tenant, NAMES_MAX))]


def _exactly_or_blind(select: str, column: str, also: str, place: int, tenant: int, text: str) -> list[tuple]:
    """Rows whose column is this text; else those that differ in case only, where they are of one spelling."""
    if not text:
        return []
    rows = reading.fetch(f"{select}{column} = %s{also} ORDER BY 1", (tenant, text))
    if not rows:
        rows = reading.fetch(f"{select}lower({column}) = lower(%s){also} ORDER BY 1", (tenant, text))
    return rows if len({row[place] for row in rows}) <= 1 else []


def _many(sql: str, tenant: int, values: Iterable) -> list[tuple]:
    wanted = list(dict.fromkeys(values))
    rows: list[tuple] = []
    for start in range(0, len(wanted), LIST_MAX):
        rows += reading.fetch(sql, (tenant, reading.list_param(wanted[start : start + LIST_MAX])))
    return rows


def label_packages(tenant: int, sha256: str) -> list[str]:
    """Codes of the packages that were received with this very label, oldest first; withdrawn ones are left out."""
    sql = (
        "SELECT e.body FROM ledger_entry_evidence r JOIN ledger_entry e ON e.tenant = r.tenant AND e.number = r.entry "
        "WHERE r.tenant = %s AND r.sha256 = %s AND e.type = %s ORDER BY e.number"
    )
    codes = []
    for (body,) in reading.fetch(sql, (tenant, sha256, RECEIVED)):
        codes += [code for code, label in json.loads(body)["facts"]["labels"] if label == sha256]
    return list(PackageFinder(tenant).find(codes))


def labels_of(tenant: int, code: str) -> list[str]:
    """SHA-256 of the labels that packages of this code were received with, oldest first."""
    sql = (
        "SELECT DISTINCT e.number, e.body FROM supply_package p JOIN ledger_entry e ON e.tenant = p.tenant AND e.number = "
        "p.entry WHERE p.tenant = %s AND p.code = %s AND e.type = %s ORDER BY e.number"
    )
    found = [
        dict(json.loads(body)["facts"]["labels"]).get(code) for _, body in reading.fetch(sql, (tenant, code, RECEIVED))
    ]
    return [label for label in found if label]


def pack_sizes(tenant: int, part: str) -> list[int]:
    """The quantities in which packages of this part came, the newest first, up to 100. One statement."""
    sql = (
        "SELECT p.quantity, max(p.number) FROM supply_package p JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part "
        "WHERE p.tenant = %s AND c.code = %s AND p.quantity > 0 AND p.until_entry IS NULL GROUP BY p.quantity "
        "ORDER BY 2 DESC LIMIT 100"
    )
    return [quantity for quantity, _ in reading.fetch(sql, (tenant, part))]


def delivery_lots(tenant: int, part: str, supplier: int | None, delivery: str) -> list[str]:
    """Lot codes of this part in one delivery of a supplier, up to 1,000. One statement."""
    sql = (
        "SELECT DISTINCT l.lot_code FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
        "JOIN catalog_part c ON c.tenant = p.tenant AND c.number = p.part WHERE p.tenant = %s AND c.code = %s "
        "AND p.delivery = %s AND p.until_entry IS NULL AND l.lot_code <> '' AND "
        + ("p.supplier = %s" if supplier is not None else "p.supplier IS NULL")
        + " LIMIT 1000"
    )
    params = (tenant, part, delivery, supplier) if supplier is not None else (tenant, part, delivery)
    return [code for (code,) in reading.fetch(sql, params)]


def free_code(tenant: int, taken: Iterable[str] = ()) -> str:
    """The next own package code `PK-000123` that no package ever had, withdrawn ones included."""
    number = (reading.fetch_one("SELECT max(number) FROM supply_package WHERE tenant = %s", (tenant,))[0] or 0) + 1
    used = set(taken)
    while True:
        code = f"PK-{number:06}"
        sql = "SELECT 1 FROM supply_package WHERE tenant = %s AND code = %s LIMIT 1"
        if code not in used and reading.fetch_one(sql, (tenant, code)) is None:
            return code
        number += 1


@dataclass(frozen=True, slots=True)
class PackageSeen:
    """A package as goods-in lists it; `received_at` None where nobody said when."""

    code: str
    part: str
    lot_code: str
    date_code: str
    quantity: int | None
    status: str
    delivery: str
    received_at: int | None


def latest_packages(tenant: int, count: int = 12) -> list[PackageSeen]:
    """The packages that were recorded last, the newest first. Three statements."""
    sql = (
        "SELECT p.code, c.code, l.lot_code, l.date_code, p.quantity, p.status, p.delivery, p.received_at FROM supply_package p "
        "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot JOIN catalog_part c ON c.tenant = p.tenant "
        "AND c.number = p.part WHERE p.tenant = %s AND p.until_entry IS NULL ORDER BY p.number DESC LIMIT %s"
    )
    rows = reading.fetch(sql, (tenant, count))
    now = statuses_now(tenant, [row[0] for row in rows])
    return [PackageSeen(*row[:5], now.get(row[0], row[5]), *row[6:]) for row in rows]


def makers_parts_after(tenant: int, number: int) -> tuple[int, list[tuple[str, str]]]:
    """The last lot's number, and (maker, MPN) of lots after this number where both are known. Two statements, one where no lot came."""
    last = reading.fetch_one("SELECT max(number) FROM supply_lot WHERE tenant = %s", (tenant,))[0] or 0
    if last <= number:
        return last, []
    sql = (
        "SELECT DISTINCT maker, mpn FROM supply_lot WHERE tenant = %s AND number > %s AND maker <> '' AND mpn <> '' "
        "ORDER BY maker, mpn"
    )
    return last, reading.fetch(sql, (tenant, number))
