"""Where a few units are, and who handled them where: the same answers as over the whole record, of these units alone.

`in:`, `customer:`, `country:`, `shipment:` and `placed:` speak of the outermost unit that contains a unit. A hold by such a question is asked
of every unit that is scanned; here its last shipment line and its state are read, never all lines of the factory.
"""

from collections.abc import Callable

from pyroaring import BitMap

from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.history import country_codes
from asbuilt.questions.genealogy.evaluating.naming import numbers
from asbuilt.questions.genealogy.evaluating.states import in_state
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading


def at_place_of_few(view: View, name: str, values) -> UnitSet:
    """The few units of the view whose outermost unit is at one of the places that the term names."""
    few = view.few
    there = PLACES_OF_FEW[name](view, values)
    tops = few.tops
    return UnitSet.sure(view.limit(BitMap(unit for unit in few.units if tops.get(unit, unit) in there)))


def _in(view: View, values) -> BitMap:
    return BitMap().union(*(in_state(view, value.text, view.few.outer) for value in values))


def _sent(view: View, meets: Callable) -> BitMap:
    return BitMap().union(*(units for line, units in view.few.lines if meets(line)))


def _customer(view: View, values) -> BitMap:
    parties = {n for v in values for n in numbers(view, "customer", v.text, "parties_party", ("code", "name"))}
    return _sent(view, lambda line: line.customer in parties)


def _country(view: View, values) -> BitMap:
    wanted = set(country_codes(view, values))
    return _sent(view, lambda line: line.country in wanted)


def _shipment(view: View, values) -> BitMap:
    found = {n for v in values for n in numbers(view, "shipment", v.text, "shipping_shipment", ("code",))}
    sql = f"SELECT s.code FROM shipping_shipment s WHERE s.tenant = %s AND {reading.any_of('s.number')}"
    codes = {code for (code,) in reading.fetch(sql, (view.tenant, reading.list_param(sorted(found))))}
    return _sent(view, lambda line: line.shipment in codes)


def _placed(view: View, windows) -> BitMap:
    found = BitMap()
    for window in windows:
        start, until = window.bounds(view.zone)
        low, high = -(2**62) if start is None else start, 2**62 if until is None else until
        found |= _sent(
            view, lambda line, low=low, high=high: line.placed_at is not None and low <= line.placed_at < high
        )
        found |= _decided(view, low, high)
    return found


def _decided(view: View, low: int, high: int) -> BitMap:
    """What rows of placings.csv say of the outermost units and of their shipments. One statement."""
    shipments = sorted({line.shipment for line, _ in view.few.lines})
    sql = (
        "SELECT t.unit, t.shipment FROM shipping_placing t WHERE t.tenant = %s AND t.placed_at >= %s AND t.placed_at < %s AND "
        f"({reading.any_of('t.unit')} OR (t.unit IS NULL AND {reading.any_of('t.shipment', 'text')}))"
    )
    units, codes = reading.list_param(list(view.few.outer)), reading.list_param(shipments)
    rows = reading.fetch(sql + view.seen("t"), (view.tenant, low, high, units, codes))
    whole = {shipment for unit, shipment in rows if unit is None}
    return BitMap(unit for unit, _ in rows if unit is not None) | _sent(view, lambda line: line.shipment in whole)


PLACES_OF_FEW: dict[str, Callable[[View, object], BitMap]] = {
    "in": _in, "customer": _customer, "country": _country, "shipment": _shipment, "placed": _placed,
}  # fmt: skip
