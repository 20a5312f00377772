"""Which checks of typed tables `ledger verify` calls: rooms above register theirs here when they are loaded.

A module of its own, because the checks are registered at every start and verified rarely.
"""

from collections.abc import Callable, Iterator

PROJECTIONS: dict[str, Callable[[int], Iterator]] = {}
"""By name, so that an application set up twice checks once. Each takes a tenant and yields findings."""
