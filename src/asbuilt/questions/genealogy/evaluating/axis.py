"""Terms about what a unit is: its order, product, revision, BOM version, panel, names, owner."""

import re
from collections.abc import Iterable

from pyroaring import BitMap

from asbuilt.built.production.orders import Orders, UnitFinder, products_of
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.questions.genealogy.evaluating.borne import borne, not_gone
from asbuilt.questions.genealogy.evaluating.naming import either, numbers, suggestions, unknown
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.questions.genealogy.words.language import Range, Value
from asbuilt.questions.genealogy.words.terms import gettext_noop as _
from asbuilt.storage import reading

_TAIL = re.compile(r"^(.*?)([0-9]+)$", re.DOTALL)
LENGTHS_MAX = 30


def _blocks(view: View, column: str, found: list[int]) -> BitMap:
    if view.few is not None:
        place = BlockRow._fields.index("order" if column == "work_order" else column)
        return bitmap_of((low, until) for block, low, until in view.reaches(view.few.units) if block[place] in found)
    sql = "SELECT b.first_unit, b.until_unit FROM production_block b WHERE b.tenant = %s AND " + reading.any_of(
        "b." + column
    )
    return bitmap_of(reading.fetch(sql + view.seen("b"), (view.tenant, reading.list_param(found))))


def of_order(view: View, values) -> BitMap:
    """Units of orders, by order code or batch number, or a range inside one order."""
    units = BitMap()
    for value in values:
        if isinstance(value, Range):
            units |= _order_range(view, value)
            continue
        mine = view.limit(_whole_orders(view, value))
        if view.visible is not None and not mine:
            raise unknown("order", value.text, ())
        units |= mine
    return units


def _whole_orders(view: View, value: Value) -> BitMap:
    """The units of the orders so called; of `WO#17`, where no order is called so, the one unit."""
    try:
        found = numbers(view, "order", value.text, "production_order", ("code", "batch_number"))
    except NotFound:
        _, mark, place = value.text.rpartition("#")
        units = _order_range(view, Range(value, value)) if mark and place.isascii() and place.isdigit() else None
        if units is None or not (units or _came_later(view, value.text)):
            raise
        return units
    return _blocks(view, "work_order", found)


def _orders(view: View) -> Orders:
    """Orders with the blocks they had at the moment of the question."""
    return Orders(view.tenant, view.entry)


def _order_range(view: View, value: Range) -> BitMap:
    orders = _orders(view)
    ends = []
    for end in (value.low, value.high):
        if end is None:
            ends.append(None)
            continue
        code, _, place = end.text.rpartition("#")
        found = numbers(view, "order", code, "production_order", ("code",))
        if not found:
            return BitMap()
        sql = "SELECT code FROM production_order WHERE tenant = %s AND number = %s"
        order = orders.by_code(reading.fetch_one(sql, (view.tenant, found[0]))[0])
        ends.append((order, int(place)))
    low, high = ends
    order = (low or high)[0]
    if low and high and low[0].code != high[0].code:
        remedy = "Write one range for each order, with or between."
        raise Invalid("question.two_orders", f"The range runs from {low[0].code} to {high[0].code}.", {}, remedy)
    first = max(low[1] if low else 1, 1)
    last = min(high[1] if high else order.quantity, order.quantity)
    return BitMap(unit for place in range(first, last + 1) if (unit := order.unit_at(place)))


def of_product(view: View, values) -> BitMap:
    """Units of products."""
    found = [n for value in values for n in numbers(view, "product", value.text, "catalog_product", ("code",))]
    return _blocks(view, "product", found)


def of_revision(view: View, values) -> BitMap:
    """Units of hardware revisions, of every product that has one so called."""
    found = [n for value in values for n in numbers_of_all(view, "revision", value.text, "catalog_revision", "code")]
    return _blocks(view, "revision", found)


def of_bom(view: View, values) -> BitMap:
    """Units built to BOM versions so called."""
    found = [n for value in values for n in numbers_of_all(view, "BOM version", value.text, "catalog_bom", "version")]
    return _blocks(view, "bom", found)


