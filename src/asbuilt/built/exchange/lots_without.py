"""What names a lot of which no package stands any more: it would be left hanging, and no other home could load it."""

from collections.abc import Collection

from asbuilt.storage import reading


def without_package(tenant: int, packages: Collection[int]) -> dict[str, list[str]]:
    """Exchange table -> what stands in it of lots that these packages were of and of which none stands any more. Three statements at most."""
    sql = (
        "SELECT DISTINCT p.lot FROM supply_package p WHERE p.tenant = %s AND p.lot IS NOT NULL AND NOT EXISTS (SELECT 1 FROM supply_package o "
        "WHERE o.tenant = p.tenant AND o.lot = p.lot AND o.until_entry IS NULL) AND " + reading.any_of("p.number")
    )
    lots = [lot for (lot,) in reading.fetch(sql, (tenant, reading.list_param(sorted(packages))))] if packages else []
    if not lots:
        return {}
    held = "SELECT DISTINCT code FROM production_hold WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
        "lot"
    )
    said = (
        "SELECT DISTINCT l.lot_code FROM supply_lot l JOIN catalog_part c ON c.tenant = l.tenant AND c.number = l.part "
        "JOIN supply_silicon_revision s ON s.tenant = l.tenant AND s.package = '' AND s.part = c.code AND s.mpn = l.mpn AND s.manufacturer = l.maker "
        "AND s.lot_code = l.lot_code AND s.date_code = l.date_code WHERE l.tenant = %s AND s.until_entry IS NULL AND "
    ) + reading.any_of("l.number")
    found = {"holds": held, "silicon_revisions": said}
    return {
        name: sorted(code for (code,) in reading.fetch(sql, (tenant, reading.list_param(lots))))
        for name, sql in found.items()
    }
