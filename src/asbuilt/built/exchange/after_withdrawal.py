"""What upper rooms want to be told when facts are withdrawn, in the same transaction.

A module of its own, because rooms register at every start and facts are withdrawn rarely.
"""

from collections.abc import Callable

AFTER_WITHDRAWAL: dict[str, Callable] = {}
"""By room. Each takes the entry that withdraws and the facts (`ledger.facts.FactRow`) that no longer stand."""
