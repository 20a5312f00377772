"""Panel maps: where the units of a hardware revision lie on its panel, and what a machine on each side calls them.

A machine counts the circuits that it sees. Turned over, the same panel shows them in another order, so that its third circuit on
the bottom side is another unit than on the top side. The map gives for each side the machine's number and the unit's own position on
the panel, which is one number for both sides; with place and rotation as seen from that side, and whether the unit lies flipped there
(its bottom side up on the panel's top side, as on panels that mix both).

    panel = panel_map(tenant, product, revision)       # None: no map, a machine's number is the unit's position
    panel.unit_position("bottom", 3)                   # 2, or None where the map has no such circuit
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from asbuilt.storage import reading

SIDES = ("top", "bottom")
PANEL_PLACES_MAX = 2_000


@dataclass(frozen=True)
class Place:
    """One unit on one side of a panel: lengths in µm from the panel's lower left corner as seen from that side."""

    side: str
    machine_position: int
    position: int
    x_um: int
    y_um: int
    rotation: int
    flip: bool

    @property
    def x_mm(self) -> str:
        """As the table writes it."""
        return _millimetres(self.x_um / 1000)

    @property
    def y_mm(self) -> str:
        """As the table writes it."""
        return _millimetres(self.y_um / 1000)

    @property
    def unit_side(self) -> str:
        """The side of the unit that faces up here."""
        return self.side if not self.flip else SIDES[1 - SIDES.index(self.side)]


@dataclass(frozen=True)
class PanelMap:
    """The panel of a hardware revision. Pure: no read behind any of its answers."""

    name: str
    places: tuple[Place, ...] = field(hash=False)

    @cached_property
    def _by_machine(self) -> dict[tuple[str, int], Place]:
        return {(place.side, place.machine_position): place for place in self.places}

    def place(self, side: str, machine_position: int) -> Place | None:
        """The place that a machine on this side calls so, or None."""
        return self._by_machine.get((side.casefold(), machine_position))

    def unit_position(self, side: str, machine_position: int) -> int | None:
        """The unit's own position on the panel, from 1; None where the map has no such circuit."""
        place = self.place(side, machine_position)
        return place.position if place else None

    @property
    def positions(self) -> tuple[int, ...]:
        """The units' positions on the panel, ascending."""
        return tuple(sorted({place.position for place in self.places}))

    def side(self, side: str) -> tuple[Place, ...]:
        """The places seen from a side, in the machine's order."""
        return tuple(sorted((p for p in self.places if p.side == side), key=lambda p: p.machine_position))


def panel_map(tenant: int, product: int | str, revision: int | str) -> PanelMap | None:
    """The map recorded last for a hardware revision, given by number or code; None where it has none. One statement."""
    by_product = "p.number = %s" if isinstance(product, int) else "p.code = %s"
    by_revision = "r.number = %s" if isinstance(revision, int) else "r.code = %s"
    sql = (
        "SELECT t.panel, t.side, t.machine_position, t.position, t.x_um, t.y_um, t.rotation, t.flip, t.entry FROM "
        "catalog_product p JOIN catalog_revision r ON r.tenant = p.tenant AND r.product = p.number "
        "JOIN catalog_panel_place t ON t.tenant = r.tenant AND t.revision = r.number "
        f'WHERE p.tenant = %s AND {by_product} AND {by_revision} AND t.until_entry IS NULL ORDER BY t.entry, t."row"'
    )
    rows = reading.fetch(sql, (tenant, product, revision))
    if not rows:
        return None
    name = rows[-1][0]
    return PanelMap(name, tuple(Place(*row[1:7], bool(row[7])) for row in rows if row[0] == name))


def grid(
    *,
    columns: int,
    rows: int,
    pitch_x_mm: float,
    pitch_y_mm: float,
    turned: str,
    origin_mm: tuple[float, float] = (0, 0),
) -> Iterable[dict[str, str]]:
    """Rows of panel_places.csv, without product, revision and panel, for units in columns and rows, both sides.

    Machines count along each row from the left, the lowest row first, on the side they see. `turned` says how the panel gets its bottom
    side up: "left-right" about its upright axis, "head-over" about its level one; the latter turns units by 180°.
    """
    for side in SIDES:
        for row in range(rows):
            for column in range(columns):
                over, up = column, row
                if side == "bottom" and turned == "left-right":
                    over = columns - 1 - column
                if side == "bottom" and turned == "head-over":
                    up = rows - 1 - row
                yield {
                    "side": side,
                    "machine_position": str(row * columns + column + 1),
                    "position": str(up * columns + over + 1),
                    "x_mm": _millimetres(origin_mm[0] + column * pitch_x_mm),
                    "y_mm": _millimetres(origin_mm[1] + row * pitch_y_mm),
                    "rotation": "180" if side == "bottom" and turned == "head-over" else "0",
                    "flip": "false",
                }


def _millimetres(length: float) -> str:
    text = f"{length:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
