"""Which checks of typed tables `ledger verify` calls: rooms above register theirs here when they are loaded.

A module of its own, because the checks are registered at every start and verified rarely.
"""

from collections.abc import Callable, Iterator

PROJECTIONS: list[Callable[[int], Iterator]] = []
"""Each takes a tenant and yields findings."""
