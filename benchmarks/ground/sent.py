"""The statements that the reader's connection sends, for benches and tests that count them or look at their plans."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sent() -> Iterator[list[tuple]]:
    """(statement, parameters) as they are sent while it is open; on SQLite the parameters stand in the statement."""
    from django.db import connections

    connection, found = connections["reader"], []
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        connection.connection.set_trace_callback(lambda sql: found.append((sql, None)))
        try:
            yield found
        finally:
            connection.connection.set_trace_callback(None)
        return
    from psycopg import Cursor

    from asbuilt.storage.prepared import Prepared

    driver, execute, rows, send = connection.connection, Cursor.execute, Prepared.rows, Prepared.send

    def by_cursor(self, query, params=None, **more):
        if self.connection is driver:
            found.append((query, params))
        return execute(self, query, params, **more)

    def prepared(self, sql, params=()):
        if self.is_of(driver):
            found.append((sql, params))
        return rows(self, sql, params)

    def in_turn(self, sql, params=()):
        if self.is_of(driver):
            found.append((sql, params))
        return send(self, sql, params)

    Cursor.execute, Prepared.rows, Prepared.send = by_cursor, prepared, in_turn
    try:
        yield found
    finally:
        Cursor.execute, Prepared.rows, Prepared.send = execute, rows, send