def numbers_of_all(view: View, kind: str, text: str, table: str, column: str) -> list[int]:
    """Numbers of every row so called, exactly, else blind to case."""
    for condition in (f"t.{column} = %s", f"lower(t.{column}) = lower(%s)"):
        sql = f"SELECT t.number FROM {table} t WHERE t.tenant = %s AND {condition}{borne(view, table)}"
        rows = reading.fetch(sql, (view.tenant, text))
        if rows:
            return [row[0] for row in rows]
    raise unknown(kind, text, suggestions(view, table, (column,)))


def of_panel(view: View, values) -> BitMap:
    """Units of panels."""
    units = BitMap()
    for value in values:
        firsts = numbers(view, "panel", value.text, "production_panel", ("code",), "first_unit")
        sql = "SELECT t.first_unit, t.until_unit FROM production_panel t WHERE t.tenant = %s AND " + reading.any_of(
            "t.first_unit"
        )
        mine = bitmap_of(reading.fetch(sql + view.seen("t"), (view.tenant, reading.list_param(firsts))))
        if view.visible is not None and not view.limit(mine):
            raise unknown("panel", value.text, ())
        units |= mine
    return units


def of_owner(view: View, values) -> BitMap:
    """Units that these brand owners ordered."""
    parties = [n for v in values for n in numbers(view, "owner", v.text, "parties_party", ("code", "name"))]
    sql = (
        "SELECT o.number FROM production_order o WHERE o.tenant = %s AND " + reading.any_of("o.owner") + view.seen("o")
    )
    params = [view.tenant, reading.list_param(parties)]
    if view.few is not None:
        sql, params = f"{sql} AND {reading.any_of('o.number')}", [*params, reading.list_param(view.few.material.orders)]
    orders = [row[0] for row in reading.fetch(sql, params)]
    return _blocks(view, "work_order", orders)


def named(view: View, values) -> BitMap:
    """Units by any of their names, ORDER#17 or PANEL/3, or by a range of serial numbers of one product."""
    units = BitMap()
    for value in values:
        if isinstance(value, Range):
            units |= _serial_range(view, value)
        else:
            units |= _named_then(view, value.text)
    return units


def _named_then(view: View, text: str) -> BitMap:
    """The units a code names; none where the name came later than the moment of the question."""
    try:
        return units_named(view, text)
    except NotFound:
        if not _came_later(view, text):
            raise
        return BitMap()


def units_named(view: View, text: str) -> BitMap:
    """The units a code names; NotFound with the nearest where there is none that the reader may see."""
    found = _named_or_placed(view, text)
    if not found:
        found = _only_one(_named_or_placed(view, spelled) for spelled in _spellings(text))
    found = view.limit(found)
    if not found:
        raise unknown("unit", text, near_serials(view, text))
    if len(found) > 1:
        _say_products(view, text, found)
    return found


def _spellings(text: str) -> list[str]:
    """The text in capitals and in small letters, where that is another."""
    return sorted({text.upper(), text.lower()} - {text})


def _only_one(spelled: Iterable[BitMap]) -> BitMap:
    """The units of the one spelling that fits; none where two do."""
    fitting = [units for units in spelled if units]
    return fitting[0] if len(fitting) == 1 else BitMap()


def _named_or_placed(view: View, text: str) -> BitMap:
    sql = "SELECT n.unit FROM production_unit_name n WHERE n.tenant = %s AND n.value = %s"
    return BitMap(row[0] for row in reading.fetch(sql + view.seen("n"), (view.tenant, text))) or _placed_then(
        view, text
    )


def _placed_then(view: View, text: str) -> BitMap:
    """The units written ORDER#17 or PANEL/3, as they were then: a serial number or a panel that came later names nothing yet."""
    # as a serial number it was looked for before
    return BitMap(UnitFinder(view.tenant, _orders(view)).by_form(text))


def _came_later(view: View, text: str) -> bool:
    """Whether the unit so called came later than the moment of the question, and the reader may know that."""
    if view.entry is None or view.visible is not None:
        return False
    sql = f"SELECT 1 FROM production_unit_name n WHERE n.tenant = %s AND n.value = %s{not_gone(view, 'n')} LIMIT 1"
    return bool(reading.fetch_one(sql, (view.tenant, text)) or UnitFinder(view.tenant).find([text])[text])


