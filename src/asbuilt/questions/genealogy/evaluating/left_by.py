"""By which entry units left the house: what was meant to be on them is what was approved and qualified then, whatever was decided since.

    left_by(view, units)    -> {4711: units that left through the gate with entry 4711, None: units that left by a table, when nobody here knows}

Units in the house are in none: they never left, or are back, and go by what holds now.
"""

from pyroaring import BitMap

from asbuilt.built.shipping.events import SHIPPED
from asbuilt.built.shipping.returns import RECEIVED, SENT_BACK, rows_of_units
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def left_by(view: View, units: BitMap) -> dict[int | None, BitMap]:
    """Entry -> which of these units left with it and are away, inside whatever they are. Some six statements."""
    top = view.outermost(units) if view.has_assemblies else {}
    outer = BitMap(top.get(unit, unit) for unit in units)
    sent = last_lines(view, outer)
    entries = reading.list_param(sorted({line.entry for line, _ in sent}))
    sql = f"SELECT number FROM ledger_entry WHERE tenant = %s AND type = %s AND {reading.any_of('number')}"
    gate = {number for (number,) in reading.fetch(sql, (view.tenant, SHIPPED, entries))} if sent else set()
    of_unit = {unit: line for line, some in sent for unit in some & outer}
    for row in rows_of_units(
        view.tenant, BitMap(of_unit), view.seen("t")
    ):  # in order: what went back to its owner is away
        line = of_unit[row.unit]
        if row.event in (RECEIVED, SENT_BACK) and row.happened_at >= line.shipped_at:
            outer = outer - BitMap([row.unit]) if row.event == RECEIVED else outer | BitMap([row.unit])
    found: dict[int | None, BitMap] = {}
    for unit in units:
        line = of_unit.get(at) if (at := top.get(unit, unit)) in outer else None
        if line is not None:
            found.setdefault(line.entry if line.entry in gate else None, BitMap()).add(unit)
    return found
