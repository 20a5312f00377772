"""Shapes: the frozen column lists that facts are committed under.

A shape is a table and a version of its column list, such as `production.material/1`. Rooms declare theirs in `events.py`
when they are loaded. A column list is kept for ever, because every stored hash rests on it: a new column is a new version
(reference/log.md, trap 3). Columns that name units hold unit numbers, never serial numbers, so that a proof of one's own
span shows no neighbour; people stand as a tenant-local number.
"""

from dataclasses import dataclass

REGISTRY: dict[str, "Shape"] = {}


@dataclass(frozen=True)
class Shape:
    """One kind of fact. `code` is its number in the fact index; `few` says that the index holds every fact of it."""

    name: str
    code: int
    columns: tuple[str, ...]
    few: bool = True

    def __post_init__(self):
        if self.name in REGISTRY or any(other.code == self.code for other in REGISTRY.values()):
            raise ValueError(f"shape {self.name} or its code {self.code} is declared twice")
        REGISTRY[self.name] = self


def shape_of_code(code: int) -> Shape:
    """The shape with this number."""
    return next(shape for shape in REGISTRY.values() if shape.code == code)
