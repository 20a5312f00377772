"""The one state of a unit: scrapped, outside, returned, shipped, stock, production or planned; the first of them that fits.

A scrapped unit is scrapped wherever it went. A unit that was shipped and came back since is returned until it is shipped again or sent back,
or leaves inside another one: taken out of that at the customer's it did not come back. A unit that left for a subcontractor is outside until it comes back with its note,
and one that was shipped is shipped: where both are so, what happened last counts, a shipment at the same instant before a note.
"""

from pyroaring import BitMap

from asbuilt.built.production.outside import Away, away
from asbuilt.built.shipping.returns import received
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.evaluating.came_out import left_with
from asbuilt.questions.genealogy.evaluating.history import last_lines, shipped
from asbuilt.questions.genealogy.evaluating.view import BEGUN, BUILT, SCRAPPED, SKIPPED, View
from asbuilt.storage import reading


def away_now(view: View, over: BitMap | None = None) -> list[Away]:
    """Which of the units (None: of all) are outside by which line: not back, not shipped since, not scrapped.

    None where nothing ever left, else about eight statements.
    """
    if not view.recorded.sent_out:
        return []
    found = away(view.tenant, over, view.seen("t"))
    units = BitMap().union(*(one.units for one in found)) if found else BitMap()
    if not units:
        return []
    left = units - view.state_units(SCRAPPED, over=units)
    lines = last_lines(view, left)
    kept = []
    for one in found:
        later = (mine for line, mine in lines if line.shipped_at >= one.line.sent_at)
        mine = (one.units & left).difference(*later)
        if mine:
            kept.append(Away(one.line, mine))
    return kept


def outside_now(view: View, over: BitMap | None = None) -> BitMap:
    """Those of the units (None: of all) that are outside."""
    return BitMap().union(*(one.units for one in away_now(view, over)))


def returned_now(view: View, over: BitMap | None = None) -> BitMap:
    """Those of the units (None: of all) that came back after they left last, alone or inside another unit (`came_out`). None where nothing ever came back."""
    if not view.recorded.returned:
        return BitMap()
    back = received(view.tenant, view.seen("t"))
    units = BitMap(back) if over is None else BitMap(back) & over
    if not units:
        return units
    away = {unit: line.shipped_at for line, mine in last_lines(view, units) for unit in mine}
    here = BitMap(unit for unit in units if back[unit] >= away.get(unit, back[unit]))
    # what left again inside another unit, and was taken out of it there, is there and not here
    return here.difference(*(mine for _line, mine in left_with(view, here))) if here else here


def here_again(view: View, over: BitMap) -> BitMap:
    """Those of the units that came back and are here still: neither sent out since, alone or inside another unit, nor inside one that is away."""
    back = returned_now(view, over)
    tops = view.outermost(back) if back else {}
    gone = in_state(view, "shipped", BitMap(tops.values())) if tops else BitMap()
    return BitMap(unit for unit in back if tops.get(unit, unit) not in gone or unit not in tops)


def in_state(view: View, state: str, over: BitMap | None = None) -> BitMap:
    """Outermost or not: units (of these; None: all) whose own state is this."""
    if state == "outside":
        return outside_now(view, over)
    scrapped = view.state_units(SCRAPPED, over=over)
    if state == "scrapped":
        return scrapped
    gone = scrapped | outside_now(view, over)
    back = returned_now(view, over) - gone
    if state == "returned":
        return back
    gone |= back
    away = shipped(view) if over is None else _shipped_of(view, over)
    if state == "shipped":
        return away - gone
    gone |= away
    built = view.state_units(BUILT, over=over)
    if state == "stock":
        return built - gone
    begun = view.state_units(BEGUN, over=over)
    if state == "production":
        return begun - built - gone
    sql = "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s" + view.seen("b")
    everything = bitmap_of(reading.fetch(sql, (view.tenant,))) if over is None else _planned_of(view, over)
    return everything - built - begun - gone - view.state_units(SKIPPED, over=over)


def _shipped_of(view: View, over: BitMap) -> BitMap:
    rows = view.rows_reached("t.first_unit, t.until_unit", "shipping_line", view.reaches(over))
    return bitmap_of(rows) & over


def _planned_of(view: View, over: BitMap) -> BitMap:
    return bitmap_of((block.first, block.until) for block in view.blocks_over(over)) & over
