"""Firmware of which only a tool's word is known: such a unit runs the image possibly (design, section 6).

A station's record names the image roles that were written without a read-back and without the device's own answer. What
counts is the record that says what the unit runs: a later one that was read back makes it certain again.
"""

from collections.abc import Collection

from pyroaring import BitMap

from asbuilt.designed.firmware.queries import APP
from asbuilt.questions.genealogy.view import View
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
        "SELECT r.unit, r.happened_at, r.release, f.role FROM programming_record r JOIN firmware_release f "
        "ON f.tenant = r.tenant AND f.number = r.release WHERE r.tenant = %s AND r.result = 0 AND "
        + reading.any_of("r.unit")
        + view.seen("r")
        + " ORDER BY coalesce(r.laid_at, r.happened_at), r.happened_at, r.entry, r.row"
    )
    wanted = set(releases)
    last: dict[tuple[int, str], tuple[int, int]] = {}
    sure: set[int] = set()
    listed = sorted({unit for unit, _, _ in weak})
    for unit, at, release, role in reading.fetch(sql, (view.tenant, reading.list_param(listed))):
        last[unit, role or APP] = at, release
        if ever and release in wanted and (unit, at, role or APP) not in weak:
            sure.add(unit)
    if not ever:
        sure = {
            unit for (unit, role), (at, release) in last.items() if release in wanted and (unit, at, role) not in weak
        }
    return BitMap(unit for unit in listed if unit not in sure)
