"""BOM versions as the two sides of a comparison, read from the record.

    sides(tenant, "AB-100", ("A", "3"), ("A", "4"))   -> (Version, Version)

The approved makers' parts of the old side are those of the moment at which its lines were recorded last, those of the new side what stands
now: so an MPN that was changed under the same internal number shows, also between a version and itself. NotFound: no such product, revision
or version.
"""

from dataclasses import dataclass

from asbuilt.designed.catalog.positions import PositionGroups
from asbuilt.designed.catalog.queries import BomFinder, BomRow, bom_lines, part_codes
from asbuilt.designed.changes.comparing.bom_difference import Side, SideLine
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading


@dataclass(frozen=True)
class Version:
    """A BOM version: what it is called, its side of the comparison, the entry up to which its makers' parts count (None: now)."""

    product: str
    revision: str
    bom_version: str
    number: BomRow
    side: Side
    makers_at: int | None

    @property
    def question(self) -> str:
        """Which units were planned with it, in the question language."""
        said = {"product": self.product, "revision": self.revision, "bom": self.bom_version}
        return " ".join(f"{term}:{quoted(value)}" for term, value in said.items())


def quoted(value: str) -> str:
    """A value as a question takes it."""
    if value and all(letter.isalnum() or letter in "-_./+" for letter in value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def sides(tenant: int, product: str, old: tuple[str, str], new: tuple[str, str]) -> tuple[Version, Version]:
    """Both sides, each named by (hardware revision, BOM version). About eight statements."""
    finder = BomFinder(tenant)
    return _version(tenant, finder, product, *old, now=False), _version(tenant, finder, product, *new, now=True)


def _version(tenant: int, finder: BomFinder, product: str, revision: str, bom_version: str, *, now: bool) -> Version:
    found = finder.find(product, revision, bom_version)
    if found is None:
        column, value, remedy = finder.explain(product, revision, bom_version)
        word = {"product": "product", "revision": "hardware revision", "bom_version": "BOM version"}[column]
        said = f"There is no {word} {value[:80]}."
        raise NotFound("changes.bom_unknown", said, {"field": column, "value": value[:80]}, remedy)
    rows = bom_lines(tenant, found.bom)
    groups = PositionGroups(tenant)
    groups.look_at(row.group for row in rows)
    codes = part_codes(tenant, {row.part for row in rows})
    lines = []
    for row in rows:
        positions = groups.positions(row.group)
        named = () if positions == (f"#{row.line}",) else positions
        lines.append(SideLine(row.line, codes[row.part], row.quantity, named))
    at = None if now else _recorded_last(tenant, found.bom)
    return Version(product, revision, bom_version, found, Side(tuple(lines), _makers(tenant, codes, at)), at)


def _recorded_last(tenant: int, bom: int) -> int:
    sql = "SELECT max(entry) FROM catalog_bom_line WHERE tenant = %s AND bom = %s AND until_entry IS NULL"
    return reading.fetch_one(sql, (tenant, bom))[0]


def _makers(tenant: int, codes: dict[int, str], at: int | None) -> dict[str, frozenset[tuple[str, str]]]:
    """Part's code -> its approved (maker, MPN) as known at an entry (None: now). One statement."""
    stands = "m.until_entry IS NULL"
    params: tuple = (tenant, reading.list_param(sorted(codes)))
    if at is not None:
        stands, params = "m.entry <= %s AND (m.until_entry IS NULL OR m.until_entry > %s)", (*params, at, at)
    sql = (
        "SELECT m.part, m.maker, m.mpn FROM catalog_manufacturer_part m WHERE m.tenant = %s AND "
        f"{reading.any_of('m.part')} AND {stands}"
    )
    found: dict[str, set[tuple[str, str]]] = {}
    for part, maker, mpn in reading.fetch(sql, params) if codes else ():
        if maker or mpn:
            found.setdefault(codes[part], set()).add((maker, mpn))
    return {part: frozenset(makers) for part, makers in found.items()}
