"""What is held: lots, units, and the answers of questions, until they are lifted.

- a span of units is held as it stands
- a lot holds the units that carry it now, certainly or possibly; where the hold says so, those too of which the record is
  silent
- a question holds what it gives now, likewise, and what it gave when the hold was placed (those are spans)
- units that a row lets go are no longer held by that hold; nor are those that certainly answer the question of what is done, as long as they do

A hold speaks for the whole record: it is looked at with all rights, whoever asks, and then narrowed to what he may see. A name
in a question that nothing has any more means no unit; its other names hold what they hold (`names_gone`). Questions are asked here and at the gate, never on a write.
"""

from collections import defaultdict
from collections.abc import Iterator

from pyroaring import BitMap

from asbuilt.access.actor import local_system
from asbuilt.built.production.holds import HoldRow, first_said, open_holds
from asbuilt.built.supply.queries import packages_of_lots
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import UnitSet, bitmap_of
from asbuilt.questions.genealogy.evaluating.asked import of_lots
from asbuilt.questions.genealogy.evaluating.few_units import of_few
from asbuilt.questions.genealogy.evaluating.material import carrying
from asbuilt.questions.genealogy.evaluating.names_gone import Asking, units_still_meant
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.questions.genealogy.words import language

ONE_BY_ONE_MAX = 50  # of so many units the packages are read one by one


def holds_over(view: View, within: BitMap | None) -> list[HoldRow]:
    """The open holds that may hold some of these units. One statement."""
    return open_holds(view.tenant, view.seen("h"), None if within is None else joined(within))


def holding(
    view: View, within: BitMap | None, asking: Asking, holds: list[HoldRow] | None = None
) -> Iterator[tuple[HoldRow, BitMap]]:
    """Each open hold with the units that it holds: without `within` those too that hold none, with it those that hold some of these units,
    and of their spans only what lies there (`whole_holds` reads the rest). `holds` is what `holds_over` gives, where that was read."""
    everything = view.beside(local_system(view.tenant))
    holds = holds_over(view, within) if holds is None else holds
    carried = _lots_on(view, holds, within)
    if within is not None:
        everything = of_few(everything, within, [text for hold in holds for text in _texts(hold)]) or everything
    found: list[tuple[HoldRow, BitMap]] = []
    for hold in holds:
        units = bitmap_of(hold.spans)
        if within is not None:
            units &= within
        for lot, silent in hold.lots:
            if carried is not None and not silent:
                units |= carried.get(lot, BitMap())
            else:
                units |= _taken(carrying(everything, of_lots(everything, [lot]), within), silent, within)
        for question, silent in hold.questions:
            there, known = units_still_meant(everything, language.parse(question), within, asking)
            units |= _taken(there, silent, within)
            if not known:
                everything.notes.append(f"{hold.code}: a name in its question is known no more.")
        units -= _done(everything, hold, within, asking) if units and hold.done else BitMap()
        found.append((hold, view.limit(everything.without_skipped(units - bitmap_of(hold.released)))))
    if within is None:
        yield from found
        return
    of_code = {hold.code: units for hold, units in found if units}
    for hold in first_said(view.tenant, view.seen("h"), [hold for hold, units in found if units]):
        yield hold, of_code[hold.code]


def _texts(hold: HoldRow) -> list[str]:
    return [*(text for text, _ in hold.questions), *hold.done]


def _done(everything: View, hold: HoldRow, within: BitMap | None, asking: Asking) -> BitMap:
    """The units that certainly answer what this hold calls done. Where that cannot be asked any more, none: they stay held."""
    done = BitMap()
    for question in hold.done:
        try:
            done |= asking(everything, language.parse(question), within).certain
        except (NotFound, Invalid):
            everything.notes.append(f"{hold.code}: what is done can be asked no more.")
    return done


def _lots_on(view: View, holds: list[HoldRow], within: BitMap | None) -> dict[int, BitMap] | None:
    """Held lot -> those of a few units that carry it now, certainly or possibly; None where it is asked of many, or as known then.

    The gate asks this of every unit: it reads what the unit carries, not where the lot is. One statement, and two a unit.
    """
    if within is None or len(within) > ONE_BY_ONE_MAX or view.entry is not None:
        return None
    lot_of = dict(packages_of_lots(view.tenant, {lot for hold in holds for lot, silent in hold.lots if not silent}))
    found: dict[int, BitMap] = defaultdict(BitMap)
    for unit in within if lot_of else ():
        for package in view.packages_on(unit):
            if package in lot_of:
                found[lot_of[package]].add(unit)
    return found


def _taken(found: UnitSet, silent: bool, within: BitMap | None) -> BitMap:
    units = found.unrecorded if silent else found.possible
    return units if within is None else units & within


def held(view: View, within: BitMap | None, asking: Asking) -> UnitSet:
    """The units that some open hold holds: certain, whatever they may carry."""
    units = BitMap()
    for _, there in holding(view, within, asking):
        units |= there
    return UnitSet.sure(units)
