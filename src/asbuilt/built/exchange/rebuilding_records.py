"""Rebuilding programming records, test runs, what runs now, shipment lines, and the holes of material."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from pyroaring import BitMap

from asbuilt.built.exchange.rebuilding_names import Names
from asbuilt.built.exchange.rebuilding_plans import withdrawals
from asbuilt.built.exchange.rebuilding_units import LINE, PROGRAMMING, TEST, Facts
from asbuilt.built.exchange.standing_compared import Piece, opened
from asbuilt.built.production.holes import holes
from asbuilt.built.production.meetings import groups_ever, meetings
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.other_parts import others_of
from asbuilt.built.production.runs import runs_of_order
from asbuilt.built.production.standing import MAYBE, NOW
from asbuilt.built.production.states import built_units
from asbuilt.built.programming.intake import RESULTS, SOURCES
from asbuilt.built.programming.running import Pass, laid_at, last_of
from asbuilt.built.programming.uids import uid_bytes
from asbuilt.built.quality.defects import codes_of
from asbuilt.built.quality.identities import identities_of
from asbuilt.built.quality.outcomes import OUTCOME_WORDS
from asbuilt.formats.countries import tidy
from asbuilt.kernel.instants import format_instant, parse_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading

Sides = tuple[list[Piece], list[Piece]]


def _said_in_programming(known: Names, values: tuple, entry: int) -> tuple:
    _, product, version, sha256, uid, station, operator, result, at, role, _, source = values
    release = known.release(product, version, sha256, role, entry)
    return (
        release,
        parse_instant(at),
        laid_at(parse_instant(at), known.recorded_at(entry)),
        RESULTS[result],
        SOURCES[source],
        uid_bytes(uid) if uid else None,
        station,
        operator,
    )


def programming(facts: Facts, known: Names, span: Span) -> Sides:
    """Programming records, one by one."""
    expected = [
        Piece((fact.row, *_said_in_programming(known, fact.values, fact.entry)), units, since, until)
        for fact, units, since, until in facts.pieces(PROGRAMMING, *span)
    ]
    sql = (
        'SELECT "row", release, happened_at, laid_at, result, source, uid, station, operator, unit, entry, until_entry '
        "FROM programming_record WHERE tenant = %s AND unit >= %s AND unit < %s"
    )
    found = []
    for row, release, at, laid, result, source, uid, station, operator, unit, since, until in reading.fetch(
        sql, (facts.tenant, *span)
    ):
        uid = bytes(uid) if uid is not None else None
        place = (row, release, at, laid, result, source, uid, known.floor_name("station", station), operator)
        found.append(Piece(place, BitMap([unit]), since, until))
    return expected, found


def packages_programmed(tenant: int, known: Names) -> Sides:
    """Packages whose devices came programmed."""
    gone, expected = withdrawals(tenant, PROGRAMMING), []
    for fact in all_facts(tenant, PROGRAMMING):
        if fact.values[0] is None:
            release, at, laid, result, source, _, station, operator = _said_in_programming(
                known, fact.values, fact.entry
            )
            until = gone.get((fact.entry, fact.row), [(None,)])[0][0]
            place = (fact.values[10], release, at, laid, result, source, station, operator)
            expected.append(Piece(place, BitMap([0]), fact.entry, until))
    sql = (
        "SELECT package, release, happened_at, laid_at, result, source, station, operator, entry, until_entry "
        "FROM programming_package WHERE tenant = %s"
    )
    found = []
    for package, *said, station, operator, since, until in reading.fetch(sql, (tenant,)):
        place = (known.package(package, since, until), *said, known.floor_name("station", station), operator)
        found.append(Piece(place, BitMap([0]), since, until))
    return expected, found


def tests(facts: Facts, known: Names, span: Span) -> Sides:
    """Test runs, one by one."""
    expected = []
    for fact, units, since, until in facts.pieces(TEST, *span):
        _, plan, version, station, operator, outcome, started, finished, measured = fact.values
        place = (
            fact.row,
            plan,
            version,
            station,
            operator,
            outcome,
            parse_instant(started),
            parse_instant(finished),
            measured,
        )
        expected.append(Piece(place, units, since, until))
    sql = (
        'SELECT "row", plan, plan_version, station, operator, outcome, started_at, finished_at, measurements, unit, entry, '
        "until_entry FROM quality_test_run WHERE tenant = %s AND unit >= %s AND unit < %s"
    )
    found = []
    for row, plan, version, station, operator, outcome, *rest, unit, since, until in reading.fetch(
        sql, (facts.tenant, *span)
    ):
        word = OUTCOME_WORDS[outcome] if 0 <= outcome < len(OUTCOME_WORDS) else outcome
        floor = (row, known.floor_name("plan", plan), version, known.floor_name("station", station))
        found.append(Piece((*floor, operator, word, *rest), BitMap([unit]), since, until))
    return expected, found


def defects(facts: Facts, known: Names, span: Span) -> Sides:
    """The defect codes that runs found, by what the runs say."""
    expected = [
        Piece((fact.row, code, fact.values[1], fact.values[6], times), units, since, until)
        for fact, units, since, until in facts.pieces(TEST, *span)
        for code, times in codes_of(fact.values[8]).items()
    ]
    sql = 'SELECT "row", code, plan, started_at, times, unit, entry, until_entry FROM quality_defect WHERE tenant = %s AND unit >= %s AND unit < %s'
    found = [
        Piece((row, code, known.floor_name("plan", plan), format_instant(at), times), BitMap([unit]), since, until)
        for row, code, plan, at, times, unit, since, until in reading.fetch(sql, (facts.tenant, *span))
    ]
    return expected, found


def identities(facts: Facts, known: Names, span: Span) -> Sides:
    """What only one unit may have, by what the runs say."""
    expected = [
        Piece((fact.row, digest, fact.values[1], fact.values[6]), units, since, until)
        for fact, units, since, until in facts.pieces(TEST, *span)
        for digest in identities_of(fact.values[8])
    ]
    sql = 'SELECT "row", sha256, plan, started_at, unit, entry, until_entry FROM quality_identity WHERE tenant = %s AND unit >= %s AND unit < %s'
    found = [
        Piece((row, digest, known.floor_name("plan", plan), format_instant(at)), BitMap([unit]), since, until)
        for row, digest, plan, at, unit, since, until in reading.fetch(sql, (facts.tenant, *span))
    ]
    return expected, found


def firmware_runs(facts: Facts, known: Names, span: Span) -> Sides:
    """What units run and ever ran, from the records that passed."""
    said: dict[tuple, list[tuple]] = defaultdict(list)
    for fact, _, since, until in facts.pieces(PROGRAMMING, *span):
        release, at, laid, result, *_ = _said_in_programming(known, fact.values, fact.entry)
        if result == 0:
            one = Pass(at, fact.entry, fact.row, (release,), laid)
            said[fact.values[0], known.roles.get(release)].append((one, since, until, (release,)))
    columns = "t.release"
    return _standing(said, _ends), _standing_rows(
        facts.tenant, "programming_firmware_run", columns, span, lambda key: key
    )


def outcome_runs(facts: Facts, known: Names, span: Span) -> Sides:
    """What the last run of each plan said, and what any said."""
    said: dict[tuple, list[tuple]] = defaultdict(list)
    for fact, _, since, until in facts.pieces(TEST, *span):
        plan, outcome, at = fact.values[1], fact.values[5], parse_instant(fact.values[7])
        key = (plan, OUTCOME_WORDS.index(outcome))
        said[fact.values[0], plan].append(((at, fact.entry, fact.row), since, until, key))

    def named(key: tuple) -> tuple:
        return (known.floor_name("plan", key[0]), key[1])

    return _standing(said), _standing_rows(facts.tenant, "quality_outcome_run", "t.plan, t.outcome", span, named)


def _ends(visible: list[tuple]) -> list[tuple]:
    """(key, standing) of what a unit runs by these records: what was last, and what may have been."""
    now, maybe = last_of([one[0] for one in visible])
    return [(now, NOW), *((key, MAYBE) for key in maybe)]


def _last(visible: list[tuple]) -> list[tuple]:
    return [(max(visible, key=lambda one: one[0])[3], NOW)]


def _standing(said: dict[tuple, list[tuple]], ends: Callable[[list[tuple]], list[tuple]] = _last) -> list[Piece]:
    """(unit, group) -> records (when, since, until, key): which key holds now, and which ever held, entry by entry."""
    merged: dict[tuple, BitMap] = defaultdict(BitMap)
    for (unit, _), records in said.items():
        for _, since, until, key in records:
            merged[(*key, 0), since, until].add(unit)
        entries = sorted({since for _, since, _, _ in records} | {r[2] for r in records if r[2] is not None})
        for entry, following in zip(entries, [*entries[1:], None], strict=True):
            visible = [r for r in records if r[1] <= entry and (r[2] is None or entry < r[2])]
            for key, standing in ends(visible) if visible else ():
                merged[(*key, standing), entry, following].add(unit)
    return [Piece(place, units, since, until) for (place, since, until), units in merged.items()]


def _standing_rows(tenant: int, table: str, columns: str, span: Span, named: Callable) -> list[Piece]:
    within = BitMap(range(*span))
    sql = (
        f"SELECT {columns}, t.standing, t.first_unit, t.until_unit, t.units, t.entry, t.until_entry FROM {table} t "
        "WHERE t.tenant = %s AND t.first_unit < %s AND t.until_unit > %s"
    )
    found = []
    for *key, standing, first, end, packed, since, until in reading.fetch(sql, (tenant, span[1], span[0])):
        units, odd = opened(first, end, packed)
        place: tuple[Hashable, ...] = (*named(tuple(key)), standing, *odd)
        found.append(Piece(place, units & within, since, until))
    return found


def lines(facts: Facts, known: Names, span: Span) -> Sides:
    """Shipment lines by the code of their shipment."""
    zone = ZoneInfo(reading.fetch_one("SELECT time_zone FROM access_tenant WHERE number = %s", (facts.tenant,))[0])
    expected = []
    for fact, units, since, until in facts.pieces(LINE, *span):
        code, _, _, _, _, shipped, placed = fact.values
        expected.append(Piece((code, parse_instant(shipped), _day(placed, zone)), units, since, until))
    sql = (
        "SELECT s.code, l.shipped_at, l.placed_at, l.shipment, l.first_unit, l.until_unit, l.entry, l.until_entry "
        "FROM shipping_line l LEFT JOIN shipping_shipment s ON s.tenant = l.tenant AND s.number = l.shipment "
        "WHERE l.tenant = %s AND l.first_unit >= %s AND l.first_unit < %s"
    )
    found = []
    for code, shipped, placed, number, first, end, since, until in reading.fetch(sql, (facts.tenant, *span)):
        place = (number if code is None else code, shipped, placed)
        found.append(Piece(place, BitMap(range(first, max(first, end))), since, until))
    return expected, found


def _day(text: str, zone: ZoneInfo) -> int | None:
    if len(text) == 10:
        return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1_000_000
    return parse_instant(text) if text else None


def shipments(tenant: int, known: Names) -> Sides:
    """Customer and country of each shipment, by the last of its lines that stands, else by the last."""
    gone, last = withdrawals(tenant, LINE), {}
    for fact in all_facts(tenant, LINE):
        code, customer, country, first, until = fact.values[:5]
        cuts = gone.get((fact.entry, fact.row), ())
        left = BitMap(range(first, until))
        for _, low, high in cuts:
            left = BitMap() if (low, high) == (0, 0) else left - BitMap(range(low, high))
        stands = bool(left)
        if code not in last or stands >= last[code][0]:
            last[code] = (stands, known.party(customer, fact.entry), country)
    expected = [Piece((code, *said[1:]), BitMap([0]), 0) for code, said in last.items()]
    sql = "SELECT code, customer, country FROM shipping_shipment WHERE tenant = %s"
    return expected, [Piece(tuple(row), BitMap([0]), 0) for row in reading.fetch(sql, (tenant,))]


def former_addresses(tenant: int, known: Names) -> Sides:
    """Where shipments went until an entry recorded them anew for somebody else."""
    went: dict[str, tuple] = {}
    expected = []
    for fact in all_facts(tenant, LINE):
        code, customer, country = fact.values[:3]
        there = (known.party(customer, fact.entry), tidy(country))
        if went.setdefault(code, there) != there:
            expected.append(Piece((code, fact.entry, *went[code]), BitMap([0]), 0))
            went[code] = there
    sql = (
        "SELECT s.code, f.until_entry, f.customer, f.country, f.shipment FROM shipping_former_address f LEFT JOIN shipping_shipment s "
        "ON s.tenant = f.tenant AND s.number = f.shipment WHERE f.tenant = %s"
    )
    found = []
    for code, until, customer, country, number in reading.fetch(sql, (tenant,)):
        found.append(Piece((number if code is None else code, until, customer, tidy(country)), BitMap([0]), 0))
    return expected, found


def material_holes(tenant: int, known: Names) -> Iterator[tuple[list[Piece], list[Piece]]]:
    """Holes of each order as they are now, from its runs, states and BOM."""
    sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
    orders, seen = Orders(tenant), BitMap()
    for (code,) in reading.fetch(sql, (tenant,)):
        order = orders.by_code(code)
        if order is None:
            continue
        seen.add(order.number)
        built = built_units(tenant, order.blocks)
        there = holes(tenant, order, runs_of_order(tenant, order.number), known.groups, built)
        expected = [Piece((code, part, " ".join(positions)), units, 0) for part, positions, units in there]
        yield expected, list(_hole_rows(tenant, known, "work_order = %s", code, [order.number]))
    others = [
        number
        for (number,) in reading.fetch(
            "SELECT DISTINCT work_order FROM production_material_hole WHERE tenant = %s", (tenant,)
        )
    ]
    for number in others:
        if number not in seen:
            yield [], list(_hole_rows(tenant, known, "work_order = %s", number, [number]))


def other_parts(tenant: int, known: Names) -> Sides:
    """Packages where the BOM takes another part, from the runs and replacements of each order."""
    sql = "SELECT code FROM production_order WHERE tenant = %s AND until_entry IS NULL"
    orders, expected = Orders(tenant), []
    for (code,) in reading.fetch(sql, (tenant,)):
        order = orders.by_code(code)
        if order is not None:
            there = others_of(tenant, order, runs_of_order(tenant, order.number), known.groups)
            expected += [Piece((order.number, *one), BitMap([0]), 0) for one in there]
    sql = "SELECT work_order, package, refdes FROM production_other_part WHERE tenant = %s"
    return expected, [Piece(row, BitMap([0]), 0) for row in reading.fetch(sql, (tenant,))]


def group_meetings(tenant: int, known: Names) -> Sides:
    """Groups that share a position on an order, from all its runs."""
    sql = "SELECT DISTINCT work_order FROM production_material_run WHERE tenant = %s"
    expected = [
        Piece((order, *pair), BitMap([0]), 0)
        for (order,) in reading.fetch(sql, (tenant,))
        for pair in meetings(known.groups, groups_ever(tenant, order))
    ]
    sql = 'SELECT work_order, "group", other FROM production_group_meeting WHERE tenant = %s'
    return expected, [Piece(row, BitMap([0]), 0) for row in reading.fetch(sql, (tenant,))]


def _hole_rows(tenant: int, known: Names, condition: str, code: Hashable, params: Iterable) -> Iterator[Piece]:
    sql = f'SELECT part, "group", first_unit, until_unit, units FROM production_material_hole WHERE tenant = %s AND {condition}'
    for part, group, first, until, packed in reading.fetch(sql, (tenant, *params)):
        units, odd = opened(first, until, packed)
        yield Piece((code, part, known.label(group), *odd), units, 0)


RECORD_TABLES = {
    "programming_record": ("unit", programming),
    "quality_test_run": ("unit", tests),
    "quality_defect": ("unit", defects),
    "quality_identity": ("unit", identities),
    "shipping_line": ("first_unit", lines),
    "programming_firmware_run": (None, firmware_runs),
    "quality_outcome_run": (None, outcome_runs),
}
"""Table -> the column that places a row on the axis (None: its runs may span orders), and how it is rebuilt."""
