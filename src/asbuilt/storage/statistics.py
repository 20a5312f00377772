"""Statistics that pin SQLite's plans, and such as PostgreSQL has not measured yet.

Every key and index begins with the tenant, and a home usually has one. Without statistics SQLite takes the tenant for a
narrow condition and walks the whole clustered table instead of looking into the index beside it: a lookup of a thousand
serial numbers took as long as reading all of them. Measured statistics (ANALYZE) would move with the data and so would
the plans. So these are written by us, once, for a large factory: the tenant narrows nothing, each further column does.
"""

import logging

from django.db import DatabaseError, connections

from asbuilt.storage.databases import READER, WRITER

_log = logging.getLogger(__name__)

ROWS = 10_000_000
NARROWED = (1_000, 30, 5, 2)  # rows left after the second, third, fourth, fifth column
SMALL_BYTES = 1 << 16
LISTED = 20  # rows left after the last column of an index that is not unique


def pin_statistics() -> None:
    """Write the statistics of every index whose first column is the tenant. On PostgreSQL: nothing, it measures itself."""
    connection = connections[WRITER]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        wanted = sorted(_wanted(cursor))
        cursor.execute("ANALYZE sqlite_schema")  # makes the table where it is missing
        cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1 ORDER BY 1, 2, 3")
        if cursor.fetchall() == wanted:
            return
        cursor.execute("DELETE FROM sqlite_stat1")
        cursor.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (%s, %s, %s)", wanted)
    # statistics are read when a connection opens
    for alias in (WRITER, READER):
        connections[alias].close()


def measure_unmeasured() -> None:
    """Have PostgreSQL measure tables that are no longer small and that it never measured. It does so by itself within minutes; until then it takes the
    tenant for a narrow condition too, and a whole table joined with another one, as checks of the record do it, takes hours instead of seconds."""
    connection = connections[WRITER]
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT quote_ident(c.relname) FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' "
                "AND c.reltuples < 0 AND pg_relation_size(c.oid) > %s",
                [SMALL_BYTES],
            )
            for (table,) in cursor.fetchall():
                cursor.execute(f"ANALYZE {table}")
    except DatabaseError:  # a server that may only be read, say: it goes on, and slower
        _log.warning("PostgreSQL could not measure its tables", exc_info=True)


def _wanted(cursor):
    cursor.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL")
    for table, sql in cursor.fetchall():
        compact = "WITHOUT ROWID" in sql
        for index, unique, origin, columns in _indexes(cursor, table):
            if columns and columns[0] == "tenant":
                yield table, table if compact and origin == "pk" else index, _stat(len(columns), unique)


def _indexes(cursor, table: str):
    cursor.execute(f'PRAGMA index_list("{table}")')
    for _, index, unique, origin, _ in cursor.fetchall():
        cursor.execute(f'PRAGMA index_info("{index}")')
        yield index, bool(unique), origin, [row[2] for row in cursor.fetchall()]


def _stat(columns: int, unique: bool) -> str:
    left = [ROWS, *NARROWED, *[2] * columns][:columns]
    left[-1] = 1 if unique else min(LISTED, left[-1])
    return " ".join(map(str, [ROWS, *left]))
