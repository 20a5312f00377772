"""Units that were shipped, and what has to happen to one that came back before it goes again.

A unit that was shipped and did not come back is none to ship. One that came back, whether or not anybody said what was found of it, or that another
unit stands for it, goes again once it was repaired, or its plans were run again, since it came back; where somebody said that no fault was found,
any test that passed since then is enough. That what was run passed, and after the repair, is asked where tests are (`shown`). One that came back and
was put inside another goes with that, and is asked the same.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.answers.gate.groups import Group
from asbuilt.answers.gate.missing import Around, Missing, came_to, plain
from asbuilt.answers.gate.not_asked import plans_of
from asbuilt.answers.gate.shown import REPAIR_READING
from asbuilt.answers.gate.touched import Touched
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.built.shipping import returns
from asbuilt.designed.catalog.test_plans import plans_of_products
from asbuilt.kernel.instants import format_instant
from asbuilt.ledger import clock
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading

FOUND_CHARACTERS_MAX = 200


@dataclass
class _Back:
    """Since when a unit is back, with which entry that came in, and what was said of it since."""

    at: int
    entry: int
    found: str = ""
    replacement: int | None = None
    events: set[str] = field(default_factory=set)


def shipped_or_back(view: View, asked: Around, groups: list[Group]) -> Iterator[Missing]:
    """Shipped already, or back and left as it came. One statement; two where units were shipped, six where they are back."""
    lines = last_lines(view, asked.units)
    gone = BitMap().union(*(mine for _, mine in lines))
    # a module that left inside another unit has no shipment of its own, and comes back alone; it may be inside one that is to go now
    modules = asked.all if view.has_assemblies and view.recorded.returned else BitMap()
    if not gone and not modules:
        return
    back = _back(view, gone | modules)
    open_: dict[int, _Back] = {unit: one for unit, one in back.items() if unit not in gone}
    for line, mine in lines:
        here = {unit: back[unit] for unit in mine if unit in back and back[unit].at >= line.shipped_at}
        open_ |= here
        if still := mine - BitMap(here):
            said = f"{{unit}} was shipped with {plain(line.shipment)}."
            facts = {"shipment": line.shipment}
            remedy = "Receive it as a return first, if it came back."
            yield Missing("shipped_already", line.shipment, still, said, remedy, facts)
    if open_:
        yield from _left_as_it_came(view, asked, open_, groups)


def _back(view: View, units: BitMap) -> dict[int, _Back]:
    found: dict[int, _Back] = {}
    for row in returns.rows_of_units(view.tenant, units, view.seen("t")):
        if row.event == returns.RECEIVED:
            found[row.unit] = _Back(row.happened_at, row.entry)
        elif row.event == returns.SENT_BACK:
            found.pop(row.unit, None)
        elif row.unit in found:
            one = found[row.unit]
            one.events.add(row.event)
            one.found = row.said if row.event == returns.FOUND else one.found
            one.replacement = row.replacement if row.event == returns.REPLACED else one.replacement
    return found


def _left_as_it_came(view: View, asked: Around, back: dict[int, _Back], groups: list[Group]) -> Iterator[Missing]:
    units = BitMap(back)
    like = f'%"{REPAIR_READING}"%'
    columns = "t.first_unit, t.until_unit, t.finished_at, t.entry"
    repairs = view.rows_reached(
        columns, "production_process_run", view.reaches(units), " AND t.readings LIKE %s", (like,)
    )
    reworked, passed = Touched(view, units, repairs).reworked, _passed(view, back)
    needed = _plans(view, units, groups)
    others = names_of(view, BitMap(one.replacement for one in back.values() if one.replacement is not None))
    told: dict[tuple[str, str, str, str], BitMap] = defaultdict(BitMap)
    for unit, one in back.items():
        no_fault = returns.NO_FAULT in one.events and passed[unit]
        if reworked.get(unit, -1) >= one.at or no_fault or (passed[unit] and needed[unit] <= passed[unit]):
            continue
        found, other = one.found[:FOUND_CHARACTERS_MAX].strip(), others.get(one.replacement, "")
        told[format_instant(one.at)[:10], _what(one.events, found), other, found].add(unit)
    for (day, what, other, found), mine in told.items():
        what += f"; {plain(other)} stands for it" if other else ""
        said = f"{{unit}} came back on {day}; {what}. It was neither repaired nor tested since."
        remedy = "Repair it and test it again; where no fault was found, say so and have it pass a test."
        facts = {"since": day, "found": found, "replaced_by": other}
        came = came_to(asked, {unit: back[unit].entry for unit in mine})
        yield Missing("return_open", found, asked.outer(mine), said, remedy, facts, came, inside=asked.inside(mine))


def _what(events: set[str], found: str) -> str:
    """What was said of a unit since it came back."""
    if returns.FOUND in events:
        return f"found: {plain(found)}" if found else "something was found"
    return "no fault was found" if returns.NO_FAULT in events else "nobody said what was found"


def _passed(view: View, back: dict[int, _Back]) -> dict[int, set[str]]:
    """Unit -> plans that it passed since it came back. One statement for each joined span."""
    sql = (
        "SELECT t.unit, f.name, t.started_at FROM quality_test_run t JOIN production_floor_name f ON f.tenant = t.tenant AND f.number = t.plan "
        "WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s AND t.outcome = %s" + view.seen("t")
    )
    found: dict[int, set[str]] = defaultdict(set)
    for low, high in joined(BitMap(back)):
        for unit, plan, at in reading.fetch(sql, (view.tenant, low, high, OUTCOME_WORDS.index("pass"))):
            if unit in back and at >= back[unit].at:
                found[unit].add(plan)
    return found


def _plans(view: View, units: BitMap, groups: list[Group]) -> dict[int, set[str]]:
    """Unit -> the plans in force that every one of its kind needs. One statement."""
    mine = [group for group in groups if group.units & units]
    now, known = clock.now(), plans_of_products(view.tenant, [one.product for one in mine])
    found: dict[int, set[str]] = defaultdict(set)
    for group in mine:
        for version in plans_of(group, known, now).held:
            for unit in group.units & units if version.content.every == 1 else ():
                found[unit].add(version.plan)
    return found
