"""Countries as tiles of one size, about where they lie: a map that is read at a glance, prints, and needs no borders.

The Member States have their place; every other country stands in a row below. The table beside it says the same.
"""

from dataclasses import dataclass

WIDTH, HEIGHT, STEP_X, STEP_Y = 44, 38, 46, 40
PLACES = {
    "SE": (4, 0), "FI": (5, 0), "IE": (0, 1), "DK": (3, 1), "EE": (5, 1), "NL": (2, 2), "DE": (3, 2), "PL": (4, 2), "LV": (5, 2),
    "BE": (1, 3), "LU": (2, 3), "CZ": (3, 3), "SK": (4, 3), "LT": (5, 3), "FR": (1, 4), "AT": (3, 4), "HU": (4, 4), "RO": (5, 4),
    "PT": (0, 5), "ES": (1, 5), "IT": (2, 5), "SI": (3, 5), "HR": (4, 5), "BG": (5, 5), "MT": (2, 6), "GR": (5, 6), "CY": (6, 6),
}  # fmt: skip
COLUMNS = 7
OTHERS_MAX = 21


@dataclass(frozen=True)
class Tile:
    """One country: where its tile is, how many units went there, and whether that is a large share of the most."""

    code: str
    x: int
    y: int
    units: int
    strong: bool


@dataclass(frozen=True)
class Tiles:
    """The map; `member_states` are those of them with units."""

    tiles: tuple[Tile, ...]
    width: int
    height: int
    member_states: tuple[str, ...]


def tiles_of(countries: dict[str, int]) -> Tiles:
    """Country code -> units, as tiles."""
    most = max(countries.values(), default=0)
    places = dict(PLACES)
    others = [code for code in countries if code not in PLACES][:OTHERS_MAX]
    places |= {code: (n % COLUMNS, 7 + n // COLUMNS) for n, code in enumerate(others)}
    tiles = tuple(
        Tile(code, column * STEP_X, row * STEP_Y, countries.get(code, 0), countries.get(code, 0) * 2 > most)
        for code, (column, row) in places.items()
    )
    rows = max(row for _, row in places.values()) + 1
    return Tiles(tiles, COLUMNS * STEP_X, rows * STEP_Y, tuple(code for code in countries if code in PLACES))
