"""What stands on the label of a package: its code, part, lot, date code, pieces and owner, and the image it came with."""

from asbuilt.built.supply.label_lines import LABEL_LINES
from asbuilt.formats.package_labels import PackageLabel
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading


def package_label(tenant: int, code: str) -> PackageLabel:
    """The label of the package with this code; NotFound where there is none. One statement."""
    sql = (
        "SELECT p.code, c.code, l.mpn, l.lot_code, l.date_code, p.quantity, o.name FROM supply_package p "
        "JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot JOIN catalog_part c ON c.tenant = p.tenant "
        "AND c.number = p.part LEFT JOIN parties_party o ON o.tenant = p.tenant AND o.number = p.owner AND o.until_entry IS NULL "
        "WHERE p.tenant = %s AND p.code = %s AND p.until_entry IS NULL"
    )
    row = reading.fetch_one(sql, (tenant, code))
    if row is None:
        raise NotFound(
            "supply.package_unknown", f"There is no package {code[:80]}.", {"package": code[:80]}, "Look at its code."
        )
    package, part, mpn, lot, date, quantity, owner = row
    lines = [f"{part}  {mpn}".strip(), f"Lot {lot or '-'}  DC {date or '-'}"]
    counted, more = (
        "" if quantity is None else f"{quantity:,}",
        [line for further in LABEL_LINES.values() for line in further(tenant, code)],
    )
    if more:  # four lines fit: pieces and owner share one
        return PackageLabel(package, (*lines, f"{counted}  {owner or ''}".strip(), "  ".join(more)))
    return PackageLabel(package, (*lines, counted, owner or ""))
