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
    plain = connection.connection.cursor_factory

    class Caught(plain):
        def execute(self, query, params=None, **more):
            found.append((query, params))
            return super().execute(query, params, **more)

    connection.connection.cursor_factory = Caught
    try:
        yield found
    finally:
        connection.connection.cursor_factory = plain
