"""What upper rooms want to be told when facts are withdrawn or corrected, in the same transaction.

A module of its own, because rooms register at every start and facts are withdrawn rarely.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

AFTER_WITHDRAWAL: dict[str, Callable] = {}
"""By room. Each takes the entry that withdraws and the facts (`ledger.facts.FactRow`) that no longer stand."""


class Followed(Protocol):
    """What the names in some questions meant before a correction."""

    def now(self) -> Mapping[str, str]:
        """Question -> the question that means the same since, where that is another."""


FOLLOWING: dict[str, Callable[[int, Mapping[str, str], Sequence[str]], Followed]] = {}
"""By room. Each takes the tenant, old cell -> new cell of a correction that is about to be written, and the questions of open holds."""
