"""The clock of the record. One place reads it; tests set it."""

import time
from collections.abc import Callable

_read: Callable[[], int] = lambda: time.time_ns() // 1000  # noqa: E731


def now() -> int:
    """UTC microseconds since 1970."""
    return _read()


def set_clock(read: Callable[[], int] | None) -> None:
    """Read this clock from now on; None for the machine's own."""
    global _read
    _read = read or (lambda: time.time_ns() // 1000)
