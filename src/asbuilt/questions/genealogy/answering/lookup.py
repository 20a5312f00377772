"""One unit by any of its names: who it is, and its birth certificate.

The certificate shows every standing fact about the unit and nothing of its neighbours: rows of other customers are not among
them, and what would name one (a package that another customer owns, an earlier shipment to somebody else) is left out and
counted. Format: reference/log.md, section 1. It refuses a code that names several units, and says how to tell them apart.
"""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.production.orders import AS_GIVEN
from asbuilt.designed.catalog.positions import natural_key
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.parties.queries import names as party_names
from asbuilt.kernel.errors import Invalid, NotFound
from asbuilt.ledger.facts import FactRow, fact_row, rows_between, standing
from asbuilt.ledger.proofs import certificate
from asbuilt.questions.genealogy.answering import sources
from asbuilt.questions.genealogy.answering.answers import entry_known_at
from asbuilt.questions.genealogy.evaluating.axis import units_named
from asbuilt.questions.genealogy.evaluating.deviations_over import deviation_facts, deviations_over
from asbuilt.questions.genealogy.evaluating.history import last_lines
from asbuilt.questions.genealogy.evaluating.naming import unknown
from asbuilt.questions.genealogy.evaluating.view import View
from asbuilt.storage import reading

UNITS_SAID_MAX = 5
CERTIFICATE_SHAPES = (
    sources.UNIT, sources.NAME, sources.MATERIAL, sources.PROCESS, sources.REPLACEMENT, sources.ASSEMBLY,
    sources.PROGRAMMING, sources.TEST, sources.SHIPMENT, sources.MARK_READING,
    sources.SENT_OUT, sources.TAKEN_BACK, sources.CONCESSION,
)  # fmt: skip

ROWS_OF_ENTRY_MAX = 2**31 - 1


@dataclass(frozen=True)
class Name:
    """A further name: `kind` as the floor calls it (`serial` for a serial number), `now` False where it was replaced."""

    kind: str
    value: str
    now: bool


@dataclass(frozen=True)
class Identity:
    """What a unit is. `name` is its serial number, or ORDER#n where it has none; codes of order, product, revision, BOM."""

    unit: int
    name: str
    named: bool
    names: tuple[Name, ...]
    order: str
    order_number: int
    place: int
    product: str
    product_number: int
    revision: str
    bom_version: str
    bom: int
    owner: str | None
    owner_number: int | None
    batch: str
    panel: str
    position: str


def view_of(actor: Actor, as_of: str | None = None) -> View:
    """The view of a reader, now or as known at a day or an instant. NotAllowed without the right to read."""
    actor.require(RECORD_READ)
    view = View(actor)
    if as_of:
        view.entry = entry_known_at(view, as_of)
    return view


def unit_of(view: View, code: str) -> int:
    """The one unit that a code names; NotFound with the nearest, Invalid where it names several."""
    found = units_named(view, code)
    if len(found) == 1:
        return found[0]
    places = {unit: place_name(view, unit) for unit in found[:UNITS_SAID_MAX]}
    listed = " or ".join(places.values())
    raise Invalid(
        "question.unit_ambiguous",
        f"{code} names {len(found)} units.",
        {"units": list(places.values())},
        f"Say which: {listed}.",
    )


def place_name(view: View, unit: int) -> str:
    """The unit as ORDER#n, which names one unit only. Two statements."""
    blocks = view.blocks_over(BitMap([unit]))
    if not blocks:
        return str(unit)
    order = blocks[0].order
    sql = "SELECT o.code FROM production_order o WHERE o.tenant = %s AND o.number = %s" + view.seen("o")
    row = reading.fetch_one(sql, (view.tenant, order))
    return f"{row[0] if row else order}#{_place_in_order(view, order, unit)}"


def _place_in_order(view: View, order: int, unit: int) -> int:
    sql = (
        "SELECT sum(CASE WHEN b.until_unit <= %s THEN b.until_unit - b.first_unit ELSE %s - b.first_unit END) "
        "FROM production_block b WHERE b.tenant = %s AND b.work_order = %s AND b.first_unit <= %s"
    )
    before = reading.fetch_one(sql + view.seen("b"), (unit, unit, view.tenant, order, unit))[0]
    return int(before) + 1


