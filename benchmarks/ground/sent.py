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

    plain, driver = Cursor.execute, connection.connection

    def execute(self, query, params=None, **more):
        if self.connection is driver:
            found.append((query, params))
        return plain(self, query, params, **more)

    Cursor.execute = execute  # cursors of every kind: a verdict's statements are prepared, a question's are not
    try:
        yield found
    finally:
        Cursor.execute = plain
