"""Roles per product, concessions, packing, placing and returns as tables in which a fact is a row, word for word, so that they are withdrawn
and rebuilt as others are; and what of them rests on what others say."""

from collections.abc import Iterable, Iterator

from asbuilt.built.quality.kept import KEPT as CONCESSIONS
from asbuilt.built.shipping.kept import KEPT as PACKING
from asbuilt.built.supply.kept import KeptTable
from asbuilt.designed.parties.events import PRODUCT_ROLE
from asbuilt.storage import reading

SHIPPED: dict[str, KeptTable] = {
    "product_roles": KeptTable("product_roles", "parties_product_role", PRODUCT_ROLE, parties=frozenset({"party"})),
    **CONCESSIONS,
    **PACKING,
}


def naming_parties(tenant: int, numbers: Iterable[int]) -> dict[str, list[str]]:
    """Exchange table -> its name, where rows that stand name one of these parties."""
    wanted, found = sorted(set(numbers)), {}
    for table in SHIPPED.values():
        for column in table.parties if wanted else ():
            sql = f"SELECT 1 FROM {table.db_table} WHERE tenant = %s AND until_entry IS NULL AND " + reading.any_of(
                column
            )
            if reading.fetch(sql + " LIMIT 1", (tenant, reading.list_param(wanted))):
                found[table.name] = [table.name]
    return found


def left_hanging(tenant: int) -> Iterator[tuple[str, str, list[str]]]:
    """(what, what rests on it, names) of rows whose container, concession or shipment does not stand."""
    opened = "SELECT 1 FROM shipping_container o WHERE o.tenant = t.tenant AND o.event = 'opened' AND o.until_entry IS NULL AND "
    gone = f"NOT EXISTS ({opened}o.container = t.container)"
    yield (
        "A container",
        "rows of containers.csv",
        _names(
            tenant,
            "containers",
            "container",
            f"t.event <> 'opened' AND NOT EXISTS ({opened}o.container = t.container AND o.kind = t.kind)",
        ),
    )
    # a box holds units alone, and a shipment goes into nothing
    held = f"({gone} OR t.content <> '' AND NOT EXISTS ({opened}o.container = t.container AND o.kind <> 'box'))"
    yield "A container", "rows of packed.csv", _names(tenant, "packed", "container", held)
    inner = f"t.content <> '' AND NOT EXISTS ({opened}o.container = t.content AND o.kind <> 'shipment')"
    yield "A container", "rows of packed.csv", _names(tenant, "packed", "content", inner)
    there = "SELECT 1 FROM quality_concession o WHERE o.tenant = t.tenant AND o.concession = t.concession AND o.until_entry IS NULL"
    lost = f"NOT EXISTS ({there})"
    yield "A concession", "decisions", _names(tenant, "concession_decisions", "concession", lost)
    there = "SELECT 1 FROM quality_waiver o WHERE o.tenant = t.tenant AND o.waiver = t.waiver AND o.until_entry IS NULL"
    yield "A waiver", "decisions", _names(tenant, "waiver_decisions", "waiver", f"NOT EXISTS ({there})")
    there = (
        "SELECT 1 FROM shipping_shipment s JOIN shipping_line l ON l.tenant = s.tenant AND l.shipment = s.number "
        "WHERE s.tenant = t.tenant AND s.code = t.shipment AND l.until_entry IS NULL"
    )
    yield "A shipment", "rows of placings.csv", _names(tenant, "placings", "shipment", f"NOT EXISTS ({there})")


def _names(tenant: int, name: str, named: str, condition: str) -> list[str]:
    sql = f"SELECT DISTINCT t.{named} FROM {SHIPPED[name].db_table} t WHERE t.tenant = %s AND t.until_entry IS NULL AND {condition}"
    return sorted(text for (text,) in reading.fetch(sql, (tenant,)))
