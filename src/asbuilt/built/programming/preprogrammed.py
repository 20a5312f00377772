"""Tables of this room in which a fact is a row, word for word: demands, modules, programming orders (see `supply.kept`)."""

from collections.abc import Iterator

from asbuilt.built.programming import events
from asbuilt.built.programming.configurations import configurations_known, words_of
from asbuilt.built.supply.kept import KeptTable
from asbuilt.storage import reading

KEPT = {
    table.name: table
    for table in (
        KeptTable("firmware_demands", "programming_firmware_demand", events.FIRMWARE_DEMAND),
        KeptTable("configurations", "programming_configuration", events.CONFIGURATION),
        KeptTable("module_firmware", "programming_module_firmware", events.MODULE_FIRMWARE),
        KeptTable(
            "programming_orders",
            "programming_package_order",
            events.PROGRAMMING_ORDER,
            frozenset({"quantity", "read_backs"}),
            parties=frozenset({"supplier"}),
        ),
        KeptTable(
            "programming_order_states",
            "programming_package_order_state",
            events.PROGRAMMING_ORDER_STATE,
            frozenset({"quantity"}),
            files=True,
        ),
        KeptTable("read_backs", "programming_read_back", events.READ_BACK, frozenset({"sample"})),
    )
}
_RELEASED = (
    "SELECT 1 FROM firmware_release r JOIN catalog_product p ON p.tenant = r.tenant AND p.number = r.product "
    "WHERE r.tenant = t.tenant AND p.code = t.{product} AND r.version = t.version AND r.until_entry IS NULL "
    "AND r.role = CASE WHEN t.role = '' THEN 'app' ELSE t.role END"
)
_PART = (
    "SELECT 1 FROM catalog_part c JOIN catalog_manufacturer_part m ON m.tenant = c.tenant AND m.part = c.number "
    "WHERE c.tenant = t.tenant AND c.code = t.part AND m.until_entry IS NULL"
)
_REVISION = (
    "SELECT 1 FROM catalog_product p JOIN catalog_revision v ON v.tenant = p.tenant AND v.product = p.number "
    "JOIN catalog_bom b ON b.tenant = v.tenant AND b.revision = v.number JOIN catalog_bom_line l ON l.tenant = b.tenant "
    "AND l.bom = b.number WHERE p.tenant = t.tenant AND p.code = t.product AND v.code = t.revision AND l.until_entry IS NULL"
)
_STANDS = "SELECT 1 FROM {table} o WHERE o.tenant = t.tenant AND o.{column} = t.{named} AND o.until_entry IS NULL"
_RESTING = (
    ("A package", "programming_orders", "package", "supply_package", "code"),
    ("A programming order", "programming_order_states", "programming_order", "programming_package_order", "programming_order"),
    ("A programming order", "read_backs", "programming_order", "programming_package_order", "programming_order"),
    ("An order", "firmware_demands", '"order"', "production_order", "code"),
    ("An order", "configurations", '"order"', "production_order", "code"),
)  # fmt: skip


def left_hanging(tenant: int) -> Iterator[tuple[str, str, list[str]]]:
    """(what, what rests on it, names) of rows of these tables whose package, order or release does not stand."""
    for what, name, named, table, column in _RESTING:
        there = _STANDS.format(table=table, column=column, named=named)
        yield what, f"rows of {name}.csv", _names(tenant, name, named, f"t.{named} <> '' AND NOT EXISTS ({there})")
    done = (
        "SELECT 1 FROM programming_package_order_state o WHERE o.tenant = t.tenant AND o.programming_order = t.programming_order "
        "AND o.state = 'done' AND o.happened_at <= t.happened_at AND o.until_entry IS NULL"
    )
    gone = f"t.state = 'closed' AND t.result <> 'aborted' AND NOT EXISTS ({done})"
    closed = _names(tenant, "programming_order_states", "programming_order", gone)
    yield "What was done for a programming order", "its closing", closed
    yield "A configuration", "orders", without_configuration(tenant)
    for name, named in (("module_firmware", "mpn"), ("programming_orders", "programming_order")):
        gone = f"NOT EXISTS ({_RELEASED.format(product='product')})"
        yield "A firmware release", f"rows of {name}.csv", _names(tenant, name, named, gone)
    for name in ("firmware_demands", "configurations"):
        gone = f"t.part <> '' AND NOT EXISTS ({_PART})"
        yield "A part", f"rows of {name}.csv", _names(tenant, name, "part", gone)
        gone = f"t.revision <> '' AND NOT EXISTS ({_REVISION})"
        yield "A hardware revision", f"rows of {name}.csv", _names(tenant, name, "revision", gone)
        # a demand of a revision names its own product; one of an order the order's
        said = "t.version <> '' AND (t.of_product <> '' OR t.product <> '') AND NOT EXISTS ("
        own = _RELEASED.replace("t.{product}", "CASE WHEN t.of_product = '' THEN t.product ELSE t.of_product END")
        yield "A firmware release", f"rows of {name}.csv", _names(tenant, name, "version", said + own + ")")


def without_configuration(tenant: int) -> list[str]:
    """Orders that name a configuration of which no row of their hardware revision that stands says what it takes."""
    sql = (
        """SELECT DISTINCT t."order", t.configuration FROM programming_configuration t WHERE t.tenant = %s AND t."order" <> '' """
        "AND t.until_entry IS NULL"
    )
    return sorted(
        order
        for order, name in reading.fetch(sql, (tenant,))
        if name not in configurations_known(tenant, *words_of(tenant, order))
    )


def _names(tenant: int, name: str, named: str, condition: str) -> list[str]:
    sql = f"SELECT DISTINCT t.{named} FROM {KEPT[name].db_table} t WHERE t.tenant = %s AND t.until_entry IS NULL AND {condition}"
    return sorted(text for (text,) in reading.fetch(sql, (tenant,)))
