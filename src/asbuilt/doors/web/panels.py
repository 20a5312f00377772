"""A panel map as a drawing: one side as a machine sees it, each unit a box with its own position and the machine's number."""

from dataclasses import dataclass

from asbuilt.designed.catalog.panel_maps import SIDES, PanelMap, Place

MARGIN_UM = 4_000
ALONE_UM = 30_000  # a unit's size where no neighbour tells


@dataclass(frozen=True)
class Box:
    """A unit in the drawing, in mm from the upper left corner."""

    x: float
    y: float
    width: float
    height: float
    place: Place

    @property
    def letters(self) -> tuple[float, float]:
        """Heights of its own number and of the machine's."""
        least = min(self.width, self.height)
        return round(least * 0.36, 3), round(least * 0.14, 3)

    @property
    def corner(self) -> tuple[float, float]:
        """Where the machine's number is written."""
        inside = self.letters[1] * 0.6
        return round(self.x + inside, 3), round(self.y + self.height - inside, 3)

    @property
    def middle(self) -> tuple[float, float]:
        """Where its position is written."""
        return round(self.x + self.width / 2, 3), round(self.y + self.height / 2, 3)


@dataclass(frozen=True)
class Drawing:
    """One side of a panel."""

    side: str
    width: float
    height: float
    boxes: tuple[Box, ...]


def drawings(panel: PanelMap) -> list[Drawing]:
    """The sides that the map has."""
    return [_drawing(side, panel.side(side)) for side in SIDES if panel.side(side)]


def _drawing(side: str, places: tuple[Place, ...]) -> Drawing:
    over, up = _pitch({place.x_um for place in places}), _pitch({place.y_um for place in places})
    low_x, low_y = min(place.x_um for place in places), min(place.y_um for place in places)
    high_y = max(place.y_um for place in places)
    boxes = tuple(
        Box(
            (place.x_um - low_x + MARGIN_UM) / 1000, (high_y - place.y_um + MARGIN_UM) / 1000, over * 0.9 / 1000, up * 0.9 / 1000,
            place,
        )
        for place in places
    )  # fmt: skip
    width = (max(place.x_um for place in places) - low_x + over * 0.9 + 2 * MARGIN_UM) / 1000
    return Drawing(side, round(width, 3), round((high_y - low_y + up * 0.9 + 2 * MARGIN_UM) / 1000, 3), boxes)


def _pitch(lengths: set[int]) -> int:
    """The smallest distance between two of these."""
    ordered = sorted(lengths)
    return min((after - before for before, after in zip(ordered, ordered[1:], strict=False)), default=ALONE_UM)
