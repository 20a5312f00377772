"""What rooms above want on the label of a package: this floor does not know what its devices were programmed with.

A module of its own, because rooms register at every start and labels are printed rarely.
"""

from collections.abc import Callable

LABEL_LINES: dict[str, Callable[[int, str], list[str]]] = {}
"""By room. Each takes tenant and package code and gives lines."""
