"""Hints: the nearest known names beside an unknown one, at a bounded price.

A file with a million unknown part numbers must not cost a million searches: each name is looked for once, and after
`HINTS_MAX` names the general advice has to do.
"""

from collections.abc import Callable, Iterable

from asbuilt.formats.nearest import did_you_mean

HINTS_MAX = 200


class Hints:
    """Remedies for unknown names of one kind. `known` is called once, at the first unknown name."""

    def __init__(self, known: Callable[[], Iterable[str]], otherwise: str):
        self._known, self._otherwise = known, otherwise
        self._names: list[str] | None = None
        self._told: dict[str, str] = {}

    def of(self, name: str) -> str:
        """ "Did you mean …?", or the general advice where nothing is near."""
        if name not in self._told:
            if len(self._told) >= HINTS_MAX:
                return self._otherwise
            if self._names is None:
                self._names = list(self._known())
            self._told[name] = did_you_mean(name, self._names) or self._otherwise
        return self._told[name]
