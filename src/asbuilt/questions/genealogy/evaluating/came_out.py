"""Units that came out of what was with a customer then: the record does not say where they went, so they may still be there.

    left_with(view, units)      -> [(shipment line, units)]: what is inside nothing now, and left the house last inside a unit of this line

A module is taken out by field service, or by the customer: its box stays, or comes back without it. By the design a unit that is in nothing is
where its own shipment says, and this one has none; nobody may take that silence for the house. It ends with what is recorded of the unit itself
after that: a shipment, a return, a subcontractor, scrap, a unit that it was put into.
"""

from pyroaring import BitMap

from asbuilt.built.shipping.returns import RECEIVED, SENT_BACK, rows_of_units
from asbuilt.questions.genealogy.evaluating.history import LineRow, lines_of
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, View, joined
from asbuilt.storage import reading

DEPTH_MAX = 50


def left_with(view: View, units: BitMap) -> list[tuple[LineRow, BitMap]]:
    """One statement for each joined span where nothing ever came out, none where nothing is inside anything."""
    came_out = _came_out(view, units)
    if not came_out:
        return []
    left = BitMap(came_out) - BitMap(view.parents(BitMap(came_out)))
    left -= view.state_units(SCRAPPED, over=left)
    boxes = {unit: _outermost_then(view, *came_out[unit]) for unit in left}
    lines = lines_of(view, left | BitMap(boxes.values()))
    back, noted = _back(view, left | BitMap(boxes.values())), _noted(view, left)
    found: dict[LineRow, BitMap] = {}
    for unit in left:
        at = came_out[unit][1]
        own = [line.shipped_at for line in lines if line.first <= unit < line.until]
        since = max(
            [
                *own,
                *(when for when, _ in back.get(unit, ())),
                *(when for first, until, when in noted if first <= unit < until),
            ],
            default=-1,
        )
        before = [line for line in lines if line.first <= boxes[unit] < line.until and line.shipped_at <= at]
        last = max(before, key=lambda line: (line.shipped_at, line.entry), default=None)
        if last is None or since >= at or _was_here(back.get(boxes[unit], ()), last.shipped_at, at):
            continue
        found.setdefault(last, BitMap()).add(unit)
    return sorted(found.items(), key=lambda one: (one[0].shipment, one[0].first))


def _came_out(view: View, units: BitMap) -> dict[int, tuple[int, int]]:
    """Unit -> (out of which unit, when) it came out last."""
    if not view.has_assemblies:
        return {}
    sql = (
        "SELECT a.child, a.parent, a.removed_at FROM production_assembly a WHERE a.tenant = %s AND a.child >= %s AND a.child < %s "
        "AND a.removed_at IS NOT NULL" + view.seen("a") + " ORDER BY a.removed_at, a.entry"
    )
    found: dict[int, tuple[int, int]] = {}
    for low, high in joined(units):
        for child, parent, at in reading.fetch(sql, (view.tenant, low, high)):
            if child in units:
                found[child] = (parent, at)
    return found


def _outermost_then(view: View, unit: int, at: int) -> int:
    """The outermost unit that contained it at that moment. A statement for each level."""
    sql = (
        "SELECT a.parent FROM production_assembly a WHERE a.tenant = %s AND a.child = %s AND a.happened_at <= %s "
        "AND (a.removed_at IS NULL OR a.removed_at > %s)"
        + view.seen("a")
        + " ORDER BY a.happened_at DESC, a.entry DESC LIMIT 1"
    )
    for _ in range(DEPTH_MAX):
        row = reading.fetch_one(sql, (view.tenant, unit, at, at))
        if row is None:
            return unit
        unit = row[0]
    return unit


def _back(view: View, units: BitMap) -> dict[int, list[tuple[int, str]]]:
    """Unit -> (when, what) of its coming back and being sent back, in order."""
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows_of_units(view.tenant, units, view.seen("t")):
        if row.event in (RECEIVED, SENT_BACK):
            found.setdefault(row.unit, []).append((row.happened_at, row.event))
    return found


def _noted(view: View, units: BitMap) -> list[tuple[int, int, int]]:
    """(first, until, when) of what left with a note for a subcontractor. One statement."""
    return view.rows_reached("t.first_unit, t.until_unit, t.sent_at", "production_sent_out", view.reaches(units))


def _was_here(back: list[tuple[int, str]], sent_at: int, at: int) -> bool:
    """Whether it had come back between its shipment and that moment, and was here still."""
    between = [event for when, event in back if sent_at <= when <= at]
    return bool(between) and between[-1] == RECEIVED