def _say_products(view: View, text: str, units: BitMap) -> None:
    codes = dict(reading.fetch("SELECT number, code FROM catalog_product WHERE tenant = %s", (view.tenant,)))
    products = sorted({codes[number] for number in products_of(view.tenant, units).values()})
    forms = either(view, (f"unit:{text} product:{code}" for code in products))
    note = view.say(_("{name} names {count} units. Answered for all. Narrower: {forms}."))
    view.notes.append(note.format(name=text, count=view.number(len(units)), forms=forms))


def near_serials(view: View, text: str) -> list[str]:
    """Serial numbers that begin alike, among those the reader may see."""
    sql = "SELECT n.value, n.unit FROM production_unit_name n WHERE n.tenant = %s AND n.value >= %s AND n.kind = 0"
    rows = reading.fetch(
        sql + view.seen("n") + " ORDER BY n.value LIMIT 50", (view.tenant, text[: max(1, len(text) - 2)])
    )
    return [value for value, unit in rows if view.visible is None or unit in view.visible]


def _serial_range(view: View, value: Range) -> BitMap:
    if value.low is None or value.high is None:
        remedy = "Write unit:SN1..SN2."
        raise Invalid("question.open_serial_range", "A range of serial numbers needs both ends.", {}, remedy)
    low, high = _TAIL.match(value.low.text), _TAIL.match(value.high.text)
    if not low or not high or low[1] != high[1]:
        remedy = "Both ends need the same letters before the number, as in unit:SN100..SN250."
        raise Invalid("question.serial_range", "These two serial numbers are not of one series.", {}, remedy)
    ends = value.low.text, value.high.text
    units = _between(view, *ends)
    if not units:  # blind to case, as single ones are
        units = _only_one(
            _between(view, *spelled) for spelled in sorted(set(zip(*map(_cases, ends), strict=True)) - {ends})
        )
    products = set(products_of(view.tenant, units).values())
    if len(products) > 1:
        _say_products(view, f"{value.low.text}..{value.high.text}", units)
    return units


def _cases(text: str) -> tuple[str, str]:
    return text.upper(), text.lower()


def _between(view: View, low_text: str, high_text: str) -> BitMap:
    """Units whose serial numbers, or places, lie from the one to the other, both of one series."""
    low, high = _TAIL.match(low_text), _TAIL.match(high_text)
    prefix, first, last = low[1], int(low[2]), int(high[2])
    sql = "SELECT n.value, n.unit FROM production_unit_name n WHERE n.tenant = %s AND n.value >= %s AND n.value <= %s AND n.kind = 0"
    units = BitMap()
    for digits in range(min(len(low[2]), len(high[2])), min(max(len(low[2]), len(high[2])), LENGTHS_MAX) + 1):
        start, end = max(first, 0), min(last, 10**digits - 1)
        if digits > len(str(start)) and digits > len(low[2]) and len(low[2]) == len(str(first)):
            start = max(start, 10 ** (digits - 1))
        if start > end:
            continue
        bounds = (f"{prefix}{start:0{digits}d}", f"{prefix}{end:0{digits}d}")
        length = len(prefix) + digits
        for text, unit in reading.fetch(sql + view.seen("n"), (view.tenant, *bounds)):
            if len(text) == length and text[len(prefix) :].isdigit():
                units.add(unit)
    return view.limit(units or _place_range(view, low_text, high_text))


def _place_range(view: View, low: str, high: str) -> BitMap:
    """From `ORDER#3` to `ORDER#9`, or `PANEL/1` to `PANEL/4`: along the axis of the one order; none for another form."""
    orders = _orders(view)
    finder = UnitFinder(view.tenant, orders)
    found = {end: finder.by_form(end) for end in (low, high)}  # as serial numbers they were looked for before
    if len(found[low]) != 1 or len(found[high]) != 1:
        return BitMap()
    order = orders.of_unit(found[low][0])
    first, last = (order.place_of(found[end][0]) if order else None for end in (low, high))
    if first is None or last is None:
        return BitMap()
    return BitMap(unit for place in range(first, last + 1) if (unit := order.unit_at(place)))
