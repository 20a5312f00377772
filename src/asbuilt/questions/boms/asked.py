"""What an as-built BOM is of: one unit, one order or one shipment, its units, and the sections that its parts are told in.

A section is a unit of its own where one unit is asked for (the unit, then each inside it); of an order or a shipment it is all units
of one hardware revision and BOM version, so that five thousand alike units are told once. Units inside that the reader may not see
are counted, not told. What is in an image is told to the house and to whoever ordered all of the units: an SBOM is the maker's to give.
"""

from dataclasses import dataclass, field

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.built.shipping.queries import lines_of_shipment, shipment_by_code
from asbuilt.designed.parties.product_roles import manufacturer_of, own_party
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger import clock
from asbuilt.questions.boms.redaction import CUSTOMER, HOUSE, reader_for
from asbuilt.questions.genealogy.answering.alike import blocks_of_order
from asbuilt.questions.genealogy.answering.lookup import Identity, identity_of, unit_of, view_of
from asbuilt.questions.genealogy.answering.serials import names_of
from asbuilt.questions.genealogy.evaluating.naming import numbers, unknown
from asbuilt.questions.genealogy.evaluating.view import BlockRow, View
from asbuilt.questions.genealogy.seen.packing import goes_to
from asbuilt.storage import reading

UNIT, ORDER, SHIPMENT = "unit", "order", "shipment"
KINDS = (UNIT, ORDER, SHIPMENT)
UNITS_MAX = 50_000
UNITS_INSIDE_MAX = 500


@dataclass(frozen=True)
class Section:
    """Units told together: `serial` and `place` name the unit where it is one, `inside` are the sections that contain it."""

    ref: str
    product: str
    revision: str
    bom_version: str
    bom: int
    units: BitMap
    serial: str = ""
    inside: tuple[str, ...] = ()


@dataclass
class Asked:
    """What is asked for. `outer` are its own units, `units` with all inside that the reader sees; `hidden` counts those he does not."""

    kind: str
    code: str
    reader: str
    view: View = field(repr=False)
    outer: BitMap
    units: BitMap
    hidden: int
    sections: list[Section]
    owners: set[int | None]
    software: bool
    who: Identity | None = None


def asked_for(actor: Actor, kind: str, code: str, reader: str = "") -> Asked:
    """The unit, order or shipment with this code, for a reader.

    NotFound where this person sees none, Invalid where it is too large, NotAllowed where he asks for more than is his.
    """
    view = view_of(actor)
    reader = reader_for(actor, reader)
    told, outer, owners, who = _FINDERS[kind](view, code)
    if len(outer) > UNITS_MAX:
        said = f"{code} has {len(outer):,} units; an as-built BOM holds {UNITS_MAX:,} at the most."
        raise Invalid("question.bom_too_many_units", said, {"units": len(outer)}, "Ask for a shipment or a unit of it.")
    inside = view.descendants(outer) - outer
    seen = view.limit(inside)
    if kind == UNIT and len(seen) > UNITS_INSIDE_MAX:
        said = f"{code} contains {len(seen):,} units; {UNITS_INSIDE_MAX} are told at the most."
        raise Invalid("question.bom_too_many_units", said, {"units": len(seen)}, "Ask for a unit inside it.")
    units = outer | seen
    sections = _of_unit(view, outer, units) if kind == UNIT else _of_many(view, units)
    # what a party ordered or received may hold its own material: it is shown to it, to nobody else
    owned = owners if actor.party is None else {actor.party}
    software = _tells_software(view, reader, outer, owned, sections)
    return Asked(kind, told, reader, view, outer, units, len(inside) - len(seen), sections, owned, software, who)


def _tells_software(view: View, reader: str, outer: BitMap, owned: set[int | None], sections: list[Section]) -> bool:
    """Whether this reader is told what is in the images: the house; else the party that the document is for, where it ordered all of the units.
    Of products that the house makes itself the house gives it to whomever it likes. Some statements for a reader who is not the house."""
    party = view.actor.party
    if reader == HOUSE:
        return True
    ordered = _owners_of(view, outer)
    if (party is not None or reader == CUSTOMER) and ordered == owned and ordered != {None}:
        return True
    own, now = own_party(view.tenant, clock.now()), clock.now()
    products = {section.product for section in sections}
    return party is None and own is not None and all(manufacturer_of(view.tenant, one, now) == own for one in products)


