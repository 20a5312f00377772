"""Silence and other parts counted anew: they change with the lines of a BOM, and with what is withdrawn or corrected."""

from collections.abc import Iterable

from asbuilt.built.production.holes import recompute_holes
from asbuilt.built.production.orders import Orders
from asbuilt.designed.catalog.intake import BomIntake
from asbuilt.storage import reading


def orders_of_boms(tenant: int, boms: Iterable[int]) -> set[str]:
    """The work orders, by code, that have units built to these BOM versions. One statement."""
    sql = (
        "SELECT DISTINCT o.code FROM production_block b JOIN production_order o ON o.tenant = b.tenant AND o.number = "
        "b.work_order WHERE b.tenant = %s AND b.until_entry IS NULL AND o.until_entry IS NULL AND "
    ) + reading.any_of("b.bom")
    return {code for (code,) in reading.fetch(sql, (tenant, reading.list_param(sorted(boms))))}


def orders_with(tenant: int, package: int) -> set[str]:
    """The work orders, by code, on whose units a package is said to be. One statement."""
    sql = (
        "SELECT o.code FROM production_material_run r JOIN production_order o ON o.tenant = r.tenant AND o.number = r.work_order "
        "WHERE r.tenant = %s AND r.package = %s AND r.until_entry IS NULL AND o.until_entry IS NULL UNION "
        "SELECT o.code FROM production_replacement p JOIN production_block b ON b.tenant = p.tenant AND b.first_unit <= p.unit "
        "AND b.until_unit > p.unit AND b.until_entry IS NULL JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
        "WHERE p.tenant = %s AND p.installed = %s AND p.until_entry IS NULL AND o.until_entry IS NULL"
    )
    return {code for (code,) in reading.fetch(sql, (tenant, package, tenant, package))}


def recount(tenant: int, codes: Iterable[str]) -> None:
    """Count the silence of these work orders anew."""
    orders = Orders(tenant)
    for code in sorted(codes):
        order = orders.by_code(code)
        if order:
            recompute_holes(tenant, order)


def boms_met(intake: BomIntake) -> set[int]:
    """The BOM versions that the rows of an intake speak of."""
    return {version.bom for version in intake.versions.values() if version.bom is not None}


def recount_after(intake: BomIntake) -> None:
    """A line that came into a BOM version with work orders is silent until a run says what was mounted there."""
    boms = boms_met(intake) if intake.stored else set()
    if boms:
        recount(intake.tenant, orders_of_boms(intake.tenant, boms))
