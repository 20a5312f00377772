"""Databases of the throw-away PostgreSQL server: made, copied and dropped by the tests that need one."""

import psycopg

_opened: dict[str, psycopg.Connection] = {}


def _server(url: str) -> psycopg.Connection:
    """One connection a worker: a new one is a process of the server each time."""
    if url not in _opened or _opened[url].closed:
        _opened[url] = psycopg.connect(url, autocommit=True)
    return _opened[url]


def run(server: str, statement: str) -> None:
    """One statement on the server, outside of a transaction."""
    _server(server).execute(statement)


def copy(server: str, template: str, name: str) -> None:
    """A new database from a template. Files are copied, which takes a third of what writing them through the log takes."""
    how = " STRATEGY FILE_COPY" if _server(server).info.server_version >= 150_000 else ""
    run(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"{how}')