def identity_of(view: View, unit: int) -> Identity:
    """Who this unit is, as known in the view. Five statements; NotFound where it was not planned by then."""
    blocks = view.blocks_over(BitMap([unit]))
    if not blocks:
        raise unknown("unit", str(unit), ())
    block = blocks[0]
    sql = (
        "SELECT o.code, o.batch_number, o.owner, p.name, c.code, r.code, m.version FROM production_order o "
        "JOIN catalog_product c ON c.tenant = o.tenant AND c.number = %s "
        "JOIN catalog_revision r ON r.tenant = o.tenant AND r.number = %s "
        "JOIN catalog_bom m ON m.tenant = o.tenant AND m.number = %s "
        "LEFT JOIN parties_party p ON p.tenant = o.tenant AND p.number = o.owner WHERE o.tenant = %s AND o.number = %s"
    ) + view.seen("o")
    row = reading.fetch_one(sql, (block.product, block.revision, block.bom, view.tenant, block.order))
    if row is None:
        raise unknown("unit", str(unit), ())
    order, batch, owner_number, owner, product, revision, version = row
    if view.entry is not None and owner_number is not None:
        owner = party_names(view.tenant, view.entry).get(owner_number, owner)
    names = _names(view, unit)
    panel, position = _panel(view, unit)
    place = _place_in_order(view, block.order, unit)
    serial = next((name.value for name in names if name.kind == "serial" and name.now), None)
    return Identity(
        unit, serial or f"{order}#{place}", serial is not None, names, order, block.order, place, product,
        block.product, revision, version, block.bom, owner, owner_number, batch, panel, position,
    )  # fmt: skip


def _names(view: View, unit: int) -> tuple[Name, ...]:
    sql = (
        "SELECT n.kind, n.value, f.name FROM production_unit_name n LEFT JOIN production_floor_name f ON f.tenant = n.tenant "
        "AND f.number = n.kind WHERE n.tenant = %s AND n.unit = %s" + view.seen("n") + f" ORDER BY {AS_GIVEN}"
    )
    rows = list(dict.fromkeys(reading.fetch(sql, (view.tenant, unit))))  # two tables may say the same
    last = {kind: value for kind, value, _ in rows}
    return tuple(
        Name("serial" if kind == 0 else word or "name", value, last[kind] == value) for kind, value, word in rows
    )


def _panel(view: View, unit: int) -> tuple[str, str]:
    sql = (
        "SELECT t.code, t.first_unit, t.positions FROM production_panel t WHERE t.tenant = %s AND t.first_unit <= %s "
        "AND t.until_unit > %s" + view.seen("t") + " ORDER BY t.first_unit DESC LIMIT 1"
    )
    row = reading.fetch_one(sql, (view.tenant, unit, unit))
    if row is None:
        return "", ""
    code, first, positions = row
    return code, positions.split("\n")[unit - first] if positions is not None else str(unit - first + 1)


# ---- the birth certificate


def unit_document(actor: Actor, code: str) -> bytes:
    """The signed certificate of all facts about the unit that stand (a DSSE envelope, JSON).

    NotFound where the reader sees no such unit, Unavailable where one of its entries waits for its place in the log.
    """
    with reading.snapshot():
        view = view_of(actor)
        unit = unit_of(view, code)
        who = identity_of(view, unit)
        rows, left_out = certificate_rows(view, who)
        said = {
            "serial": who.name, "unit": who.unit, "product": who.product, "revision": who.revision,
            "bom_version": who.bom_version, "order": who.order, "names": _names_by_kind(who), "left_out": left_out,
        }  # fmt: skip
        return certificate(view.tenant, said, rows)


def _names_by_kind(who: Identity) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in who.names:
        found.setdefault(name.kind, []).append(name.value)
    return found


def certificate_rows(view: View, who: Identity) -> tuple[list[FactRow], int]:
    """The facts that a certificate of this unit shows, and how many were left out because they name somebody else."""
    unit = who.unit
    top = view.outermost(BitMap([unit])).get(unit, unit)
    top = unit if view.visible is not None and top not in view.visible else top
    rows = list(sources.facts_about(view.tenant, unit, unit + 1, CERTIFICATE_SHAPES))
    for outer in _chain(view, unit, top):
        shapes = (sources.ASSEMBLY, sources.SHIPMENT) if outer == top else (sources.ASSEMBLY,)
        rows += sources.facts_about(view.tenant, outer, outer + 1, shapes)
    inside = BitMap([unit, *_chain(view, unit, top)])
    kept, left_out = [], 0
    last = _last_shipment(view, top)
    for row, spans in standing(view.tenant, rows):
        if not any(_speaks_of(inside, span) for span in spans):
            continue
        if row.shape == sources.ASSEMBLY and not _on_the_way(row, inside, unit):
            continue
        if row.shape == sources.SHIPMENT and (row.entry, row.values[0]) != last:
            left_out += 1
            continue
        kept.append(row)
    materials, hidden = _package_rows(view, who, kept)
    order = sources.order_row(view, who.order_number)
    deviations = deviation_facts(view, [one for one, _ in deviations_over(view, BitMap([unit]), [who.product])])
    return _once([*order, *kept, *materials, *_release_rows(view, who, kept), *deviations]), left_out + hidden


