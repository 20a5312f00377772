"""Statements that a PostgreSQL server read once, run straight through the driver's own connection.

A verdict of the gate is some forty small statements. The driver's cursor takes as long over one as the server does: it plans for pipelines, row
factories, binary results. Here numbers and text go in and rows come out as the driver's own dumpers and loaders have them.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from select import POLLIN, poll

from psycopg import Connection, pq
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import OperationalError, error_from_result

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
        self._readable = poll()
        self._readable.register(self._pgconn.socket, POLLIN)

    def is_of(self, connection: Connection) -> bool:
        """Whether this runs them on that connection."""
        return self._connection is connection

    def rows(self, sql: str, params: Sequence = ()) -> list[tuple]:
        """All rows of a statement with %s marks. The driver's errors."""
        key, given = self._given(sql, params)
        name = self._kept.get(key)
        if name is None:
            name = self._named(key)
            try:
                self._done(self._pgconn.prepare(name, numbered(sql).encode(), key[1]))
            except Exception:
                del self._kept[key]
                raise
            if old := self._forgotten():
                self._done(self._pgconn.exec_(b"DEALLOCATE " + old))
        else:
            self._kept.move_to_end(key)
        return self.loaded(self._pgconn.exec_prepared(name, given, self._transformer.formats))

    def loaded(self, result) -> list[tuple]:
        """The rows of a result. The driver's errors."""
        if error := self.error_of(result):
            raise error
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    def _given(self, sql: str, params: Sequence) -> tuple[tuple, list]:
        """(what a statement is kept by, its parameters as they are sent); their formats stay with the transformer."""
        given = self._transformer.dump_sequence(params, [PyFormat.AUTO] * len(params))
        return (sql, self._transformer.types or ()), given

    def _named(self, key: tuple) -> bytes:
        self._count += 1
        self._kept[key] = name = b"asbuilt_%d" % self._count
        return name

    def _forgotten(self) -> bytes | None:
        """The statement that was used longest ago, where one too many is kept."""
        return self._kept.popitem(last=False)[1] if len(self._kept) > KEPT_MAX else None

    def error_of(self, result) -> Exception | None:
        """What the driver would raise of this result."""
        if result.status in (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK):
            return None
        return error_from_result(result, self._encoding)

    def _done(self, result) -> None:
        if error := self.error_of(result):
            raise error

    # ---- several at a time (room `together`)

    @contextmanager
    def pipeline(self) -> Iterator[None]:
        """Inside, statements are sent one behind the other, and answered in that order. At its end all are answered; behind an error the connection
        is of no use."""
        self._pgconn.enter_pipeline_mode()
        yield
        self._pgconn.pipeline_sync()
        result = self._pgconn.get_result()
        if result is None or result.status != pq.ExecStatus.PIPELINE_SYNC:
            raise OperationalError("the server gave another answer than the end of the pipeline")
        self._pgconn.exit_pipeline_mode()

    def send(self, sql: str, params: Sequence = ()) -> int:
        """Send a statement; how many answers without rows come before its own."""
        key, given = self._given(sql, params)
        name, before = self._kept.get(key), 0
        if name is None:
            name, before = self._named(key), 1
            self._pgconn.send_prepare(name, numbered(sql).encode(), key[1])
            if old := self._forgotten():
                self._pgconn.send_query_params(b"DEALLOCATE " + old, None)
                before += 1
        else:
            self._kept.move_to_end(key)
        self._pgconn.send_query_prepared(name, given, self._transformer.formats)
        self._pgconn.send_flush_request()
        self._pgconn.flush()
        return before

    def answer(self):
        """The next answer; other threads go on while it is waited for."""
        while self._pgconn.is_busy():
            self._readable.poll()
            self._pgconn.consume_input()
        result = self._pgconn.get_result()
        if result is None:
            raise OperationalError("the server closed the connection without an answer")
        self._pgconn.get_result()  # None, which ends each answer
        return result

    def close(self) -> None:
        """Close the connection: what was sent and not answered would be answered to others."""
        self._connection.close()


def numbered(sql: str) -> str:
    """The statement with $1, $2 … for its %s marks, and % for %%."""
    first, *rest = sql.replace("%%", "\0").split("%s")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(rest, 1))]).replace("\0", "%")
