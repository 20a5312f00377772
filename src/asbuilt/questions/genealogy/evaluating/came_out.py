"""Units that came out of what was with a customer then: the record does not say where they went, so they may still be there.

    left_with(view, units)      -> [(shipment line, units)]: what is inside nothing now, and left the house last inside a unit of this line
    with_customers(view, units) -> the same after the lines that say where units are: who has them, or may have them still
    came_out_at(view, units)    -> when each was taken out last

A module is taken out by field service, or by the customer: its box stays, or comes back without it. By the design a unit that is in nothing is
where its own shipment says, and this one has none; nobody may take that silence for the house. It ends with what is recorded of the unit itself
after that: a shipment, a return, a subcontractor, scrap, a unit that it was put into.
"""

from pyroaring import BitMap

from asbuilt.built.shipping.returns import RECEIVED, SENT_BACK, rows_of_units
from asbuilt.questions.genealogy.evaluating.history import LineRow, last_lines, lines_of
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED, View, joined
from asbuilt.storage import reading

DEPTH_MAX, AT_ONCE = 50, 5000


def left_with(view: View, units: BitMap) -> list[tuple[LineRow, BitMap]]:
    """None where nothing is inside anything, one statement for each joined span where nothing of these ever came out, else about six and one for each level."""
    came_out = _came_out(view, units)
    if not came_out:
        return []
    left = BitMap(came_out) - BitMap(view.parents(BitMap(came_out)))
    left -= view.state_units(SCRAPPED, over=left)
    boxes = _outermost_then(view, {unit: came_out[unit] for unit in left})
    wanted = left | BitMap(boxes.values())
    sent: dict[int, list[LineRow]] = {}
    for line in lines_of(view, wanted):
        for unit in wanted & BitMap(range(line.first, line.until)):
            sent.setdefault(unit, []).append(line)
    back, noted = _back(view, wanted), _noted(view, left)
    found: dict[LineRow, BitMap] = {}
    for unit in left:
        at, box = came_out[unit][1], boxes[unit]
        own = [
            *(line.shipped_at for line in sent.get(unit, ())),
            *(when for when, _ in back.get(unit, ())),
            noted.get(unit, -1),
        ]
        before = [line for line in sent.get(box, ()) if line.shipped_at <= at]
        last = max(before, key=lambda line: (line.shipped_at, line.entry), default=None)
        if last is not None and max(own) < at and not _was_here(back.get(box, ()), last.shipped_at, at):
            found.setdefault(last, BitMap()).add(unit)
    return sorted(found.items(), key=lambda one: (one[0].shipment, one[0].first))


def with_customers(view: View, units: BitMap) -> list[tuple[LineRow, BitMap]]:
    """The shipment lines of who has these units, or may."""
    return [*last_lines(view, units), *left_with(view, units)]


def came_out_at(view: View, units: BitMap) -> dict[int, int]:
    """Unit -> when it was taken last out of the unit that it was in. One statement for each joined span."""
    return {unit: at for unit, (_parent, at) in _came_out(view, units).items()}


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


def _outermost_then(view: View, came_out: dict[int, tuple[int, int]]) -> dict[int, int]:
    """Unit -> the outermost unit that it came out of, as that stood at the moment. A statement for each level and 5,000 units."""
    top, ahead = {unit: parent for unit, (parent, _at) in came_out.items()}, set(came_out)
    for _ in range(DEPTH_MAX):
        links = _links(view, BitMap(top[unit] for unit in ahead))
        higher = {}
        for unit in ahead:
            at = came_out[unit][1]
            for parent, since, until in links.get(top[unit], ()):
                if since <= at and (until is None or until > at):
                    higher[unit] = parent
        if not higher:
            break
        top |= higher
        ahead = set(higher)
    return top


def _links(view: View, units: BitMap) -> dict[int, list[tuple[int, int, int | None]]]:
    """Unit -> (inside what, since when, until when) of these units, in order."""
    sql = (
        "SELECT a.child, a.parent, a.happened_at, a.removed_at FROM production_assembly a WHERE a.tenant = %s AND "
        + reading.any_of("a.child") + view.seen("a") + " ORDER BY a.happened_at, a.entry"
    )  # fmt: skip
    listed, found = list(units), {}
    for start in range(0, len(listed), AT_ONCE):
        for child, *link in reading.fetch(sql, (view.tenant, reading.list_param(listed[start : start + AT_ONCE]))):
            found.setdefault(child, []).append(tuple(link))
    return found


def _back(view: View, units: BitMap) -> dict[int, list[tuple[int, str]]]:
    """Unit -> (when, what) of its coming back and being sent back, in order."""
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows_of_units(view.tenant, units, view.seen("t")):
        if row.event in (RECEIVED, SENT_BACK):
            found.setdefault(row.unit, []).append((row.happened_at, row.event))
    return found


def _noted(view: View, units: BitMap) -> dict[int, int]:
    """Unit -> when it left last with a note for a subcontractor. One statement."""
    found: dict[int, int] = {}
    for first, until, at in view.rows_reached(
        "t.first_unit, t.until_unit, t.sent_at", "production_sent_out", view.reaches(units)
    ):
        for unit in units & BitMap(range(first, until)):
            found[unit] = max(at, found.get(unit, -1))
    return found


def _was_here(back: list[tuple[int, str]], sent_at: int, at: int) -> bool:
    """Whether it had come back between its shipment and that moment, and was here still."""
    between = [event for when, event in back if sent_at <= when <= at]
    return bool(between) and between[-1] == RECEIVED
