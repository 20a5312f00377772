"""What rooms above do from time to time, beside the web process. A module of its own, because rooms register at every start."""

from collections.abc import Callable

EACH_DAY: dict[str, Callable[[int], object]] = {}
"""By room. Each takes the instant (UTC µs), is called every ten minutes, and knows itself what was done already."""

EACH_MINUTE: dict[str, Callable[[int], object]] = {}
"""The same for what cannot wait ten minutes: called every minute."""

EACH_TURN: dict[str, Callable[[int], object]] = {}
"""By room. Each takes the instant (UTC µs), is called about every second, and gives the turn back within seconds."""
