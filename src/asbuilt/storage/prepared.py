"""Statements that a PostgreSQL server read once, run straight through the driver's own connection.

A verdict of the gate is some forty small statements. The driver's cursor takes as long over one as the server does: it plans for pipelines, row
factories, binary results. Here numbers and text go in and rows come out as the driver's own dumpers and loaders have them.
"""

from collections import OrderedDict
from collections.abc import Sequence

from psycopg import Connection, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

KEPT_MAX = 500
"""Statements that a connection keeps prepared; a verdict takes some 50, in a few types of their numbers."""


class Prepared:
    """Runs statements on one connection, each prepared at its first use and forgotten when KEPT_MAX others were used since."""

    def __init__(self, connection: Connection):
        self._connection, self._pgconn = connection, connection.pgconn
        self._kept: OrderedDict[tuple, bytes] = OrderedDict()
        self._count = 0
        self._transformer = Transformer(connection)
        self._encoding = connection.info.encoding

    def is_of(self, connection: Connection) -> bool:
        """Whether this runs them on that connection."""
        return self._connection is connection

    def rows(self, sql: str, params: Sequence = ()) -> list[tuple]:
        """All rows of a statement with %s marks. The driver's errors."""
        transformer = self._transformer
        given = transformer.dump_sequence(params, [PyFormat.AUTO] * len(params))
        types = transformer.types or ()
        key = (sql, types)
        name = self._kept.get(key)
        if name is None:
            name = self._prepare(key)
        else:
            self._kept.move_to_end(key)
        result = self._pgconn.exec_prepared(name, given, transformer.formats)
        if result.status != pq.ExecStatus.TUPLES_OK:
            raise error_from_result(result, self._encoding)
        transformer.set_pgresult(result)
        return transformer.load_rows(0, result.ntuples, tuple)

    def _prepare(self, key: tuple) -> bytes:
        sql, types = key
        self._count += 1
        name = b"asbuilt_%d" % self._count
        self._done(self._pgconn.prepare(name, numbered(sql).encode(), types))
        self._kept[key] = name
        if len(self._kept) > KEPT_MAX:
            _, old = self._kept.popitem(last=False)
            self._done(self._pgconn.exec_(b"DEALLOCATE " + old))
        return name

    def _done(self, result) -> None:
        if result.status != pq.ExecStatus.COMMAND_OK:
            raise error_from_result(result, self._encoding)


def numbered(sql: str) -> str:
    """The statement with $1, $2 … for its %s marks, and % for %%."""
    first, *rest = sql.replace("%%", "\0").split("%s")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(rest, 1))]).replace("\0", "%")
