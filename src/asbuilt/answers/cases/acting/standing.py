"""Where each unit of a field action stands: by the record first, then by what was said of it.

A word that a later record contradicts does not count: something written onto what was called updated, a shipment of what was called returned,
replaced or scrapped. By the record a unit is updated where the remedy's question certainly gives it, scrapped, replaced and returned as recorded, in house where it was
never shipped, by itself or inside another unit, or came back; of a recall or withdrawal with a remedy a unit that went out again is mended by the same question, and by no word of
anybody. Of several standings the order of the action's kind decides; each unit has one.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.answers.cases.acting.action_file import (
    CHANGING,
    IN_HOUSE,
    MENDED,
    OPEN,
    ORDER,
    REPLACED,
    RETURNED,
    SCRAPPED,
    UPDATED,
    FieldAction,
)
from asbuilt.built.shipping.returns import replaced_units
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.parties.queries import names_of
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.came_out import left_with
from asbuilt.questions.genealogy.evaluating.evaluate import units_of, what_is_meant
from asbuilt.questions.genealogy.evaluating.history import last_lines, sent_to
from asbuilt.questions.genealogy.evaluating.states import returned_now
from asbuilt.questions.genealogy.evaluating.view import SCRAPPED as SCRAPPED_STATE
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.questions.genealogy.words import language
from asbuilt.storage import reading

NOBODY = ""
BACK = (RETURNED, REPLACED, SCRAPPED)  # what is said so is not in the field any more
_ROLE_NAMED = re.compile(r"firmware:[<>=]*\"?([A-Za-z0-9_-]+)/")


@dataclass
class Standing:
    """`units` standing -> units, none twice; `recorded` those whose standing the record says; `customers` name -> units inside what was
    sent there last, `NOBODY` for what was sent to nobody. Grades of the reach as the question gives them now."""

    units: dict[str, BitMap]
    recorded: BitMap
    customers: dict[str, BitMap]
    grades: UnitSet = field(default_factory=UnitSet.none)

    def accounted(self, action: FieldAction) -> BitMap:
        """The units for which nothing is left to do."""
        return BitMap().union(*(self.units[name] for name in action.accounted))

    def left(self, action: FieldAction) -> BitMap:
        """The units for which something is."""
        return action.reach - self.accounted(action)


def matching(actor: Actor, question: str) -> UnitSet:
    """The units that a question gives now. Raises what `ask` raises."""
    return units_of(View(actor), language.parse(question))


def standing_of(tenant: int, action: FieldAction) -> Standing:
    """Where the units of the reach stand now; to be called within one snapshot."""
    view = View(local_system(tenant))
    reach = action.reach
    tops = view.outermost(reach)
    carrying = BitMap(tops.values()) | (reach - BitMap(tops))
    sent, astray = sent_to(view, carrying), left_with(view, carrying)
    names = names_of(tenant, {line.customer for line, _units in astray})
    for line, units in astray:
        # to nobody's knowledge it came back
        name = names.get(line.customer, NOBODY)
        sent[name] = sent.get(name, BitMap()) | units

    def inside(outer: BitMap) -> BitMap:
        """The units of the reach that are these, or in one of them."""
        return (outer & reach) | BitMap(unit for unit, top in tops.items() if top in outer)

    by_record = _by_record(view, action, tops, carrying, BitMap().union(*sent.values()) & carrying, inside)
    said = dict(action.said)
    if action.remedy:
        done = by_record[UPDATED if action.kind in CHANGING else MENDED]
        said[UPDATED] = said.get(UPDATED, BitMap()) - _written_since(view, action, done)
    for name in BACK:
        said[name] = said.get(name, BitMap()) - _sent_since(view, tops, reach, action.since[name])
    recorded, found, left = BitMap(), {}, BitMap(reach)
    for name in ORDER[action.kind]:
        known = by_record.get(name, BitMap()) & left
        mine = known | (said.get(name, BitMap()) & left)
        found[name] = mine
        recorded |= known
        left = left - mine
    found[OPEN] = left
    return Standing(
        found, recorded, _customers(reach, sent, inside), what_is_meant(view, action.question).within(reach)
    )


def _by_record(
    view: View, action: FieldAction, tops: Mapping[int, int], carrying: BitMap, shipped: BitMap, inside: Callable[[BitMap], BitMap]
) -> dict[str, BitMap]:  # fmt: skip
    """What the record says of the reach; `carrying` are the outermost units that hold it (`tops`), `shipped` those that were sent to somebody."""
    reach = action.reach
    replaced_at = replaced_units(view.tenant, view.seen("t"))
    replaced = BitMap(replaced_at) & (carrying | reach)
    replaced -= _sent_since(view, tops, replaced, [(replaced_at[unit], BitMap([unit])) for unit in replaced])
    found = {
        SCRAPPED: (view.state_units(SCRAPPED_STATE, over=reach) & reach) | inside(view.state_units(SCRAPPED_STATE, over=carrying)),
        REPLACED: inside(replaced & carrying) | (replaced & reach),
        RETURNED: inside(returned_now(view, carrying)),
        IN_HOUSE: reach - inside(shipped),
    }  # fmt: skip
    if action.remedy:
        found[UPDATED if action.kind in CHANGING else MENDED] = what_is_meant(view, action.remedy).certain & reach
    return found


def _written_since(view: View, action: FieldAction, updated: BitMap) -> BitMap:
    """Units that somebody calls updated, that by the record are not, and onto which something was written after that: the word is overtaken.
    Of other roles than the app only those that the action's questions name. A statement for each joined span."""
    roles = {"", APP, *_ROLE_NAMED.findall(f"{action.question} {action.remedy}")}
    found = BitMap()
    for at, called in action.since[UPDATED]:
        asked = called & action.reach
        asked -= updated
        sql = (
            "SELECT DISTINCT t.unit, f.role FROM programming_record t JOIN firmware_release f ON f.tenant = t.tenant AND f.number = t.release "
            "WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s AND t.result = 0 AND coalesce(t.laid_at, t.happened_at) > %s"
            + view.seen("t")
        )
        for first, until in joined(asked):
            rows = reading.fetch(sql, (view.tenant, first, until, at))
            found.update(unit for unit, role in rows if role in roles and unit in asked)
    return found