def _owners_of(view: View, units: BitMap) -> set[int | None]:
    """Who ordered these units. One statement."""
    orders = sorted({block.order for block in view.blocks_over(units)})
    sql = (
        "SELECT o.owner FROM production_order o WHERE o.tenant = %s AND " + reading.any_of("o.number") + view.seen("o")
    )
    return {owner for (owner,) in reading.fetch(sql, (view.tenant, reading.list_param(orders)))}


# ---- finding the units


def _unit(view: View, code: str):
    unit = unit_of(view, code)
    who = identity_of(view, unit)
    return who.name, BitMap([unit]), {who.owner_number}, who


def _order(view: View, code: str):
    found = numbers(view, "order", code, "production_order", ("code",))
    units = bitmap_of((block.first, block.until) for number in found for block in blocks_of_order(view, number))
    mine = view.limit(units)
    if not mine:
        raise unknown("order", code, ())
    built = view.built(mine)
    if not built:
        said = f"No unit of {code} was begun."
        raise NotFound("question.bom_nothing_built", said, {"order": code}, "Its BOM stands on the product's page.")
    sql = "SELECT o.code, o.owner FROM production_order o WHERE o.tenant = %s AND o.number = %s" + view.seen("o")
    told, owner = reading.fetch_one(sql, (view.tenant, found[0]))
    return told, built, {owner}, None


def _shipment(view: View, code: str):
    row = shipment_by_code(view.tenant, code)
    lines = lines_of_shipment(view.tenant, row.number) if row else []
    if not lines or not goes_to(view, row.customer, lines):
        raise unknown("shipment", code, ())
    units = view.without_skipped(bitmap_of((line.first_unit, line.until_unit) for line in lines))
    return row.code, view.limit(units), {row.customer}, None


_FINDERS = {UNIT: _unit, ORDER: _order, SHIPMENT: _shipment}


# ---- sections


def _of_unit(view: View, outer: BitMap, units: BitMap) -> list[Section]:
    """The unit first, then each inside it."""
    names, codes = names_of(view, units), _codes(view)
    parents = {child: parent for child, parent in view.children(units) if child in units}
    block_of = {
        unit: block for block in view.blocks_over(units) for unit in units & BitMap(range(block.first, block.until))
    }
    ordered = sorted(
        block_of, key=lambda unit: (unit not in outer, codes[0].get(block_of[unit].product, ""), names[unit])
    )
    # the places of units on the axis are the house's own: refs are counted
    ref_of = {unit: f"unit:{number}" for number, unit in enumerate(ordered, 1)}
    found = []
    for unit in ordered:
        inside = (ref_of[parents[unit]],) if parents.get(unit) in ref_of else ()
        found.append(_section(ref_of[unit], block_of[unit], BitMap([unit]), codes, names[unit], inside))
    return found


def _of_many(view: View, units: BitMap) -> list[Section]:
    """The units of each hardware revision and BOM version."""
    codes = _codes(view)
    grouped: dict[tuple[int, int, int], tuple[BlockRow, BitMap]] = {}
    for block in view.blocks_over(units):
        key = (block.product, block.revision, block.bom)
        held = grouped.setdefault(key, (block, BitMap()))[1]
        held |= units & BitMap(range(block.first, block.until))
        grouped[key] = (block, held)
    ref_of = {key: f"units:{number}" for number, key in enumerate(grouped, 1)}
    around: dict[str, set[str]] = {}
    pairs = view.children(units)
    for key, (_, mine) in grouped.items():
        parents = BitMap(parent for child, parent in pairs if child in mine)
        around[ref_of[key]] = {ref_of[other] for other, (_, theirs) in grouped.items() if theirs & parents}
    return [
        _section(ref_of[key], block, mine, codes, "", tuple(sorted(around[ref_of[key]])))
        for key, (block, mine) in grouped.items()
    ]


def _section(ref: str, block: BlockRow, units: BitMap, codes: tuple[dict, dict, dict], serial: str, inside) -> Section:
    products, revisions, boms = codes
    said = (products.get(block.product, ""), revisions.get(block.revision, ""), boms.get(block.bom, ""))
    return Section(ref, *said, block.bom, units, serial, inside)


def _codes(view: View) -> tuple[dict, dict, dict]:
    return tuple(
        dict(reading.fetch(f"SELECT number, {column} FROM {table} WHERE tenant = %s", (view.tenant,)))
        for table, column in (("catalog_product", "code"), ("catalog_revision", "code"), ("catalog_bom", "version"))
    )
