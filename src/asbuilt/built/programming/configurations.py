"""Configurations: hardware revision, BOM version and firmware releases that belong together, by a name; rows of configurations.csv.

    configuration_of(tenant, "WO-7", at)                       "EU"     "" where the order names none
    configurations_known(tenant, "PSU-48", "B")                ["EU", "US"]

A row of a product and revision says which release its configuration takes in an image role; a row of an order names the order's
configuration, the last one by its time counts. An order that names none takes what the revision takes.
"""

from asbuilt.built.production.orders import Orders
from asbuilt.storage import reading

_STANDS = "FROM programming_configuration WHERE tenant = %s AND until_entry IS NULL"


def configuration_of(tenant: int, order: str, at: int) -> str:
    """The name of the order's configuration at an instant. One statement."""
    sql = f'SELECT configuration {_STANDS} AND "order" = %s AND happened_at <= %s ORDER BY happened_at DESC, entry DESC, "row" DESC LIMIT 1'
    row = reading.fetch_one(sql, (tenant, order, at)) if order else None
    return row[0] if row else ""


def configurations_known(tenant: int, product: str, revision: str) -> list[str]:
    """The configurations of a hardware revision, by name. One statement."""
    sql = (
        f"SELECT DISTINCT configuration {_STANDS} AND product = %s AND revision = %s ORDER BY configuration LIMIT 1000"
    )
    return [name for (name,) in reading.fetch(sql, (tenant, product, revision))]


def words_of(tenant: int, order: str) -> tuple[str, str]:
    """Product and hardware revision of an order, in the words of the tables; empty where there is no such order."""
    found = Orders(tenant).by_code(order)
    if found is None:
        return "", ""
    sql = (
        "SELECT p.code, r.code FROM catalog_revision r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
        "WHERE r.tenant = %s AND r.number = %s"
    )
    return reading.fetch_one(sql, (tenant, found.revision)) or ("", "")


def row_of(order: str, configuration: str, badge: str, at: str) -> dict[str, str]:
    """The row with which an order names its configuration."""
    blank = dict.fromkeys(("product", "revision", "part", "of_product", "role", "version"), "")
    return {**blank, "order": order, "configuration": configuration, "operator": badge, "happened_at": at}
