"""Firmware of which only a tool's word is known: such a unit runs the image possibly (design, section 6).

A station's record names the image roles that were written without a read-back and without the device's own answer. What
counts is the record that says what the unit runs: a later one that was read back makes it certain again.
"""

from collections import defaultdict
from collections.abc import Collection

from pyroaring import BitMap

from asbuilt.built.programming.running import Pass, may_be_last
from asbuilt.designed.firmware.queries import APP
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

Attempt = tuple[int, int, str]  # unit, when (µs), image role


def weak_attempts(view: View, units: BitMap) -> set[Attempt]:
    """Successful attempts at these units that rest on a tool's word. One statement."""
    sql = (
        "SELECT s.unit, s.happened_at, s.tool_only FROM programming_station_record s WHERE s.tenant = %s "
        "AND s.tool_only > '' AND s.result = 'pass' AND s.unit >= %s AND s.unit <= %s"
    ) + view.seen("s")
    asked = units and view.recorded.tool_only
    rows = reading.fetch(sql, (view.tenant, units.min(), units.max())) if asked else []
    return {(unit, at, role) for unit, at, roles in rows if unit in units for role in roles.split()}


def on_a_tools_word(view: View, units: BitMap, releases: Collection[int], ever: bool) -> BitMap:
    """Those of the units of which no other record says that they run (ever ran) one of the releases. Two statements."""
    weak = weak_attempts(view, units)
    if not weak:
        return BitMap()
    sql = (
        "SELECT r.unit, f.role, r.release, r.happened_at, r.entry, r.row, r.laid_at FROM programming_record r JOIN firmware_release f "
        "ON f.tenant = r.tenant AND f.number = r.release WHERE r.tenant = %s AND r.result = 0 AND "
        + reading.any_of("r.unit")
        + view.seen("r")
    )
    wanted = set(releases)
    passes: dict[tuple[int, str], list[Pass]] = defaultdict(list)
    sure: set[int] = set()
    listed = sorted({unit for unit, _, _ in weak})
    for unit, role, release, at, entry, row, laid in reading.fetch(sql, (view.tenant, reading.list_param(listed))):
        passes[unit, role or APP].append(Pass(at, entry, row, (release,), laid))
        if ever and release in wanted and (unit, at, role or APP) not in weak:
            sure.add(unit)
    if not ever:
        last = {place: may_be_last(found)[-1] for place, found in passes.items()}
        sure = {unit for (unit, role), one in last.items() if one.key[0] in wanted and (unit, one.at, role) not in weak}
    return BitMap(unit for unit in listed if unit not in sure)
