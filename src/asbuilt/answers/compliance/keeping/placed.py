"""When each unit of a product was placed on the market: by its shipment line or by a decision, whichever says the earlier day."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pyroaring import BitMap

from asbuilt.questions.genealogy.evaluating.history import LINE_COLUMNS
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


@dataclass(frozen=True)
class PlacedOn:
    """The units that were placed on one day; `modified_on` and `eco`: when and by which ECO they were modified substantially since, empty where not."""

    day: str
    units: BitMap = field(hash=False)
    modified_on: str = ""
    eco: str = ""

    @property
    def law_day(self) -> str:
        """The day by which the law of these units is told: a substantial modification is a new placing."""
        return self.modified_on or self.day


def placed_days(view: View, units: BitMap) -> list[PlacedOn]:
    """Day -> units of these, the earliest day first; the day is the one of the tenant's time zone. Three statements."""
    said: list[tuple[int, BitMap]] = []
    by_shipment: dict[int, BitMap] = defaultdict(BitMap)
    for first, until, shipment, _shipped, placed_at, _entry in view.rows_reached(
        LINE_COLUMNS, "shipping_line", view.reaches(units)
    ):
        mine = units & BitMap(range(first, until))
        by_shipment[shipment] |= mine
        if placed_at is not None:
            said.append((placed_at, mine))
    said += _decided(view, units, by_shipment)
    found: dict[str, BitMap] = {}
    left = BitMap(units)
    for at, mine in sorted(said, key=lambda one: one[0]):
        mine = mine & left
        if mine:
            left -= mine
            day = datetime.fromtimestamp(at // 1_000_000, UTC).astimezone(view.zone).date().isoformat()
            found[day] = found.get(day, BitMap()) | mine
    return [PlacedOn(day, mine) for day, mine in sorted(found.items())]


def left_unsaid(view: View, units: BitMap, days: Iterable[PlacedOn]) -> str:
    """The last day on which some of these units left of which nobody said when they were placed; empty where it was said of all. One statement."""
    left = units - BitMap().union(*(one.units for one in days))
    rows = view.rows_reached(LINE_COLUMNS, "shipping_line", view.reaches(left)) if left else ()
    gone = [at for first, until, _shipment, at, *_rest in rows if left.range_cardinality(first, until)]
    return datetime.fromtimestamp(max(gone) // 1_000_000, UTC).astimezone(view.zone).date().isoformat() if gone else ""


def left_unplaced(view: View, units: BitMap, days: Iterable[PlacedOn]) -> BitMap:
    """The units of these that left and of which nobody said when they were placed. One statement."""
    left, found = units - BitMap().union(*(one.units for one in days)), BitMap()
    for first, until, *_rest in view.rows_reached(LINE_COLUMNS, "shipping_line", view.reaches(left)) if left else ():
        found |= left & BitMap(range(first, until))
    return found


def _decided(view: View, units: BitMap, by_shipment: dict[int, BitMap]) -> list[tuple[int, BitMap]]:
    """Decisions that name a unit, or a shipment as a whole."""
    sql = f"SELECT code, number FROM shipping_shipment WHERE tenant = %s AND {reading.any_of('number')}"
    codes = dict(reading.fetch(sql, (view.tenant, reading.list_param(sorted(by_shipment))))) if by_shipment else {}
    sql = f"SELECT t.unit, t.shipment, t.placed_at FROM shipping_placing t WHERE t.tenant = %s{view.seen('t')}"
    found = []
    for unit, shipment, at in reading.fetch(sql, (view.tenant,)):
        mine = by_shipment.get(codes.get(shipment, -1), BitMap()) if unit is None else BitMap([unit]) & units
        if mine:
            found.append((at, mine))
    return found
