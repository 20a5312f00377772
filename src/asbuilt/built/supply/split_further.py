"""What rooms above carry over to a part split off a package: this floor does not know what its devices were programmed with.

A module of its own, because rooms register at every start and packages are split rarely.
"""

from collections.abc import Callable

SPLIT_FURTHER: dict[str, Callable] = {}
"""By room. Each takes tenant, source, new code and the instant of the split, and gives (exchange table's intake, rows in its column order)."""
