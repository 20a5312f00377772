"""The one way to write.

`write_tx(tenant)` opens a transaction in which this process is the only writer of the tenant. On SQLite two lock files
make the turn fair: take Q, take L, release Q, work, release L; a single lock goes again and again to whoever just let it go
and starves the others for seconds (reference/log.md, trap 1). On PostgreSQL an advisory lock of the transaction does it.
One writer a tenant is what makes the number of an entry the order in which things became known, so that `--as-of` is exact.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections, transaction

from asbuilt.storage.databases import READER, WRITER, home

_WRITE_LOCK_CLASS = 0x0A5B  # first key of pg_advisory_xact_lock(class, tenant)
_threads = threading.RLock()


class _Open(threading.local):
    """What this thread has open: the tenant that it writes, the snapshot that it reads, what its reader's connection keeps prepared. Kept as names of
    the class, so that looking costs no miss."""

    tenant: int | None = None
    snapshot = None
    prepared = None


_open = _Open()


@contextmanager
def write_tx(tenant: int) -> Iterator[None]:
    """A write transaction of one tenant, alone and in turn. Inside another one of the same tenant it joins that one."""
    if _open.tenant is not None:
        if _open.tenant != tenant:
            raise RuntimeError("a write of one tenant inside a write of another")
        yield
        return
    with _turn(tenant), transaction.atomic(using=WRITER):
        _open.tenant = tenant
        try:
            if connections[WRITER].vendor == "postgresql":
                with connections[WRITER].cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_WRITE_LOCK_CLASS, tenant])
            yield
        finally:
            _open.tenant = None


@contextmanager
def part_tx() -> Iterator[None]:
    """A part of the write transaction that is open: where it raises, what it wrote is taken back, and the rest may go on."""
    with transaction.atomic(using=WRITER):
        yield


@contextmanager
def _turn(tenant: int) -> Iterator[None]:
    if connections[WRITER].vendor != "sqlite":
        yield
        return
    # threads of one process share file locks, so they queue here first
    with _threads, _locked("writer.queue") as queue, _locked("writer.turn"):
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield


@contextmanager
def _locked(name: str) -> Iterator[int]:
    file = os.open(home() / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file
    finally:
        os.close(file)


@contextmanager
def try_lock(name: str) -> Iterator[bool]:
    """A lock by name that never waits: True if it is ours until the end of the block. For the sequencer of a tenant."""
    if connections[WRITER].vendor == "postgresql":
        with connections[WRITER].cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
            ours = cursor.fetchone()[0]
            try:
                yield ours
            finally:
                if ours:
                    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])
        return
    file = os.open(home() / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)


def leave() -> None:
    """Close what this thread has open, the reader first: who closes last brings what stands in SQLite's WAL into the file. A reader cannot, and
    the next process would look each page up there."""
    opened = {one.alias: one for one in connections.all(initialized_only=True)}
    for alias in (READER, WRITER):
        if alias in opened:
            opened[alias].close()
