"""Everything that is known of one package: what it is, its status and clocks, and the history of both.

For pages, commands and the API; the company's own view. People stand as numbers, their names are looked up by whoever shows them.
"""

from dataclasses import dataclass

from asbuilt.built.supply.declarations import DeclarationRow, declarations
from asbuilt.built.supply.inspections import InspectionRow, inspection_due, inspections_of
from asbuilt.built.supply.lineage import sources_of
from asbuilt.built.supply.queries import labels_of, package_scanned, packages_by_code
from asbuilt.built.supply.silicon import SiliconRow, silicon_rows
from asbuilt.built.supply.standing import FloorLife, Standing, floor_life, standing_of
from asbuilt.designed.catalog.queries import part_codes
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading


@dataclass(frozen=True)
class StatusRow:
    """A status that the package was given."""

    status: str
    reason: str
    operator: int | None
    happened_at: int


@dataclass(frozen=True)
class HandlingRow:
    """Something that happened to the package."""

    event: str
    readings: str
    operator: int | None
    happened_at: int


@dataclass(frozen=True)
class SampleRow:
    """Pieces that were kept: of the package, or (`of`) of the one that it was split off, before that."""

    quantity: int
    place: str
    until_on: str
    operator: int | None
    happened_at: int
    of: str = ""


@dataclass(frozen=True)
class PackageFile:
    """One package with its history, each part oldest first; `due` is `due` or the inspection that rejected it."""

    package: str
    part: str
    mpn: str
    maker: str
    lot_code: str
    date_code: str
    standing: Standing
    life: FloorLife
    due: str
    labels: tuple[str, ...]
    statuses: tuple[StatusRow, ...]
    handling: tuple[HandlingRow, ...]
    samples: tuple[SampleRow, ...]
    inspections: tuple[InspectionRow, ...]
    declarations: tuple[DeclarationRow, ...]
    silicon: tuple[SiliconRow, ...] = ()

    @property
    def may_mount(self) -> bool:
        """Whether neither status nor clock forbids it."""
        return self.standing.may_mount and self.life.may_mount

    @property
    def hindrance(self) -> Standing | FloorLife | None:
        """What forbids it, the status first; None where nothing does."""
        return next((one for one in (self.standing, self.life) if not one.may_mount), None)

    @property
    def why_not(self) -> str:
        """Why it may not be mounted, the status first; empty where it may."""
        return self.standing.why or self.life.why

    @property
    def remedy(self) -> str:
        """What to do where it may not be mounted."""
        return self.standing.remedy or self.life.remedy


def package_file(tenant: int, code: str, at: int) -> PackageFile:
    """The package with this code or tag as it stands at an instant; NotFound where there is none. About 20 statements."""
    found = packages_by_code(tenant, package_scanned(tenant, code) or "")
    standing = standing_of(tenant, found[0].code) if found else None
    life = floor_life(tenant, found[0].code, at) if found else None
    if not found or standing is None or life is None:
        raise NotFound(
            "supply.package_unknown",
            f"There is no package {code[:80]}.",
            {"package": code[:80]},
            "Scan its label again.",
        )
    one = found[0]
    sql = 'SELECT {} FROM {} WHERE tenant = %s AND package = %s AND until_entry IS NULL ORDER BY happened_at, entry, "row"'

    def history(columns: str, table: str) -> list[tuple]:
        return reading.fetch(sql.format(columns, table), (tenant, one.code))

    delivered = reading.fetch_one(
        "SELECT supplier, delivery FROM supply_package WHERE tenant = %s AND number = %s", (tenant, one.number)
    )
    papers = declarations(tenant, supplier=delivered[0], delivery=delivered[1]) if all(delivered) else []
    return PackageFile(
        one.code,
        part_codes(tenant, [one.part]).get(one.part, ""),
        one.mpn,
        one.maker,
        one.lot_code,
        one.date_code,
        standing,
        life,
        inspection_due(tenant, [one.code]).get(one.code, ""),
        tuple(labels_of(tenant, one.code)),
        tuple(StatusRow(*row) for row in history("status, reason, operator, happened_at", "supply_package_status")),
        tuple(
            HandlingRow(*row) for row in history("event, readings, operator, happened_at", "supply_package_handling")
        ),
        _samples(tenant, one.code),
        tuple(inspections_of(tenant, one.code)),
        tuple(papers),
        silicon_rows(tenant, one.code),
    )


def _samples(tenant: int, code: str) -> tuple[SampleRow, ...]:
    sql = (
        "SELECT quantity, place, until_on, operator, happened_at FROM supply_sample WHERE tenant = %s AND package = %s "
        'AND until_entry IS NULL ORDER BY happened_at, entry, "row"'
    )
    own = [SampleRow(*row) for row in reading.fetch(sql, (tenant, code))]
    before = [
        SampleRow(*row, source)
        for source, left in sources_of(tenant, code)
        for row in reading.fetch(sql, (tenant, source))
        if row[4] <= left
    ]
    return tuple(sorted((*before, *own), key=lambda one: one.happened_at))
