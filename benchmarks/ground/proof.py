"""Proof that the rows written straight are those that importing makes: the same small factory in two homes, compared."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from ground.factory import Factory
from ground.homes import home
from ground.rows import RowWriter
from ground.tables import write_common, write_order

TABLES = (
    "production_order", "production_block", "production_unit_name", "production_panel", "production_unit_state",
    "production_material_run", "production_material_hole", "production_group_meeting", "production_process_run",
    "production_replacement", "production_assembly", "production_floor_name", "programming_firmware_run", "programming_record",
    "quality_test_run", "quality_outcome_run", "shipping_shipment", "shipping_line",
    "supply_lot", "supply_package", "firmware_release", "access_person", "catalog_part", "catalog_manufacturer_part",
    "catalog_product", "catalog_revision", "catalog_bom", "catalog_bom_line", "catalog_position_group",
    "catalog_group_position", "parties_party",
)  # fmt: skip
PROOF_UNITS, PROOF_ORDER_UNITS, PROOF_SEED = 2_400, 240, 7


def prove(engine: str) -> int:
    """The number of rows compared; ends the process where a table differs."""
    factory = Factory(PROOF_UNITS, PROOF_SEED, PROOF_ORDER_UNITS)
    imported = _rows_of(engine, factory, straight=False)
    written = _rows_of(engine, factory, straight=True)
    for table in TABLES:
        if imported[table] != written[table]:
            only = [
                sorted(one - other)[:3]
                for one, other in ((imported[table], written[table]), (written[table], imported[table]))
            ]
            raise SystemExit(f"{table} differs: imported only {only[0]}, written only {only[1]}")
    return sum(map(len, imported.values()))


def _rows_of(engine: str, factory: Factory, straight: bool) -> dict[str, set]:
    from asbuilt.storage import reading

    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        load(place, factory, Path(folder), straight, tests=True, records=True)
        found = {}
        for table in TABLES:
            columns = [name for name in _columns(table) if name != "ulid"]
            rows = reading.fetch(f"SELECT {', '.join(columns)} FROM {table}")
            found[table] = {repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in rows}
            if len(found[table]) != len(rows):
                raise SystemExit(f"{table} has rows that only their ULID tells apart")
        return found


def load(
    place,
    factory: Factory,
    folder: Path,
    straight: bool,
    tests: bool = False,
    records: bool = False,
    untested: Sequence[int] = (),
) -> None:
    """The factory into a home: through the exchange door, or its orders straight into the tables, single programmings (`records`) too.

    With `tests`, test runs of all orders but the `untested`.
    """
    from asbuilt.built.exchange.actions import import_folder

    write_common(factory, folder / "common")
    import_folder(place.actor, folder / "common")
    tested = [number for number in range(factory.orders) if tests and number not in untested]
    if straight:
        RowWriter(place.actor.tenant, factory, records, frozenset(tested)).write_all()
        return
    for order in factory.each_order():
        write_order(factory, order, folder / order.code, order.number in tested)
        import_folder(place.actor, folder / order.code)


def _columns(table: str) -> list[str]:
    from django.db import connections

    with connections["reader"].cursor() as cursor:
        described = connections["reader"].introspection.get_table_description(cursor, table)
    return [f'"{column.name}"' if column.name == "group" else column.name for column in described]
