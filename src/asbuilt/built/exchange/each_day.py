"""What rooms above do beside the web process, about once a day or at each turn of the worker. A module of its own, because rooms register
at every start."""

from collections.abc import Callable

EACH_DAY: dict[str, Callable[[int], object]] = {}
"""By room. Each takes the instant (UTC µs), is called every ten minutes, and knows itself what was done already."""
EACH_TURN: dict[str, Callable[[int], object]] = {}
"""By room. Each takes the instant (UTC µs), is called about every second, and gives the turn back within seconds."""
