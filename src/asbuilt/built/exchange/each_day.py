"""What rooms above do about once a day, beside the web process. A module of its own, because rooms register at every start."""

from collections.abc import Callable

EACH_DAY: dict[str, Callable[[int], object]] = {}
"""By room. Each takes the instant (UTC µs), is called every ten minutes, and knows itself what was done already."""
