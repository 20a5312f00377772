"""What a unit's process runs had around them: the area of the machine, its air at that time, and what lay outside of its limits.

A machine that stood in no known area says nothing; an area in which nothing was measured then says so.
"""

from dataclasses import replace

from asbuilt.built.production.environment import area_of, areas, surroundings
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.questions.genealogy.seen.happenings import PROCESSED, Event
from asbuilt.storage import reading


def surrounded(view: View, unit: int, events: list[Event]) -> list[Event]:
    """The events, process runs with `around` (Surroundings or None) and `outside` (words or empty) among their cells. Three
    statements, and one for each run at a machine in an area. A party reader is told what lay outside, not the air."""
    if not any(event.kind == PROCESSED for event in events):
        return events
    stands = view.seen("t").removeprefix(" AND ")
    placed = areas(view.tenant, stands) if view.visible is None else []
    outside = _outside(view, unit)
    found = []
    for event in events:
        if event.kind == PROCESSED:
            at = event.at if event.until is None else event.until
            area = area_of(placed, event.cells["machine"], at)
            around = surroundings(view.tenant, area, event.at, at, stands) if area else None
            said = outside.get((event.cells["step"], event.cells["side"], event.at, at), "")
            event = replace(event, cells={**event.cells, "around": around, "outside": said})
        found.append(event)
    return found


def _outside(view: View, unit: int) -> dict[tuple, str]:
    sql = (
        "SELECT p.step, p.side, p.started_at, p.finished_at, p.outside FROM production_process_run p WHERE p.tenant = %s "
        "AND p.first_unit <= %s AND p.until_unit > %s AND p.outside <> ''" + view.seen("p")
    )
    rows = reading.fetch(sql, (view.tenant, unit, unit))
    names = FloorNames(view.tenant).names(row[0] for row in rows)
    return {(names[step], *rest): said for step, *rest, said in rows}
