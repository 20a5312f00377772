"""What a home weighs, table by table with its indexes, in bytes."""

import gc
from collections import Counter

BESIDE = ("programming_record", "quality_test_run", "quality_outcome_run", "programming_package")
AXIS = ("production_", "programming_", "shipping_")


def weigh() -> Counter:
    """Table -> bytes with its indexes; on PostgreSQL after VACUUM ANALYZE, on SQLite as the pages stand."""
    from django.db import connections

    from asbuilt.storage import reading

    if reading.vendor() == "sqlite":
        sql = "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name WHERE s.aggregate = TRUE GROUP BY 1"
        return Counter(dict(reading.fetch(sql)))
    with connections["default"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")
    sql = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    return Counter(dict(reading.fetch(sql)))


def settle() -> None:
    """Statistics for the planner, as a home has them: measured on PostgreSQL, on SQLite those that the product pins and never measures.

    The factory that the bench itself holds in memory is put out of the collector's sight: no server holds it.
    """
    from django.db import connections

    from asbuilt.storage.statistics import pin_statistics

    if connections["default"].vendor == "sqlite":
        pin_statistics()
    else:
        with connections["default"].cursor() as cursor:
            cursor.execute("ANALYZE")
    gc.collect()
    gc.freeze()


def print_weight(weights: Counter, units: int) -> float:
    """Print bytes a unit by table; returns those of all tables but the log, evidence and per-unit records."""
    counted = {table: size for table, size in weights.items() if size / units >= 0.05 and _counts(table)}
    for table, size in sorted(counted.items(), key=lambda one: -one[1]):
        print(f"    {table:28} {size / units:7.1f} B a unit", flush=True)
    return sum(size for table, size in weights.items() if _counts(table)) / units


def _counts(table: str) -> bool:
    rooms = (*AXIS, "supply_", "catalog_", "firmware_", "parties_")
    return table.startswith(rooms) and table not in BESIDE
