"""With which firmware a maker's modules come, by lot and date code: rows of module_firmware.csv put beside the lots there are.

    lot_images(tenant)[lot] -> [LotImage(release, "radio", sure)]

A row of one lot goes before the rows of date codes. A lot whose date code is not known may be any that a range holds: not sure.
So may one whose lot code is not known, where rows speak of lots. Later programming of a package or unit goes before all of this.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.programming.date_ranges import DateRange
from asbuilt.built.programming.queries import stands
from asbuilt.designed.firmware.errors import refuse_party
from asbuilt.designed.firmware.queries import APP
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import reading


@dataclass(frozen=True)
class ModuleRow:
    """A row of module_firmware.csv: what of a maker's part came with which release; entry and row say who said so."""

    maker: str
    mpn: str
    lot_code: str
    dates: DateRange
    product: str
    role: str
    version: str
    source: str
    operator: int | None
    happened_at: int
    entry: int
    row: int
    release: int

    def as_dict(self) -> dict:
        """As the API and `--format json` write it."""
        said = {"manufacturer": self.maker, "mpn": self.mpn, "lot_code": self.lot_code}
        said |= {"date_code_from": self.dates.low, "date_code_until": self.dates.high}
        said |= {name: getattr(self, name) for name in ("product", "role", "version", "source", "entry")}
        return {**said, "happened_at": format_instant(self.happened_at)}


@dataclass(frozen=True)
class LotImage:
    """A release that a lot came with; not `sure` where the lot may be another."""

    release: int
    role: str
    sure: bool
    said: ModuleRow


def module_rows(tenant: int, as_of: int | None = None) -> list[ModuleRow]:
    """The rows that stand, or stood as of an entry, with the number of their release; by maker, MPN and date code. One statement."""
    condition, params = stands(as_of)
    mine = condition.replace("until_entry", "t.until_entry").replace("entry <=", "t.entry <=")
    theirs = condition.replace("until_entry", "r.until_entry").replace("entry <=", "r.entry <=")
    if (
        as_of is not None
    ):  # what was said of a release before a correction stands under later numbers, which nothing names
        kept = 'f.tenant = r.tenant AND f.entry = r.entry AND f."row" = r."row" AND f.number < r.number'
        theirs += f" AND NOT EXISTS (SELECT 1 FROM firmware_release f WHERE {kept})"
    sql = (
        "SELECT t.manufacturer, t.mpn, t.lot_code, t.date_code_from, t.date_code_until, t.product, t.role, t.version, t.source, "
        't.operator, t.happened_at, t.entry, t."row", r.number FROM programming_module_firmware t '
        "JOIN catalog_product p ON p.tenant = t.tenant AND p.code = t.product "
        "JOIN firmware_release r ON r.tenant = t.tenant AND r.product = p.number AND r.version = t.version "
        f"AND r.role = CASE WHEN t.role = '' THEN '{APP}' ELSE t.role END AND {theirs} "
        f"WHERE t.tenant = %s AND {mine} ORDER BY t.manufacturer, t.mpn, t.lot_code, t.date_code_from, t.entry"
    )
    return [
        ModuleRow(maker, mpn, lot, DateRange(low, high), product, role or APP, *rest)
        for maker, mpn, lot, low, high, product, role, *rest in reading.fetch(sql, (*params, tenant, *params))
    ]


def modules_seen(actor: Actor) -> list[ModuleRow]:
    """The rows that stand, for who reads this record."""
    actor.require(RECORD_READ)
    refuse_party(actor)
    return module_rows(actor.tenant)


def lot_images(tenant: int, as_of: int | None = None) -> dict[int, list[LotImage]]:
    """Lot -> what its modules came with. One statement, and one for each maker's part that rows speak of."""
    rows: dict[tuple[str, str], list[ModuleRow]] = defaultdict(list)
    for row in module_rows(tenant, as_of):
        rows[row.maker.casefold(), row.mpn.casefold()].append(row)
    found = {}
    for (_, _), said in rows.items():
        sql = (
            "SELECT number, lot_code, date_code FROM supply_lot WHERE tenant = %s AND lower(maker) = lower(%s) "
            "AND lower(mpn) = lower(%s)"
        )
        for lot, lot_code, date_code in reading.fetch(sql, (tenant, said[0].maker, said[0].mpn)):
            images = list(_of_lot(said, lot_code, date_code))
            if images:
                found[lot] = images
    return found


def _of_lot(rows: list[ModuleRow], lot_code: str, date_code: str) -> Iterable[LotImage]:
    for role in sorted({row.role for row in rows}):
        mine = [row for row in rows if row.role == role]
        of_lots = [row for row in mine if row.lot_code]
        named = [row for row in of_lots if row.lot_code == lot_code]
        if named:
            yield LotImage(named[0].release, role, True, named[0])
            continue
        maybe_named = of_lots if not lot_code else []
        for row in mine:
            if row.lot_code:
                if row in maybe_named:
                    yield LotImage(row.release, role, False, row)
            elif row.dates.open or (date_code and row.dates.holds(date_code)):
                yield LotImage(row.release, role, not maybe_named, row)
            elif not date_code:
                yield LotImage(row.release, role, False, row)


def packages_in_modules(
    tenant: int, releases: Iterable[int], as_of: int | None = None
) -> dict[str, tuple[set[int], set[int]]]:
    """Role -> (packages that came with one of these releases for sure, and those that may have). A statement more."""
    wanted = set(releases)
    by_role: dict[str, tuple[set[int], set[int]]] = {}
    of_lots = {
        lot: [image for image in images if image.release in wanted] for lot, images in lot_images(tenant, as_of).items()
    }
    lots = [lot for lot, images in of_lots.items() if images]
    condition, params = stands(as_of)
    sql = f"SELECT number, lot FROM supply_package WHERE tenant = %s AND {reading.any_of('lot')} AND {condition}"
    for package, lot in reading.fetch(sql, (tenant, reading.list_param(lots), *params)) if lots else ():
        for image in of_lots[lot]:
            sure, maybe = by_role.setdefault(image.role, (set(), set()))
            (sure if image.sure else maybe).add(package)
    return by_role
