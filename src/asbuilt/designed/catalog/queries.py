"""Reads of what is meant to be built.

`as_of` is the number of an entry: what was recorded up to and with it. Without it a read gives what stands now. A part,
a product or a BOM version whose rows were all withdrawn does not stand; its number and code can still be looked up.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.designed.catalog.hints import Hints
from asbuilt.storage import reading

NAMES_MAX = 5_000
LIST_MAX = 5_000


@dataclass(frozen=True)
class BomRow:
    """A BOM version with its product and hardware revision, by number."""

    product: int
    revision: int
    bom: int


@dataclass(frozen=True)
class BomLineRow:
    """A line of a BOM version; `group` is its position group."""

    line: str
    part: int
    quantity: int
    group: int


@dataclass(frozen=True)
class PartMatch:
    """A part that a text names: by its own number (`mpn` and `maker` are None) or by a manufacturer part."""

    part: int
    mpn: str | None = None
    maker: str | None = None


class BomFinder:
    """BOM versions by what orders.csv calls them. Reads a product's versions once, so use one for one recording."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._products: dict[str, dict[tuple[str, str], BomRow]] = {}
        self._hints: dict[tuple[str, ...], Hints] = {}

    def find(self, product_code: str, revision_code: str, version: str) -> BomRow | None:
        """The BOM version, or None where none stands. One statement a product."""
        return self._versions(product_code).get((revision_code, version))

    def recorded(self, product_code: str, revision_code: str, version: str) -> BomRow | None:
        """The BOM version, also where its lines were withdrawn since; None where it was never recorded. One statement."""
        sql = (
            "SELECT p.number, r.number, b.number FROM catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant "
            "AND r.product = p.number JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number "
            "WHERE p.tenant = %s AND p.code = %s AND r.code = %s AND b.version = %s"
        )
        row = reading.fetch_one(sql, (self.tenant, product_code, revision_code, version))
        return BomRow(*row) if row else None

    def explain(self, product: str, revision: str, version: str) -> tuple[str, str, str]:
        """Which of the three names is unknown: its column, what stood there, and the remedy."""
        versions = self._versions(product)
        if not versions:
            hints = self._hint(("product",), lambda: standing_products(self.tenant), "Add its BOM to bom.csv first.")
            return "product", product, hints.of(product)
        revisions = sorted({code for code, _ in versions})
        if revision not in revisions:
            otherwise = f"{product} has revision {_listed(revisions)}."
            hints = self._hint(("revision", product), lambda: revisions, otherwise)
            return "revision", revision, hints.of(revision)
        known = sorted(number for code, number in versions if code == revision)
        otherwise = f"{product} {revision} has BOM version {_listed(known)}."
        hints = self._hint(("bom_version", product, revision), lambda: known, otherwise)
        return "bom_version", version, hints.of(version)

    def _hint(self, key: tuple[str, ...], known, otherwise: str) -> Hints:
        return self._hints.setdefault(key, Hints(known, otherwise))

    def _versions(self, product_code: str) -> dict[tuple[str, str], BomRow]:
        if product_code not in self._products:
            sql = (
                "SELECT r.code, b.version, p.number, r.number, b.number FROM catalog_product p "
                "JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
                "JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number "
                "WHERE p.tenant = %s AND p.code = %s AND EXISTS (SELECT 1 FROM catalog_bom_line l "
                "WHERE l.tenant = b.tenant AND l.bom = b.number AND l.until_entry IS NULL)"
            )
            rows = reading.fetch(sql, (self.tenant, product_code))
            self._products[product_code] = {(code, version): BomRow(*numbers) for code, version, *numbers in rows}
        return self._products[product_code]


def _listed(names: list[str]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown


def bom_lines(tenant: int, bom: int, as_of: int | None = None) -> list[BomLineRow]:
    """The lines of a BOM version in the order of recording. One statement."""
    sql = (
        'SELECT line, part, quantity, "group" FROM catalog_bom_line WHERE tenant = %s AND bom = %s AND '
        + ("until_entry IS NULL" if as_of is None else "entry <= %s AND (until_entry IS NULL OR until_entry > %s)")
        + ' ORDER BY entry, "row"'
    )
    params = (tenant, bom) if as_of is None else (tenant, bom, as_of, as_of)
    return [BomLineRow(*row) for row in reading.fetch(sql, params)]


def product_number(tenant: int, code: str) -> int | None:
    """The product with this code, or None. One statement."""
    row = reading.fetch_one("SELECT number FROM catalog_product WHERE tenant = %s AND code = %s", (tenant, code))
    return row[0] if row else None


def product_codes(tenant: int) -> dict[int, str]:
    """Number -> code of every product. One statement."""
    return dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (tenant,)))


def standing_products(tenant: int) -> dict[str, int]:
    """Code -> number of the products that have a BOM line now, up to 5,000. One statement."""
    sql = (
        "SELECT p.code, p.number FROM catalog_product p WHERE p.tenant = %s AND EXISTS "
        "(SELECT 1 FROM catalog_revision r JOIN catalog_bom b ON b.tenant = r.tenant AND b.revision = r.number "
        "JOIN catalog_bom_line l ON l.tenant = b.tenant AND l.bom = b.number "
        "WHERE r.tenant = p.tenant AND r.product = p.number AND l.until_entry IS NULL) ORDER BY p.number LIMIT %s"
    )
    return dict(reading.fetch(sql, (tenant, NAMES_MAX)))


