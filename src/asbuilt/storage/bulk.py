"""Many rows at the speed of the driver: COPY on PostgreSQL, executemany on SQLite, inside the open transaction.

The ORM's bulk_create is seven to ten times slower (reference/style.md, 2.2) and is banned above 500 rows by a policy test.
"""

import gc
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import connections

from asbuilt.storage.databases import MAPPED_BYTES_MAX, READER, WRITER


@contextmanager
def rarely_collected() -> Iterator[None]:
    """Rows hold no cycles, so looking for them after every 700 objects is a sixth of the time of a large file for nothing."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def insert_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence]) -> None:
    """Insert the rows into the table; values are integers, text, bytes or None, in the order of the columns."""
    connection = connections[WRITER]
    connection.ensure_connection()
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.vendor == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.connection.cursor().executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)
        return
    # a generator that reads the database while COPY is open would wait for itself for ever
    rows = list(rows)
    if len(rows) == 1:
        # bytes travel as they are; COPY would write the megabytes of a large file's fact ids as hex, and that text twice
        marks = ", ".join("%b" if isinstance(value, bytes) else "%s" for value in rows[0])
        from psycopg import Cursor

        # Django's own cursors write parameters into the statement as text
        Cursor(connection.connection).execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows[0])
        return
    with connection.connection.cursor().copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def run(sql: str, params: Sequence = ()) -> int:
    """One writing statement with %s marks; returns the number of rows it touched."""
    connection = connections[WRITER]
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    if connection.vendor == "sqlite":
        cursor.execute(sql.replace("%s", "?"), params)
    else:
        cursor.execute(sql, params)
    return cursor.rowcount


def run_many(sql: str, rows: Iterable[Sequence]) -> None:
    """One writing statement with %s marks for each row."""
    connection = connections[WRITER]
    connection.ensure_connection()
    cursor = connection.connection.cursor()
    cursor.executemany(sql.replace("%s", "?") if connection.vendor == "sqlite" else sql, rows)


def pages_let_go() -> None:
    """After a large write: SQLite keeps up to 32 MB of pages for each connection, and maps what it read of the file; the next large write need not
    stand on top of them."""
    for connection in (connections[WRITER], connections[READER]):
        if connection.vendor == "sqlite" and connection.connection is not None:
            connection.connection.execute("PRAGMA shrink_memory")
            connection.connection.execute("PRAGMA mmap_size=0")
            connection.connection.execute(f"PRAGMA mmap_size={MAPPED_BYTES_MAX}")