def _sent_since(view: View, tops: Mapping[int, int], reach: BitMap, told: Iterable[tuple[int, BitMap]]) -> BitMap:
    """Units that left the house after that moment, as such or in the unit that holds them now: whatever was said of them is overtaken. A
    shipment whose own time lies ahead counts as of when it was recorded. Three statements."""
    asked = [(at, units & reach) for at, units in told]
    carrying = BitMap(tops.get(unit, unit) for _at, units in asked for unit in units)
    if not carrying:
        return BitMap()
    lines = last_lines(view, carrying)
    sql = "SELECT number, recorded_at FROM ledger_entry WHERE tenant = %s AND " + reading.any_of("number")
    entries = sorted({line.entry for line, _units in lines})
    recorded = dict(reading.fetch(sql, (view.tenant, reading.list_param(entries)))) if entries else {}
    sent = {top: min(line.shipped_at, recorded[line.entry]) for line, units in lines for top in units}
    return BitMap(unit for at, units in asked for unit in units if sent.get(tops.get(unit, unit), at) > at)


def _customers(reach: BitMap, sent: dict[str, BitMap], inside: Callable[[BitMap], BitMap]) -> dict[str, BitMap]:
    """Customer -> the units of the reach in what went there last."""
    found, left = {}, BitMap(reach)
    for name, units in sorted(sent.items()):
        mine = inside(units) & left
        if mine:
            found[name] = mine
            left = left - mine
    if left:
        found[NOBODY] = left
    return found
