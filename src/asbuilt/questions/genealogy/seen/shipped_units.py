"""What left with a shipment, read once for its papers: its units, everything inside them, what they carry and under what they were let go.

    read_shipment(actor, "SH-7")  -> ShippedUnits; NotFound where there is none, or none of the reader's party
    carried(found), runs(found, …), conceded(found), deviations(found), alternates_carried(found)

Of a shipment that left through the gate it is what was recorded by that entry, else what is recorded now.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from pyroaring import BitMap

from asbuilt.access.actor import Actor, local_system
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.quality.approvals import UNCHECKED
from asbuilt.built.quality.concessions import APPROVED, ConcessionSeen, concessions_over
from asbuilt.built.shipping.events import SHIPPED
from asbuilt.built.shipping.queries import ShipmentRow, lines_of_shipment, shipment_by_code
from asbuilt.built.supply.queries import PackageRow
from asbuilt.built.supply.queries import packages as packages_of
from asbuilt.designed.catalog.queries import product_codes
from asbuilt.designed.changes.qualifying.deviations import Deviation
from asbuilt.designed.changes.qualifying.sheets import REVOKED, alternates
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.spans import bitmap_of, opened
from asbuilt.questions.genealogy.answering.alternates_carried import CarriedAlternate, qualified_on
from asbuilt.questions.genealogy.answering.lookup import view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.deviations_over import deviations_over
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View, joined
from asbuilt.questions.genealogy.seen.packing import goes_to
from asbuilt.questions.genealogy.seen.shipped_firmware import Runs, runs_of
from asbuilt.storage import reading


@dataclass
class ShippedUnits:
    """What is read of a shipment once: its outer units (of a part of its papers those of that part; `total` counts all) and everything inside
    them. `left_by` is the entry with which it left through the gate."""

    view: View
    row: ShipmentRow
    shipped_at: int
    recorded_at: int
    left_by: int | None
    total: int
    outer: BitMap
    units: BitMap
    names: dict[int, str]


def read_shipment(actor: Actor, code: str, part: tuple[int, int] = (1, 1)) -> ShippedUnits:
    """What left with it, or the units of one part of so many. NotFound: no such shipment, or none of the reader's party."""
    actor.require(RECORD_READ)
    row = shipment_by_code(actor.tenant, code)
    lines = lines_of_shipment(actor.tenant, row.number) if row else []
    reader = view_of(actor)
    if not lines or not goes_to(reader, row.customer, lines):
        raise unknown("shipment", code, ())
    sql = "SELECT max(recorded_at), min(type), max(type) FROM ledger_entry WHERE tenant = %s AND "
    entries = sorted({line.entry for line in lines})
    said = reading.fetch_one(sql + reading.any_of("number"), (actor.tenant, reading.list_param(entries)))
    recorded_at, *types = said
    left_by = entries[-1] if types == [SHIPPED, SHIPPED] else None
    view = View(local_system(actor.tenant), left_by)
    outer = bitmap_of((line.first_unit, line.until_unit) for line in lines)
    outer = view.without_skipped(outer)
    total, (number, parts) = len(outer), part
    if not 1 <= number <= parts <= max(total, 1):
        said = f"There is no part {number} of {parts}: it has {total:,} units."
        remedy = "Parts count from 1, and each has a unit or more."
        raise Invalid("question.package_part", said, {"part": number, "parts": parts, "units": total}, remedy)
    outer = outer[total * (number - 1) // parts : total * number // parts] if parts > 1 else outer
    # a unit inside that another party ordered is no more in the package than on the reader's pages
    units = reader.limit(outer | view.descendants(outer))
    shipped_at = max(line.shipped_at for line in lines)
    return ShippedUnits(view, row, shipped_at, recorded_at, left_by, total, outer, units, names_of(view, units))


def blocks(found: ShippedUnits) -> Iterator[tuple[tuple, BitMap]]:
    """((order, product, revision, BOM version), units) of each block. Two statements."""
    view = found.view
    reaches = view.reaches(found.units)
    sql = (
        (
            "SELECT b.first_unit, o.code, c.code, r.code, m.version FROM production_block b "
            "JOIN production_order o ON o.tenant = b.tenant AND o.number = b.work_order "
            "JOIN catalog_product c ON c.tenant = b.tenant AND c.number = b.product "
            "JOIN catalog_revision r ON r.tenant = b.tenant AND r.number = b.revision "
            "JOIN catalog_bom m ON m.tenant = b.tenant AND m.number = b.bom WHERE b.tenant = %s AND "
            + reading.any_of("b.first_unit")
        )
        + view.seen("b")
        + view.seen("o")
    )
    firsts = reading.list_param(sorted({block.first for block, _, _ in reaches}))
    named = {row[0]: row[1:] for row in reading.fetch(sql, (view.tenant, firsts))}
    for block, low, until in reaches:
        yield named[block.first], found.units & BitMap(range(low, until))


def carried_by(found: ShippedUnits) -> Iterator[tuple[BitMap, tuple[str, ...], int, bool]]:
    """(units, positions, package, certain): runs, less what was replaced, and what was put in instead."""
    view = found.view
    replaced: dict[str, BitMap] = defaultdict(BitMap)
    now: dict[tuple[str, int | None], BitMap] = defaultdict(BitMap)
    sql = "SELECT r.unit, r.refdes, r.installed FROM production_replacement r WHERE r.tenant = %s AND r.unit >= %s AND r.unit < %s"
    last: dict[tuple[int, str], int | None] = {}
    for low, high in joined(found.units):
        for unit, refdes, installed in reading.fetch(
            f"{sql}{view.seen('r')} ORDER BY r.happened_at, r.entry", (view.tenant, low, high)
        ):
            if unit in found.units:
                last[unit, refdes] = installed
    for (unit, refdes), installed in last.items():
        replaced[refdes].add(unit)
        now[refdes, installed].add(unit)
    columns = 't."group", t.first_unit, t.until_unit, t.package, t.certain, t.units'
    for group, first, until, package, certain, packed in view.rows_reached(
        columns, "production_material_run", view.reaches(found.units)
    ):
        units = BitMap(opened(first, until, packed)) & found.units
        positions = view.groups.positions(group)
        alone = [one for one in positions if replaced.get(one) and replaced[one] & units]
        kept = tuple(one for one in positions if one not in alone)
        if units and kept:
            yield units, kept, package, bool(certain)
        for one in alone:
            if left := units - replaced[one]:
                yield left, (one,), package, bool(certain)
    for (refdes, installed), units in now.items():
        if installed is not None:
            yield units, (refdes,), installed, True


def lot_told(found: ShippedUnits, row: PackageRow) -> tuple[str, str, str, str]:
    """Maker, part number, lot and date code; of another customer's package nothing."""
    if row.owner is not None and row.owner != found.row.customer:
        return ("", "", "not shown: another party's material", "")
    return (row.maker, row.mpn, row.lot_code, row.date_code)


def runs_told(
    found: ShippedUnits, carried: list[tuple[BitMap, tuple[str, ...], int, bool]]
) -> dict[tuple[int, str], Runs]:
    return runs_of(found.view, found.units, [(units, package) for units, _, package, _ in carried])


def conceded(found: ShippedUnits) -> list[ConcessionSeen]:
    """The concessions that held when it left: everybody had agreed who has to, and none was over. Of what came with tables: as they say."""
    tenant, codes = found.view.tenant, product_codes(found.view.tenant)

    def agreed(one: ConcessionSeen) -> bool:
        if not one.ours:
            return any(said.decision == APPROVED for said in one.decisions)
        products = {codes[block.product] for block in found.view.blocks_over(one.units & found.units)}
        return not one.missing(tenant, products, max(found.shipped_at, found.recorded_at))

    return [one for one in concessions_over(tenant, found.units) if not one.over(found.shipped_at) and agreed(one)]


def agreed_by(one: ConcessionSeen) -> str:
    return UNCHECKED if one.by_document else "people" if one.ours else "a table says so"


def deviations_told(found: ShippedUnits) -> list[tuple[Deviation, BitMap]]:
    codes = product_codes(found.view.tenant)
    products = {codes[block.product] for block in found.view.blocks_over(found.units)}
    over = deviations_over(found.view, found.units, products)
    return [one for one in over if found.left_by is None or one[0].granted_at <= found.recorded_at]


def alternates_told(found: ShippedUnits) -> list[CarriedAlternate]:
    """Alternates that a run had qualified when it left, marked where that was revoked since; not those whose packages all belong to another party."""
    known = packages_of(found.view.tenant, {package for _, _, package, _ in carried_by(found)})
    shown = {lot_told(found, row)[1].casefold() for row in known.values()}
    carried = qualified_on(found.view, found.units, revoked=found.left_by is None)
    mine = [each for each in carried if each.one.mpn.casefold() in shown]
    now = alternates(found.view.tenant, {each.part for each in mine}) if mine and found.left_by is not None else {}
    revoked = {(part, one.mpn, one.maker) for part, some in now.items() for one in some if one.state == REVOKED}
    return [
        replace(each, one=replace(each.one, state=REVOKED)) if (each.part, each.one.mpn, each.one.maker) in revoked else each
        for each in mine
    ]  # fmt: skip