def standing_revisions(tenant: int, product_code: str) -> dict[str, int]:
    """Code -> number of a product's hardware revisions that have a BOM line now. One statement."""
    sql = (
        "SELECT r.code, r.number FROM catalog_product p "
        "JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number WHERE p.tenant = %s AND p.code = %s "
        "AND EXISTS (SELECT 1 FROM catalog_bom b JOIN catalog_bom_line l ON l.tenant = b.tenant AND l.bom = b.number "
        "WHERE b.tenant = r.tenant AND b.revision = r.number AND l.until_entry IS NULL)"
    )
    return dict(reading.fetch(sql, (tenant, product_code)))


def standing_boms(tenant: int, limit: int) -> list[tuple[str, str, str]]:
    """(product, revision, BOM version) of the versions that have a line now, by product, the newest first. One statement."""
    sql = (
        "SELECT p.code, r.code, b.version FROM catalog_bom b JOIN catalog_revision r ON r.tenant = b.tenant "
        "AND r.number = b.revision JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE b.tenant = %s AND EXISTS (SELECT 1 FROM catalog_bom_line l WHERE l.tenant = b.tenant AND l.bom = b.number "
        "AND l.until_entry IS NULL) ORDER BY p.code, b.number DESC LIMIT %s"
    )
    return reading.fetch(sql, (tenant, limit))


def revision_codes(tenant: int) -> dict[int, str]:
    """Number -> code of every hardware revision; codes repeat between products. One statement."""
    return dict(reading.fetch("SELECT number, code FROM catalog_revision WHERE tenant = %s", (tenant,)))


def bom_codes(tenant: int) -> dict[int, str]:
    """Number -> version of every BOM version; versions repeat between revisions. One statement."""
    return dict(reading.fetch("SELECT number, version FROM catalog_bom WHERE tenant = %s", (tenant,)))


def part_codes(tenant: int, numbers: Iterable[int]) -> dict[int, str]:
    """Number -> code of these parts. A statement per 5,000."""
    sql = "SELECT number, code FROM catalog_part WHERE tenant = %s AND " + reading.any_of("number")
    return dict(_each_part(sql, tenant, numbers))


def part_numbers(tenant: int, codes: Iterable[str]) -> dict[str, int]:
    """Code -> number of those of these parts that stand now. A statement per 5,000."""
    sql = (
        "SELECT p.code, p.number FROM catalog_part p WHERE p.tenant = %s AND "
        + reading.any_of("p.code", "text")
        + " AND EXISTS (SELECT 1 FROM catalog_manufacturer_part m WHERE m.tenant = p.tenant AND m.part = p.number "
        "AND m.until_entry IS NULL)"
    )
    return dict(_each_part(sql, tenant, codes))


def known_part_codes(tenant: int) -> list[str]:
    """Up to 5,000 part codes, for the nearest names. One statement."""
    sql = "SELECT code FROM catalog_part WHERE tenant = %s ORDER BY number LIMIT %s"
    return [code for (code,) in reading.fetch(sql, (tenant, NAMES_MAX))]


def approved(tenant: int, parts: Iterable[int]) -> dict[int, list[tuple[str, str]]]:
    """Part -> its approved (mpn, maker) that stand now; either may be empty. A statement per 5,000."""
    sql = (
        "SELECT part, mpn, maker FROM catalog_manufacturer_part WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of("part")
    )
    found: dict[int, list[tuple[str, str]]] = {}
    for part, mpn, maker in _each_part(sql, tenant, parts):
        found.setdefault(part, []).append((mpn, maker))
    return found


def parts_by_code_or_mpn(tenant: int, text: str) -> list[PartMatch]:
    """The parts that a text names, withdrawn ones too: by own number and by MPN, exactly; else blind to case.

    Blind to case it counts only if one spelling fits. Two statements, four where nothing fits exactly.
    """
    by_code = "SELECT number FROM catalog_part WHERE tenant = %s AND {}"
    by_mpn = "SELECT DISTINCT part, mpn, maker FROM catalog_manufacturer_part WHERE tenant = %s AND mpn <> '' AND {}"
    if not text:
        return []
    found = _matches(tenant, by_code.format("code = %s"), by_mpn.format("mpn = %s"), text)
    if found:
        return found
    blind = _matches(tenant, by_code.format("lower(code) = lower(%s)"), by_mpn.format("lower(mpn) = lower(%s)"), text)
    codes = part_codes(tenant, [match.part for match in blind if match.mpn is None])
    spellings = {codes[match.part] if match.mpn is None else match.mpn for match in blind}
    return blind if len(spellings) == 1 else []


def _matches(tenant: int, by_code: str, by_mpn: str, text: str) -> list[PartMatch]:
    found = [PartMatch(number) for (number,) in reading.fetch(by_code, (tenant, text))]
    return found + [PartMatch(*row) for row in sorted(reading.fetch(by_mpn, (tenant, text)))]


def _each_part(sql: str, tenant: int, values: Iterable) -> list[tuple]:
    wanted = list(dict.fromkeys(values))
    rows: list[tuple] = []
    for start in range(0, len(wanted), LIST_MAX):
        rows += reading.fetch(sql, (tenant, reading.list_param(wanted[start : start + LIST_MAX])))
    return rows
