"""Rebuilding what is meant to be built and of what: parties, parts, BOMs, packages, orders, releases, holds; and the numbers.

Each fact is one row, visible from its entry up to its withdrawal. A party or a release that was corrected keeps its number
and is visible since it was first recorded; what was said of it before ends with the correction.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256

from pyroaring import BitMap

from asbuilt.built.exchange.kept_decided import DECIDED
from asbuilt.built.exchange.kept_shipped import SHIPPED
from asbuilt.built.exchange.kept_test_plans import TEST_PLANS
from asbuilt.built.exchange.rebuilding_names import Names
from asbuilt.built.exchange.standing_compared import Piece, compare
from asbuilt.built.production.events import HOLD, MAPPING
from asbuilt.built.production.holds import ACTIONS, KINDS, LIFT, LIFTER, WHOLE
from asbuilt.built.production.kept import KEPT as PROCESS_RECORD
from asbuilt.built.production.mappings import CELLS
from asbuilt.built.production.mounts import MOUNTS
from asbuilt.built.programming.kept import KEPT as PERMITS
from asbuilt.built.programming.preprogrammed import KEPT as PROGRAMMED
from asbuilt.built.quality.kept_nonconformities import KEPT as NONCONFORMING
from asbuilt.built.supply.kept import KEPT, KeptTable, kept_rows
from asbuilt.designed.catalog.events import DOCUMENT, ROUTING_STEP, ROUTING_STEP_1
from asbuilt.designed.catalog.panel_intake import micrometres, panel_places_kept
from asbuilt.designed.catalog.placements import millidegrees, placements_kept
from asbuilt.designed.catalog.positions import label_of
from asbuilt.designed.catalog.programs import programs_kept
from asbuilt.designed.catalog.record_demands import demands_kept, level_number
from asbuilt.designed.catalog.rules import rules_kept
from asbuilt.designed.catalog.rules_intake import module_um
from asbuilt.designed.firmware.events import RELEASE_DRAFT, RELEASE_SIGNATURE, RELEASE_STATE, TRUST_STORE
from asbuilt.designed.firmware.images import changed_images
from asbuilt.designed.firmware.queries import APP
from asbuilt.designed.firmware.withdraw import REGISTER, register_kept
from asbuilt.kernel.gs1 import gtin14
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import bitmap_of
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading

ORDER, BLOCK, CLOSING = "production.order/1", "production.block/1", "production.closing/1"
ONE = BitMap([0])
REGISTER_SHAPES = {
    "trust_stores": TRUST_STORE,
    "release_drafts": RELEASE_DRAFT,
    "release_signatures": RELEASE_SIGNATURE,
    "release_states": RELEASE_STATE,
}
NUMBERED = (
    "parties_party", "catalog_part", "catalog_product", "catalog_revision", "catalog_bom", "catalog_position_group",
    "supply_lot", "supply_package", "production_order", "production_process_run", "shipping_shipment", "firmware_release",
    "production_floor_name", "production_hold",
)  # fmt: skip


def plain(tenant: int) -> Iterator[Finding]:
    """Every table of this page."""
    names = Names(tenant)
    yield from _numbers(tenant)
    yield from _groups(tenant)
    for table, expected, found in (
        ("parties_party", _kept(tenant, "parties.party/1", 1, lambda v: v), _parties(tenant)),
        ("catalog_manufacturer_part", _rows(tenant, "catalog.part/1", lambda v, e: v), _parts(names)),
        ("catalog_bom_line", _rows(tenant, "catalog.bom_line/1", _bom_line), _bom_lines(names)),
        ("supply_package", _rows(tenant, "supply.package/1", lambda v, e: _package(names, v, e)), _packages(names)),
        ("supply_package_name", _rows(tenant, "supply.package_name/1", _package_name), _package_names(tenant)),
        ("production_order", _rows(tenant, "production.order/1", lambda v, e: _order(names, v, e)), _orders(tenant)),
        ("catalog_panel_place", _rows(tenant, "catalog.panel_place/1", _panel_place), _panel_places(tenant)),
        ("catalog_program_feeder", _rows(tenant, "catalog.program_feeder/1", _program_feeder), _program_feeders(names)),
        ("catalog_placement", _rows(tenant, "catalog.placement/1", _placement), _placements(tenant)),
        ("catalog_record_demand", _rows(tenant, "catalog.record_demand/1", _record_demand), _record_demands(tenant)),
        (
            "catalog_serial_rule",
            _rows(tenant, "catalog.serial_rule/1", _serial_rule),
            _rules(tenant, "catalog_serial_rule", "prefix, width, check_digit, first_counter"),
        ),
        (
            "catalog_mark_rule",
            _rows(tenant, "catalog.mark_rule/1", _mark_rule),
            _rules(tenant, "catalog_mark_rule", "content, gtin, company_digits, module_um, read_back"),
        ),
        ("production_numbering", _without_row(_rows(tenant, "production.numbering/1", _numbering)), _numberings(names)),
        ("production_block", blocks(tenant), _block_rows(names)),
        ("production_order_closing", _rows(tenant, CLOSING, _closing), _closings(tenant)),
        ("firmware_release", _kept(tenant, "firmware.release/1", 3, _release, (0, 2, 1)), _releases(names)),
    ):
        yield from compare(table, expected, found)
    said = _rows(tenant, MAPPING.name, lambda v, e: (*v[:13], _at(v[13])))
    yield from compare("production_file_mapping", said, _mapping_rows(tenant))
    for table, expected, found in routings(names):
        yield from compare(table, expected, found)
    for table, shape in REGISTER_SHAPES.items():
        said = _rows(tenant, shape.name, lambda v, e: tuple(v))
        yield from compare(REGISTER[table], said, _register_rows(tenant, table, shape.columns))
    for image, wrong in changed_images(tenant):
        where = {"table": "firmware_image", "image": image}
        yield Finding("ledger.image_row_changed", f"Image {image[:16]}…: {wrong}.", where)
    yield from compare("production_hold", *holds(names), once=False)
    tables = (KEPT, PROCESS_RECORD, PERMITS, PROGRAMMED, TEST_PLANS, NONCONFORMING, SHIPPED, DECIDED)
    for kept in (*(kept for room in tables for kept in room.values()), MOUNTS):
        yield from compare(kept.db_table, _kept_facts(names, kept), _kept_found(tenant, kept))


def _register_rows(tenant: int, table: str, columns: Sequence[str]) -> Iterator[Piece]:
    for *content, until in register_kept(tenant, table, columns):
        yield Piece(tuple(content), ONE, content[-2], until)


def _kept_facts(names: Names, kept: KeptTable) -> Iterator[Piece]:
    return _rows(names.tenant, kept.shape.name, lambda v, e: kept.stored(v, lambda text: names.party(text, e)))


def _kept_found(tenant: int, kept: KeptTable) -> Iterator[Piece]:
    for *content, until in kept_rows(tenant, kept):
        yield Piece(tuple(content), ONE, content[-2], until)


def withdrawals(tenant: int, shape: str) -> dict[tuple[int, int], list[tuple[int, int, int]]]:
    """(entry, row) -> withdrawals of it: (entry, first, until), in order."""
    sql = (
        "SELECT fact_entry, fact_row, entry, first_unit, until_unit FROM ledger_withdrawal WHERE tenant = %s AND shape = %s "
        "ORDER BY entry, first_unit"
    )
    found = defaultdict(list)
    for fact_entry, fact_row, *cut in reading.fetch(sql, (tenant, shape)):
        found[fact_entry, fact_row].append(tuple(cut))
    return found


def _rows(tenant: int, shape: str, content) -> Iterator[Piece]:
    gone = withdrawals(tenant, shape)
    for fact in all_facts(tenant, shape):
        until = gone.get((fact.entry, fact.row), [(None,)])[0][0]
        yield Piece((*content(fact.values, fact.entry), fact.entry, fact.row), ONE, fact.entry, until)


def _kept(tenant: int, shape: str, width: int, content, key=(0,)) -> Iterator[Piece]:
    """Facts whose number goes on through corrections: the row stays where the first was recorded."""
    gone = withdrawals(tenant, shape)
    ended: dict[tuple, tuple] = {}  # key -> end, place of the head, image of what ended last
    for fact in all_facts(tenant, shape):
        said = content(fact.values)
        name = tuple(said[place] for place in key)
        image = said[3] if width == 3 else None
        end, head, before = ended.get(name, (None, None, None))
        head = head if end == fact.entry and image == before else (fact.entry, fact.row)
        until = gone.get((fact.entry, fact.row), [(None,)])[0][0]
        ended[name] = (until, head, image)
        yield Piece((*said, *head), ONE, fact.entry, until)


def _in_turn(rows: Iterable[tuple]) -> Iterator[Piece]:
    """Rows (number, what is said, entry, row, end), ascending, of which a later one with the place of an earlier one is what that was before a
    correction, up to its end: `withdraw.keep_number`."""
    stated = defaultdict(list)
    for _, *content, until in rows:
        stated[tuple(content[-2:])].append((tuple(content), until))
    for (since, _), (kept, *before) in stated.items():
        for content, until in (*sorted(before, key=lambda one: one[1]), kept):
            yield Piece(content, ONE, since, until)
            since = until


def _numbers(tenant: int) -> Iterator[Finding]:
    """Numbers are given from 1 without gaps."""
    for table in NUMBERED:
        count, low, high = reading.fetch_one(
            f"SELECT count(*), min(number), max(number) FROM {table} WHERE tenant = %s", (tenant,)
        )
        if count and (low, high) != (1, count):
            what = f"{table} has {count} rows numbered {low} to {high}: a row is missing, or a number was changed."
            yield Finding("ledger.projection_row_changed", what, {"table": table, "columns": ["number"]})


def _groups(tenant: int) -> Iterator[Finding]:
    sql = "SELECT number, digest, label, count FROM catalog_position_group WHERE tenant = %s"
    labels = {}
    for number, digest, label, count in reading.fetch(sql, (tenant,)):
        labels[number] = label
        if bytes(digest) != sha256(label.encode()).digest()[:16] or count != len(label.split(" ")):
            what = f"catalog_position_group {number} does not agree with its own positions."
            yield Finding("ledger.projection_row_changed", what, {"table": "catalog_position_group", "key": number})
    wanted = {(position, number) for number, label in labels.items() for position in label.split(" ")}
    found = set(reading.fetch('SELECT refdes, "group" FROM catalog_group_position WHERE tenant = %s', (tenant,)))
    for position, number in sorted(wanted ^ found)[:100]:
        what = f"catalog_group_position: {position} of group {number} is {'missing' if (position, number) in wanted else 'strange'}."
        yield Finding("ledger.projection_row_changed", what, {"table": "catalog_group_position", "key": number})


def _at(cell: str) -> int | None:
    return parse_instant(cell) if cell else None


def _parties(tenant: int) -> Iterator[Piece]:
    sql = 'SELECT number, code, name, roles, country, entry, "row", until_entry FROM parties_party WHERE tenant = %s ORDER BY number'
    return _in_turn(reading.fetch(sql, (tenant,)))


def _parts(names: Names) -> Iterator[Piece]:
    sql = (
        'SELECT part, description, mpn, maker, lifecycle, msl, entry, "row", until_entry FROM catalog_manufacturer_part '
        "WHERE tenant = %s"
    )
    for part, *content, until in reading.fetch(sql, (names.tenant,)):
        yield Piece((names.parts.get(part, part), *content), ONE, content[5], until)


def _bom_line(values: tuple, entry: int) -> tuple:
    product, revision, version, line, part, quantity, refdes = values
    return (product, revision, version, line, part, int(quantity), Names.positions(refdes or f"#{line}"))


def _bom_lines(names: Names) -> Iterator[Piece]:
    sql = 'SELECT bom, line, part, quantity, "group", entry, "row", until_entry FROM catalog_bom_line WHERE tenant = %s'
    for bom, line, part, quantity, group, entry, row, until in reading.fetch(sql, (names.tenant,)):
        content = (*names.bom(bom), line, names.parts.get(part, part), quantity, names.label(group), entry, row)
        yield Piece(content, ONE, entry, until)


def _panel_place(values: tuple, entry: int) -> tuple:
    *named, machine, position, x, y, rotation, flip = values
    return (*named, int(machine), int(position), micrometres(x), micrometres(y), int(rotation), int(flip == "true"))


def _panel_places(tenant: int) -> Iterator[Piece]:
    for *content, until in panel_places_kept(tenant):
        yield Piece(tuple(content), ONE, content[10], until)


def _program_feeder(values: tuple, entry: int) -> tuple:
    *named, refdes, grey = values
    return (*named, label_of(refdes.split()), int(grey) if grey else None)


def _program_feeders(names: Names) -> Iterator[Piece]:
    for *named, group, grey, entry, row, until in programs_kept(names.tenant):
        yield Piece((*named, names.label(group), grey, entry, row), ONE, entry, until)


def _placement(values: tuple, entry: int) -> tuple:
    *named, x, y, rotation, side, footprint = values
    return (*named, micrometres(x), micrometres(y), millidegrees(rotation), side, footprint)


def _placements(tenant: int) -> Iterator[Piece]:
    for *content, until in placements_kept(tenant):
        yield Piece(tuple(content), ONE, content[-2], until)


def _record_demand(values: tuple, entry: int) -> tuple:
    product, revision, material, process, agreed_in, from_at = values
    return (product, revision, level_number(material), level_number(process), agreed_in, _at(from_at))


def _record_demands(tenant: int) -> Iterator[Piece]:
    for *content, until in demands_kept(tenant):
        yield Piece(tuple(content), ONE, content[-2], until)


def _serial_rule(values: tuple, entry: int) -> tuple:
    product, prefix, width, check, first = values
    return (product, prefix, int(width), check, int(first))


def _mark_rule(values: tuple, entry: int) -> tuple:
    product, content, gtin, digits, module = values[:5]
    read_back = values[5] if len(values) > 5 else ""  # rules recorded before the column was there ask for no reading
    gtin = gtin14(gtin) if gtin else ""
    return (product, content, gtin, int(digits) if digits else None, module_um(module), read_back)


def _rules(tenant: int, table: str, columns: str) -> Iterator[Piece]:
    for *content, until in rules_kept(tenant, table, columns):
        yield Piece(tuple(content), ONE, content[-2], until)


def _numbering(values: tuple, entry: int) -> tuple:
    order, product, prefix, width, check, first, last, at = values
    return (order, product, prefix, int(width), check, int(first), int(last), _at(at))


def _numberings(names: Names) -> Iterator[Piece]:
    sql = (
        "SELECT order_code, product, prefix, width, check_digit, first_counter, last_counter, given_at, entry, until_entry "
        "FROM production_numbering WHERE tenant = %s"
    )
    for order, product, *content, until in reading.fetch(sql, (names.tenant,)):
        place = (order, names.products.get(product, product), *content)
        yield Piece(place, ONE, content[-1], until)


def _without_row(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """For tables that do not keep the place of a row in its entry."""
    return (Piece(piece.place[:-1], piece.units, piece.since, piece.until) for piece in pieces)


def _package(names: Names, values: tuple, entry: int) -> tuple:
    code, kind, part, mpn, maker, supplier, lot, date, quantity, received, delivery, coc, status, owner = values
    return (
        code, kind, part, (part, maker, mpn, lot, date), names.party(supplier, entry), names.party(owner, entry),
        int(quantity) if quantity else None, _at(received), delivery, coc, status,
    )  # fmt: skip


def _packages(names: Names) -> Iterator[Piece]:
    lots = _lots(names)
    sql = (
        'SELECT code, kind, part, lot, supplier, owner, quantity, received_at, delivery, coc, status, entry, "row", '
        "until_entry FROM supply_package WHERE tenant = %s"
    )
    for code, kind, part, lot, *rest, until in reading.fetch(sql, (names.tenant,)):
        content = (code, kind, names.parts.get(part, part), lots.get(lot, lot), *rest)
        yield Piece(content, ONE, rest[7], until)


def _package_name(values: tuple, entry: int) -> tuple:
    package, kind, value, from_at, reason = values
    return (package, kind, value, _at(from_at), reason)


def _package_names(tenant: int) -> Iterator[Piece]:
    sql = 'SELECT code, kind, value, from_at, reason, entry, "row", until_entry FROM supply_package_name WHERE tenant = %s'
    for *content, until in reading.fetch(sql, (tenant,)):
        yield Piece(tuple(content), ONE, content[5], until)


def _order(names: Names, values: tuple, entry: int) -> tuple:
    return (values[0], values[7], int(values[4]), names.party(values[5], entry), _at(values[6]))


def _orders(tenant: int) -> Iterator[Piece]:
    sql = (
        'SELECT code, batch_number, quantity, owner, opened_at, entry, "row", until_entry FROM production_order '
        "WHERE tenant = %s"
    )
    for *content, until in reading.fetch(sql, (tenant,)):
        yield Piece(tuple(content), ONE, content[5], until)


def blocks(tenant: int) -> Iterator[Piece]:
    """The units planned for each order, by the facts: as opened, grown, taken over; less what it handed over meanwhile."""
    handed = [fact for fact in _given(tenant, BLOCK) if fact[0].values[5]]
    for shape in (ORDER, BLOCK):
        for fact, since, until in _given(tenant, shape):
            units = bitmap_of(fact.units)
            gone = [
                (bitmap_of(other.units), start, end)
                for other, start, end in handed
                if other.values[5] == fact.values[0] and units & bitmap_of(other.units) and end != start
            ]
            yield from _less(tuple(fact.values[:4]), units, since, until, gone)


def _given(tenant: int, shape: str) -> list[tuple]:
    """Facts of a shape with the entry that recorded and the one that withdrew them."""
    gone = withdrawals(tenant, shape)
    return [(fact, fact.entry, gone.get((fact.entry, fact.row), [(None,)])[0][0]) for fact in all_facts(tenant, shape)]


def _less(place: tuple, units: BitMap, since: int, until: int | None, gone: list[tuple]) -> Iterator[Piece]:
    changes = {entry for _, start, end in gone for entry in (start, end) if entry is not None}
    inside = sorted(entry for entry in changes if since < entry and (until is None or entry < until))
    for start, end in zip([since, *inside], [*inside, until], strict=True):
        away = BitMap()
        for others, begun, ended in gone:
            if begun <= start and (ended is None or start < ended):
                away |= others
        yield Piece(place, units - away, start, end)


def block_cuts(tenant: int) -> set[int]:
    """Where a block of an order was ever cut: no stored span goes over such a place."""
    return {end for fact in all_facts(tenant, BLOCK) if fact.values[5] for end in fact.units[0]}


def _closing(values: tuple, entry: int) -> tuple:
    code, closed_at, operator, reason = values
    return (code, _at(closed_at), operator, reason)


def _closings(tenant: int) -> Iterator[Piece]:
    sql = 'SELECT code, closed_at, operator, reason, entry, "row", until_entry FROM production_order_closing WHERE tenant = %s'
    for *content, until in reading.fetch(sql, (tenant,)):
        yield Piece(tuple(content), ONE, content[4], until)


def _block_rows(names: Names) -> Iterator[Piece]:
    sql = (
        "SELECT first_unit, until_unit, work_order, product, revision, bom, entry, until_entry FROM production_block "
        "WHERE tenant = %s"
    )
    for first, until_unit, order, product, revision, bom, entry, until in reading.fetch(sql, (names.tenant,)):
        place = (names.order(order, entry, until), *names.bom(bom))
        if bom in names.boms and names.boms[bom][1:] != (product, revision):
            place = (*place, product, revision)
        yield Piece(place, BitMap(range(max(first, 0), max(until_unit, 0))), entry, until)


def _mapping_rows(tenant: int) -> Iterator[Piece]:
    sql = (
        f'SELECT {", ".join(CELLS)}, operator, happened_at, entry, "row", until_entry FROM production_file_mapping '
        "WHERE tenant = %s"
    )
    for *said, until in reading.fetch(sql, (tenant,)):
        yield Piece(tuple(said), ONE, said[-2], until)


def _release(values: tuple) -> tuple:
    product, version, role, _, image, revisions, released, security = values
    return (product, version, role or APP, image, revisions, _at(released), security == "true")


def _releases(names: Names) -> Iterator[Piece]:
    sql = (
        'SELECT number, product, version, role, sha256, revisions, released_at, security_relevant, entry, "row", until_entry '
        "FROM firmware_release WHERE tenant = %s ORDER BY number"
    )
    return _in_turn(
        (
            number,
            names.products.get(product, product),
            version,
            role,
            bytes(image).hex(),
            revisions,
            released,
            bool(security),
            *rest,
        )
        for number, product, version, role, image, revisions, released, security, *rest in reading.fetch(
            sql, (names.tenant,)
        )
    )


def holds(names: Names) -> tuple[Iterator[Piece], Iterator[Piece]]:
    """Rows of holds, those about units with the units that still stand."""
    return _holds(names.tenant), _hold_rows(names)


def _holds(tenant: int) -> Iterator[Piece]:
    gone = withdrawals(tenant, HOLD.name)
    for fact in all_facts(tenant, HOLD.name):
        code, action, kind, *lot, first, until, question, silent, lifted_by, reason, person, at = fact.values
        said = (question, int(silent == "true"), lifted_by or LIFTER, reason, person, _at(at))
        place = (code, ACTIONS[action], KINDS[kind], tuple(lot) if kind == "lot" else None, *said)
        left = ONE if first is None else BitMap(range(first, until))
        for entry, low, high in gone.get((fact.entry, fact.row), ()):
            cut = left if (low, high) == (0, 0) else left & BitMap(range(low, high))
            left = left - cut
            yield Piece(place, cut, fact.entry, entry)
        yield Piece(place, left, fact.entry, None)


def _hold_rows(names: Names) -> Iterator[Piece]:
    cells = _lots(names)
    sql = (
        "SELECT code, action, kind, lot, question, silent, lifted_by, reason, person, decided_at, first_unit, until_unit, "
        "entry, until_entry, lifted FROM production_hold WHERE tenant = %s"
    )
    rows = reading.fetch(sql, (names.tenant,))
    over = {row[0] for row in rows if row[1:3] == (LIFT, WHOLE) and row[-2] is None}
    for code, action, kind, lot, *said, first, until_unit, entry, until, lifted in rows:
        if until is None and lifted != (
            code in over
        ):  # such a row would be asked where it does not stand, or passed over where it does
            said = [*said, f"lifted {lifted}"]
        units = ONE if first is None else BitMap(range(first, max(first, until_unit or 0)))
        place = (code, action, kind, None if lot is None else cells.get(lot, lot), *said)
        yield Piece(place, units, entry, until)


def _lots(names: Names) -> dict[int, tuple]:
    """Lot -> the cells that name it."""
    sql = "SELECT number, part, maker, mpn, lot_code, date_code FROM supply_lot WHERE tenant = %s"
    return {row[0]: (names.parts.get(row[1], row[1]), *row[2:]) for row in reading.fetch(sql, (names.tenant,))}


def routings(names: Names) -> Iterator[tuple[str, Iterator[Piece], Iterator[Piece]]]:
    """Documents and steps of routings."""
    tenant = names.tenant
    yield "catalog_document", _rows(tenant, DOCUMENT.name, _document), _document_rows(tenant)
    yield "catalog_routing_step", _steps(names), _step_rows(names)


def _document(values: tuple, entry: int) -> tuple:
    return (*values[:6], _at(values[6]))


def _document_rows(tenant: int) -> Iterator[Piece]:
    sql = (
        'SELECT code, revision, kind, title, file, sha256, valid_from_at, entry, "row", until_entry FROM catalog_document '
        "WHERE tenant = %s"
    )
    for *said, digest, valid, entry, row, until in reading.fetch(sql, (tenant,)):
        yield Piece((*said, bytes(digest).hex(), valid, entry, row), ONE, entry, until)


def _steps(names: Names) -> Iterator[Piece]:
    """Steps of every shape; those recorded before a column was there leave it empty."""

    def step(values: tuple, entry: int) -> tuple:
        *said, optional, limits, from_at = values[:13]
        needed, party, evidence = (*values[13:], "", "", "")[:3]
        end = (optional == "true", limits, _at(from_at), needed, names.party(party, entry), evidence)
        return (*said[:3], int(said[3]), *said[4:], *end)

    for shape in (ROUTING_STEP_1, ROUTING_STEP):
        yield from _rows(names.tenant, shape.name, step)


def _step_rows(names: Names) -> Iterator[Piece]:
    sql = (
        "SELECT r.product, r.code, s.hardware_revision, s.routing, s.place_in_route, s.step, s.side, s.place, s.instruction, "
        's.criteria, s.procedure, s.optional, s.limits, s.from_at, s.qualifications, s.subcontractor, s.evidence, s.entry, s."row", '
        "s.until_entry FROM catalog_routing_step s "
        "LEFT JOIN catalog_revision r ON r.tenant = s.tenant AND r.number = s.hardware_revision WHERE s.tenant = %s"
    )
    for (
        product,
        code,
        number,
        *said,
        optional,
        limits,
        from_at,
        needed,
        party,
        evidence,
        entry,
        row,
        until,
    ) in reading.fetch(sql, (names.tenant,)):
        named = names.products.get(product, ("revision", number))
        place = (named, code, *said, bool(optional), limits, from_at, needed, party, evidence, entry, row)
        yield Piece(place, ONE, entry, until)
