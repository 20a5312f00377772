"""Reads as tuples, straight from the driver, and the fragments of SQL that differ between the two engines.

`fetch` uses the read-only connection unless a write transaction is open in this thread: then the verb sees what it wrote.
Statements carry %s marks. Lists and spans travel as one parameter each, never as text inside the statement.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from itertools import count
from typing import NamedTuple

from django.db import connections

from asbuilt.storage.databases import READER, WRITER
from asbuilt.storage.transactions import _open

_streams = count()


class _Snapshot(NamedTuple):
    """The reader's connection inside a snapshot, how it runs a statement, and its engine; whether it keeps statements prepared, and the tasks
    that take turns on it."""

    connection: object
    rows: Callable
    vendor: str
    preparing: bool = False
    together: object = None


class NothingMore(Exception):
    """Something was asked that the one statement had not read."""


def _refused(sql: str, params: Sequence = ()):
    raise NothingMore(sql)


def _held() -> _Snapshot | None:
    """The open snapshot, unless something is being written: then reads see what was written."""
    held = _open.snapshot
    return held if held is not None and _open.tenant is None else None


def _connection():
    if (held := _held()) is not None:
        if held.rows is _refused:
            raise NothingMore
        return held.connection
    connection = connections[WRITER if _open.tenant is not None else READER]
    connection.ensure_connection()
    return connection


@lru_cache(512)
def _sqlite_marks(sql: str) -> str:
    return sql.replace("%s", "?")


def vendor() -> str:
    """`sqlite` or `postgresql`."""
    if (held := _held()) is not None:  # a question asks often
        return held.vendor
    return "sqlite" if connections.settings[WRITER]["ENGINE"].endswith("sqlite3") else "postgresql"


def fetch(sql: str, params: Sequence = ()) -> list[tuple]:
    """All rows of one reading statement."""
    held = _open.snapshot
    if held is not None and _open.tenant is None:
        return held.rows(_sqlite_marks(sql) if held.vendor == "sqlite" else sql, params)
    connection = _connection()
    marked = _sqlite_marks(sql) if connection.vendor == "sqlite" else sql
    return connection.connection.execute(marked, params).fetchall()


def fetch_one(sql: str, params: Sequence = ()) -> tuple | None:
    """The first row, or None."""
    rows = fetch(sql, params)
    return rows[0] if rows else None


def stream(sql: str, params: Sequence = (), size: int = 5000) -> Iterator[tuple]:
    """Rows one by one with flat memory; among tasks that take turns all at once."""
    if (held := _held()) is not None and held.together is not None:
        yield from held.rows(sql, params)
        return
    connection = _connection()
    if connection.vendor == "sqlite":
        yield from connection.connection.execute(_sqlite_marks(sql), params)
        return
    with connection.connection.cursor(
        name=f"asbuilt_stream_{next(_streams)}", withhold=_held() is None and connection.get_autocommit()
    ) as cursor:
        cursor.itersize = size
        cursor.execute(sql, params)
        yield from cursor


def _preparing(driver) -> Callable:
    """Runs statements that the server reads once (Django's own cursor writes the numbers into the text)."""
    if _open.prepared is None or not _open.prepared.is_of(driver):
        from asbuilt.storage.prepared import Prepared

        _open.prepared = Prepared(driver)
    return _open.prepared.rows


def _all_rows(cursor) -> Callable:
    return lambda sql, params: cursor.execute(sql, params).fetchall()


def _say(connection, statement: str) -> None:
    """A statement that has no rows; on PostgreSQL straight to the server, for the driver's cursor takes longer than it does."""
    if connection.vendor == "sqlite":
        connection.connection.execute(statement)
        return
    from psycopg import OperationalError, pq

    done = connection.connection.pgconn.exec_(statement.encode())
    if done.status != pq.ExecStatus.COMMAND_OK:
        raise OperationalError(done.error_message.decode(errors="replace"))


@contextmanager
def snapshot(*, plans_kept: bool = False, prepared: bool = False) -> Iterator[None]:
    """All reads inside see the record as of one moment (PostgreSQL: the reader's isolation level, see `databases`).

    `plans_kept`: each statement inside finds its rows through the same index whatever the numbers are, so PostgreSQL may plan it once and
    keep the plan; planning costs it more than executing. Not for statements whose best plan depends on how many units there are.
    `prepared`: PostgreSQL reads each statement once and itself decides whether it plans it anew for these numbers. For statements whose text
    comes again: one that names an entry (`--as-of`) would only push others out.
    """
    if _open.tenant is not None or _open.snapshot is not None:
        yield
        return
    connection = connections[READER]
    connection.ensure_connection()
    keeping = plans_kept and connection.vendor == "postgresql"
    preparing = keeping or (prepared and connection.vendor == "postgresql")
    begin = "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan" if keeping else "BEGIN"
    try:
        _say(connection, begin)
    except Exception:
        # a kept connection may be dead since a restart of the server; nothing was read through it yet
        connection.close()
        connection.ensure_connection()
        _say(connection, begin)
    driver = connection.connection
    # one statement after the other, each read to its end: one cursor does, and a new one a statement is dear on PostgreSQL
    rows = _preparing(driver) if preparing else _all_rows(driver.cursor())
    _open.snapshot = _Snapshot(connection, rows, connection.vendor, preparing)
    try:
        yield
    finally:
        _open.snapshot = None
        try:
            # nothing was written, it ends one that failed too; ROLLBACK would forget all kept plans
            _say(connection, "COMMIT")
        except Exception:
            connection.close()  # the next one connects anew; what went wrong inside is told, not this


def at_once(*tasks: Callable[[], object]) -> list:
    """What each of these readings gives, in this order; of those that raise, what the first raised. None of them needs what another one reads.

    In a snapshot of PostgreSQL that keeps statements prepared they take turns (room `together`): the server works on one while another goes on.
    Elsewhere one runs after the other. Properties that several of them read are `once`.
    """
    held = _held()
    if held is None or not held.preparing or len(tasks) < 2:
        return [task() for task in tasks]
    if held.together is not None:
        return held.together.divide(tasks)
    from asbuilt.storage.together import Together

    together = Together(_open.prepared)
    _open.snapshot = held._replace(rows=together.rows, together=together)
    try:
        with held.connection.execute_wrapper(_not_in_turn):
            return together.run(tasks)
    finally:
        _open.snapshot = held


def _not_in_turn(*_):
    """What comes by Django's cursor would take the rows of whoever is next."""
    raise RuntimeError("among tasks that take turns, statements go through reading.fetch")


@contextmanager
def one_statement(sql: str, params: Sequence) -> Iterator[list[tuple]]:
    """The rows of one statement: a moment of the record by itself, so PostgreSQL is spared the transaction around it; it reads the
    statement once and keeps its plan where it finds one that serves all.

    Inside nothing more is read: that would be another moment, so NothingMore is raised. In a snapshot, and while something is
    written, it is a statement like others.
    """
    if _open.tenant is not None or _open.snapshot is not None:
        yield fetch(sql, params)
        return
    connection = connections[READER]
    connection.ensure_connection()
    try:
        rows = _alone(connection, sql, params)
    except Exception:
        if connection.is_usable():
            raise
        connection.close()  # dead since a restart of the server
        connection.ensure_connection()
        rows = _alone(connection, sql, params)
    _open.snapshot = _Snapshot(connection, _refused, connection.vendor)
    try:
        yield rows
    finally:
        _open.snapshot = None


def _alone(connection, sql: str, params: Sequence) -> list[tuple]:
    if connection.vendor == "sqlite":
        return connection.connection.execute(_sqlite_marks(sql), params).fetchall()
    return _preparing(connection.connection)(sql, params)


def any_of(column: str, kind: str = "int") -> str:
    """`column is one of the list`; give the list through `list_param`. kind: int or text."""
    if vendor() == "sqlite":
        return f"{column} IN (SELECT value FROM json_each(%s))"
    return f"{column} = ANY(%s::{'int' if kind == 'int' else 'text'}[])"


def list_param(values: Iterable) -> object:
    """The parameter that `any_of` wants."""
    listed = list(values)
    if listed and type(listed[0]) is int:  # each question writes some twenty of them
        return _braced(listed) if vendor() != "sqlite" else str(listed)
    if vendor() == "sqlite":
        return json.dumps(listed)
    return _quoted(listed) if listed and type(listed[0]) is str and None not in listed else listed


def _braced(numbers: list[int]) -> str:
    """An array as PostgreSQL writes it; as a list the driver would look at each number to find a type for all."""
    return "{" + str(numbers)[1:-1] + "}"


def _quoted(texts: list[str]) -> str:
    """The same of texts."""
    return "{" + ",".join(['"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"' for text in texts]) + "}"


def spans_table(name: str) -> str:
    """A table expression `name(first_unit, until_unit)`; `integer_rows` gives its parameters."""
    return integers_table(name, "first_unit", "until_unit")


def integers_table(name: str, *columns: str) -> str:
    """A table expression with two or more columns of integers from 0 to 2³¹ - 1; `integer_rows` gives its parameters.

    One list of rows on SQLite, pairs packed into one integer: lists joined by their keys would cost a step for each two
    rows, 138 ms for 2,000 of them where this costs 1.3.
    """
    return _integers_table(vendor(), name, columns)


@lru_cache(128)
def _integers_table(vendor: str, name: str, columns: tuple[str, ...]) -> str:
    if vendor != "sqlite":
        return f"unnest({', '.join(['%s::int[]'] * len(columns))}) AS {name}({', '.join(columns)})"
    if len(columns) == 2:
        values = ("value >> 32", "value & 2147483647")
    else:
        values = tuple(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
    said = ", ".join(f"{value} AS {column}" for value, column in zip(values, columns, strict=True))
    # the limit keeps SQLite from reading the list anew for each row that a column is compared with
    return f"(SELECT {said} FROM json_each(%s) LIMIT -1) AS {name}"


def integer_rows(rows: Iterable[Sequence[int]]) -> tuple:
    """The parameters that `integers_table` wants for these rows, all as wide as it has columns."""
    listed = list(rows)
    if vendor() != "sqlite":
        return tuple(_braced(list(column)) for column in zip(*listed, strict=True))
    if listed and len(listed[0]) == 2:
        return (str([first << 32 | second for first, second in listed]),)
    return (str(list(map(list, listed))),)


def each(name: str, table: str, condition: str) -> str:
    """Join each row of what stands before with the rows of a table that meet the condition, in this order.

    On PostgreSQL a fence (OFFSET 0) keeps the planner from a hash join on the tenant alone, which is thirty times slower
    (reference/scale.md, A3); on SQLite CROSS JOIN keeps the order of the loops.
    """
    if vendor() == "sqlite":
        return f"CROSS JOIN {table} AS {name} ON {condition}"
    return f"CROSS JOIN LATERAL (SELECT * FROM {table} AS {name} WHERE {condition} OFFSET 0) AS {name}"
