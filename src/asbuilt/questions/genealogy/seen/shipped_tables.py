"""The tables of an as-built package: rows of what left with a shipment, by unit.

They tell of its units alone, and what is inside them: no other customer's unit, no package that another customer owns (it is
counted, not named), no supplier, no person. Lots stand with their maker, part number, lot code and date code.
"""

from collections.abc import Iterator

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import Orders
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.quality.nonconformities import left_as_they_were
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.built.shipping.packing import packed_in, tree_of
from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.kernel.instants import format_instant
from asbuilt.kernel.spans import spans_of
from asbuilt.questions.genealogy.evaluating.view import joined
from asbuilt.questions.genealogy.seen.shipped_units import (
    ShippedUnits,
    agreed_by,
    alternates_told,
    blocks,
    carried_by,
    conceded,
    deviations_told,
    lot_told,
    runs_told,
)
from asbuilt.storage import reading


def unit_rows(found: ShippedUnits) -> Iterator[tuple]:
    orders = Orders(found.view.tenant, found.view.entry)
    tenant, then = found.view.tenant, found.left_by
    mine = tree_of(tenant, found.row.code, then)  # of tables: what came back may be in another party's box by now
    packed = {unit: box for unit, box in packed_in(tenant, found.outer, then).items() if box in mine}
    outside = found.view.parents(found.units) if found.view.has_assemblies else {}
    for (order, product, revision, version), units in blocks(found):
        for unit in units:
            place = orders.of_unit(unit).place_of(unit)
            inside = found.names.get(outside.get(unit, 0), "")
            yield found.names[unit], order, place, product, revision, version, inside, packed.get(unit, "")


def material_rows(found: ShippedUnits) -> Iterator[tuple]:
    orders = Orders(found.view.tenant, found.view.entry)
    carried = list(carried_by(found))
    known = packages_of(found.view.tenant, {package for _, _, package, _ in carried})
    rows = []
    for units, positions, package, certain in carried:
        row = known[package]
        said = lot_told(found, row)
        for first, until in spans_of(units):
            low = first
            while low < until:
                order = orders.of_unit(low)
                high = min(until, next(end for start, end in order.blocks if start <= low < end))
                place = order.place_of(low)
                grade = "certain" if certain else "possible"
                rows.append((order.code, place, place + high - low - 1, " ".join(positions), *said, grade))
                low = high
    return iter(sorted(set(rows), key=lambda row: (row[0], row[1], row[3], row[4:])))


def test_rows(found: ShippedUnits) -> Iterator[tuple]:
    view = found.view
    sql = (
        (
            "SELECT t.unit, t.plan, t.plan_version, t.outcome, t.started_at, t.finished_at, t.measurements FROM quality_test_run t "
            "WHERE t.tenant = %s AND t.unit >= %s AND t.unit < %s"
        )
        + view.seen("t")
        + ' ORDER BY t.unit, t.finished_at, t.entry, t."row"'
    )
    names = {number: name for name, number in FloorNames(view.tenant).known("plan").items()}
    for low, high in joined(found.units):
        for unit, plan, version, outcome, began, ended, measured in reading.fetch(sql, (view.tenant, low, high)):
            if unit in found.units:
                times = (format_instant(began), format_instant(ended))
                yield found.names[unit], names[plan], version, OUTCOME_WORDS[outcome], *times, measured


def firmware_rows(found: ShippedUnits) -> Iterator[tuple]:
    for (unit, role), one in sorted(runs_told(found, list(carried_by(found))).items()):
        at = "" if one.at is None else format_instant(one.at)
        yield found.names[unit], one.product, role, one.version, one.sha256, at


def concession_rows(found: ShippedUnits) -> Iterator[tuple]:
    for one in conceded(found):
        said = (one.code, one.allows, one.subject, one.reason, format_instant(one.until_at), agreed_by(one))
        for unit in one.units & found.units:
            yield found.names[unit], *said


def deviation_rows(found: ShippedUnits) -> Iterator[tuple]:
    for one, units in deviations_told(found):
        times = (format_instant(one.granted_at), format_instant(one.ends_at))
        agreed = UNCHECKED if one.by_document else "people"
        for unit in units:
            yield found.names[unit], one.code, one.kind, one.subject, one.why, *times, agreed


def alternate_rows(found: ShippedUnits) -> Iterator[tuple]:
    for each in alternates_told(found):
        for grade, units in (("certain", each.certain), ("possible", each.possible)):
            for unit in units:
                yield found.names[unit], each.one.run, each.one.state, each.one.maker, each.one.mpn, grade


def disposition_rows(found: ShippedUnits) -> Iterator[tuple]:
    for one in left_as_they_were(found.view.tenant, found.units, found.left_by):
        agreed = f"{one.party} ({UNCHECKED})" if one.by_document else one.party
        said = (one.nonconformity, one.disposition, one.decision, one.reason, agreed, format_instant(one.decided_at))
        for unit in one.units:
            yield found.names[unit], *said