def _once(rows: list[FactRow]) -> list[FactRow]:
    return list({(row.entry, row.shape, row.row): row for row in rows}.values())


def _speaks_of(units: BitMap, span: tuple[int, int]) -> bool:
    return units.range_cardinality(*span) > 0


def _on_the_way(row: FactRow, inside: BitMap, unit: int) -> bool:
    """An assembly of the unit itself, or of one of those around it into the next."""
    parent, child = row.values[0], row.values[1]
    return unit in (parent, child) or (parent in inside and child in inside)


def _chain(view: View, unit: int, top: int) -> list[int]:
    """The units around this one, the nearest first, up to `top`."""
    found, above = [], unit
    while above != top:
        above = view.parents(BitMap([above]))[above]
        found.append(above)
    return found


def _last_shipment(view: View, top: int) -> tuple[int, str] | None:
    lines = last_lines(view, BitMap([top]))
    return (lines[0][0].entry, lines[0][0].shipment) if lines else None


def _package_rows(view: View, who: Identity, kept: list[FactRow]) -> tuple[list[FactRow], int]:
    """The rows of the packages that the kept facts name, but for those that another customer owns."""
    codes = {row.values[4] for row in kept if row.shape == sources.MATERIAL}
    for row in kept:
        if row.shape == sources.REPLACEMENT:
            codes.update(row.values[2:4])
    codes -= {"", None}
    sql = (
        'SELECT p.entry, p."row", p.owner, p.number FROM supply_package p WHERE p.tenant = %s AND '
        + reading.any_of("p.code", "text")
        + view.seen("p")
    )
    rows = reading.fetch(sql, (view.tenant, reading.list_param(sorted(codes, key=natural_key)))) if codes else []
    mine = [row for row in rows if row[2] is None or row[2] == who.owner_number]
    found = [fact_row(view.tenant, entry, sources.PACKAGE, place) for entry, place, _, _ in mine]
    return found, len(rows) - len(mine)


def _release_rows(view: View, who: Identity, kept: list[FactRow]) -> list[FactRow]:
    """The rows of the firmware releases that the unit's programming names, as they stand: one that was corrected keeps its number and the place
    it had, and its row lies in the entry that corrected it last."""
    images = {(row.values[1], row.values[2]) for row in kept if row.shape == sources.PROGRAMMING}
    ended = "SELECT max(h.until_entry) FROM firmware_release h WHERE h.tenant = t.tenant AND h.product = t.product AND h.role = t.role"
    sql = (
        f'SELECT t.entry, t."row", c.code, t.version, t.role, ({ended} AND h.version = t.version AND h.sha256 = t.sha256) '
        "FROM firmware_release t JOIN catalog_product c ON c.tenant = t.tenant AND c.number = t.product WHERE t.tenant = %s AND "
        + reading.any_of("t.version", "text")
        + view.seen("t")
    )
    versions = sorted({version for _, version in images})
    rows = reading.fetch(sql, (view.tenant, reading.list_param(versions))) if versions else []
    return [
        _corrected(view, mended, (product, version, role))
        if mended and mended > entry
        else fact_row(view.tenant, entry, sources.RELEASE, row)
        for entry, row, product, version, role, mended in rows
        if (product, version) in images
    ]


def _corrected(view: View, entry: int, release: tuple[str, str, str]) -> FactRow:
    """The row of a release in the entry that corrected it."""
    count = len(rows_between(view.tenant, entry, sources.RELEASE, 0, ROWS_OF_ENTRY_MAX))
    rows = (fact_row(view.tenant, entry, sources.RELEASE, row) for row in range(count))
    return next(one for one in rows if (*one.values[:2], one.values[2] or APP) == release)


def refuse_unseen(view: View, kind: str, code: str, units: BitMap) -> None:
    """NotFound where a party reader sees none of these units: for him it does not exist."""
    if view.visible is not None and not (units & view.visible):
        raise NotFound(
            "question.unknown_name",
            f"There is no {kind} {code}.",
            {"kind": kind, "value": code},
            "Look at its spelling.",
        )
