"""Units by what people call them: serial numbers for lists, ORDER#n where a unit has none."""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from asbuilt.built.production.orders import AS_GIVEN, Orders
from asbuilt.kernel.spans import UnitSet
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.storage import reading


def names_of(view: View, units: BitMap) -> dict[int, str]:
    """Unit -> its serial number now (the last given), or ORDER#n. A statement for each joined span of units."""
    sql = (
        "SELECT n.unit, n.value FROM production_unit_name n WHERE n.tenant = %s AND n.unit >= %s AND n.unit < %s AND n.kind = 0"
        + view.seen("n")
        + f" ORDER BY {AS_GIVEN}"
    )
    found: dict[int, str] = {}
    for low, high in joined(units):
        found.update(row for row in reading.fetch(sql, (view.tenant, low, high)) if row[0] in units)
    return found | _by_place(view, units - BitMap(found))


def drawn_as(view: View, units: BitMap) -> dict[int, str]:
    """Unit -> the name by which sampled test plans draw it: the serial number that was recorded first, also one that was withdrawn since, or
    ORDER#n while there is none. No later label lets a unit out of a sample or draws it in. A statement for each joined span of units."""
    known = "" if view.entry is None else f" AND n.entry <= {int(view.entry)}"
    # the first one comes last; of one entry the one that was there before all that have a time
    sql = (
        "SELECT n.unit, n.value FROM production_unit_name n WHERE n.tenant = %s AND n.unit >= %s AND n.unit < %s AND n.kind = 0"
        + known
        + " ORDER BY n.entry DESC, n.from_at IS NULL, n.from_at DESC, n.value DESC"
    )
    found: dict[int, str] = {}
    for low, high in joined(units):
        found.update(row for row in reading.fetch(sql, (view.tenant, low, high)) if row[0] in units)
    return found | _by_place(view, units - BitMap(found))


def _by_place(view: View, units: BitMap) -> dict[int, str]:
    orders, found = Orders(view.tenant, view.entry), {}
    for unit in units:
        order = orders.of_unit(unit)
        found[unit] = f"{order.code}#{order.place_of(unit)}" if order else str(unit)
    return found


def units_by_serial(view: View, serials: Iterable[str]) -> dict[str, BitMap]:
    """Serial number -> the units that ever had it and that the reader sees; one that none had is left out. One statement."""
    wanted = sorted(set(serials))
    sql = (
        "SELECT n.value, n.unit FROM production_unit_name n WHERE n.tenant = %s AND n.kind = 0 AND "
        + reading.any_of("n.value", "text")
        + view.seen("n")
    )
    found: dict[str, BitMap] = {}
    for serial, unit in reading.fetch(sql, (view.tenant, reading.list_param(wanted))) if wanted else ():
        if view.sees(unit):
            found.setdefault(serial, BitMap()).add(unit)
    return found


def serials_of(
    view: View, affected: UnitSet, limit: int | None = None, after: int = 0
) -> Iterator[tuple[int, str, str]]:
    """(unit, name, grade) in axis order, behind unit `after`, at most `limit`."""
    units = affected.unrecorded
    if after:
        units = units - BitMap(range(after + 1))
    if limit is not None and len(units) > limit:
        units = BitMap(units[:limit])
    names = names_of(view, units)
    for unit in units:
        yield unit, names[unit], affected.grade(unit)
