"""What rooms above have to say against a package at a feeder: this floor does not know what packages were programmed with.

A module of its own, because rooms register at every start and packages are mounted rarely.
"""

from collections.abc import Callable

FURTHER_STOPS: dict[str, Callable] = {}
"""By room. Each takes tenant, order (`OrderRow`), uses and the instant, and gives for each use a list of stops."""
