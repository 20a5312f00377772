"""Terms that rooms above answer: they put their answers here when they are loaded, so that the language stays one.

A module of its own, because rooms register at every start and such terms are asked rarely.
"""

from collections.abc import Callable

TERMS_ABOVE: dict[str, Callable] = {}
"""Term -> what answers it: (view, term, ever, within) -> UnitSet."""
VALUES_ABOVE: dict[str, Callable] = {}
"""Term -> values that begin so: (view, sight, prefix) -> pairs of value and hint."""
NOTES_ABOVE: dict[str, Callable] = {}
"""Term -> (view) -> sentences on how far an answer to it can be trusted, which every answer that asks for it has."""
