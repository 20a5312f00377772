"""Rebuilding what is known of units, order by order: no stored span leaves the units of its order.

Facts on spans are pieces: their units, less those withdrawn, from their entry on. Names, panels, states, runs and lines are
compared with the tables at every entry where something changed; what came by the million goes in windows of units.
"""

import json
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Iterator
from itertools import groupby

from pyroaring import BitMap

from asbuilt.built.exchange.rebuilding_names import Names
from asbuilt.built.exchange.rebuilding_plans import withdrawals
from asbuilt.built.exchange.standing_compared import Piece, opened
from asbuilt.built.production.intake.mark_readings import RESULTS as MARK_RESULTS
from asbuilt.built.production.intake.names import SERIAL_KINDS
from asbuilt.built.production.intake.panels import skipped_units
from asbuilt.built.production.intake.units import STATES, UNNAMED
from asbuilt.built.production.runs import SELECT, growth_steps
from asbuilt.built.production.states import BEGUN, SKIPPED
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of
from asbuilt.ledger.facts import FactRow, segment_texts, units_of
from asbuilt.ledger.shapes import REGISTRY
from asbuilt.storage import reading

MATERIAL, PROCESS, REPLACEMENT, ASSEMBLY, LINE = (
    "production.material/1", "production.process/1", "production.replacement/1", "production.assembly/1", "shipping.line/1",
)  # fmt: skip
PANEL = "production.panel/1"
UNIT, NAME, PROGRAMMING, TEST = "production.unit/1", "production.name/1", "programming.record/1", "quality.test_run/1"
SENT_OUT = "production.sent_out/1"
MARK_READING = "production.mark_reading/1"
SEGMENTS_OPEN_MAX = 64
EVENTS = (MATERIAL, PROCESS, SENT_OUT, REPLACEMENT, ASSEMBLY, LINE, PROGRAMMING, TEST)


class Facts:
    """Facts over spans of units as pieces; keeps the last segments it opened, since orders lie beside each other."""

    def __init__(self, tenant: int):
        self.tenant = tenant
        self._gone: dict[str, dict] = {}
        self._open: OrderedDict[tuple, tuple[list[bytes], list[tuple[Span, ...]]]] = OrderedDict()

    def rows(self, shape: str, first: int, until: int) -> Iterator[FactRow]:
        """Facts of a shape that speak of units of [first, until), in the order of recording."""
        sql = (
            "SELECT entry, first_row FROM ledger_segment WHERE tenant = %s AND shape = %s AND low_unit < %s "
            "AND high_unit > %s"
        )
        for entry, first_row in sorted(reading.fetch(sql, (self.tenant, shape, until, first))):
            texts, spoken_of = self._segment(entry, shape, first_row)
            for row, spans in enumerate(spoken_of):
                for low, high in spans:
                    if low < until and high > first:
                        text = texts[row]
                        yield FactRow(entry, shape, first_row + row, text, tuple(json.loads(text)))
                        break

    def _segment(self, entry: int, shape: str, first_row: int) -> tuple[list[bytes], list[tuple[Span, ...]]]:
        key = (entry, shape, first_row)
        if key not in self._open:
            sql = "SELECT body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
            texts = segment_texts(reading.fetch_one(sql, (self.tenant, *key))[0])
            self._open[key] = (texts, [_spoken_of(shape, text) for text in texts])
            if len(self._open) > SEGMENTS_OPEN_MAX:
                self._open.popitem(last=False)
        else:
            self._open.move_to_end(key)
        return self._open[key]

    def pieces(self, shape: str, first: int, until: int) -> Iterator[tuple[FactRow, BitMap, int, int | None]]:
        """Each fact with its units of [first, until), parted where some were withdrawn at another entry."""
        if shape not in self._gone:
            self._gone[shape] = withdrawals(self.tenant, shape)
        within = BitMap(range(first, until))
        for fact in self.rows(shape, first, until):
            left = bitmap_of(fact.units) & within
            for entry, low, high in self._gone[shape].get((fact.entry, fact.row), ()):
                cut = left if (low, high) == (0, 0) else left & BitMap(range(low, high))
                left = left - cut
                if cut:
                    yield fact, cut, fact.entry, entry
            if left:
                yield fact, left, fact.entry, None


def _spoken_of(shape: str, text: bytes) -> tuple[Span, ...]:
    """The units of a row's text; most shapes begin with them, and are not parsed for it."""
    columns = REGISTRY[shape].columns[:2]
    if columns[0] != "unit" and columns not in (("first_unit", "until_unit"), ("parent", "child")):
        return tuple(units_of(shape, json.loads(text)))
    one, other, *_ = text[1:].split(b",", 2)
    if one == b"null":
        return ()
    low = int(one)
    if columns[0] == "unit":
        return ((low, low + 1),)
    return ((low, int(other)),) if columns[0] == "first_unit" else ((low, low + 1), (int(other), int(other) + 1))


def _at(cell: str) -> int | None:
    return parse_instant(cell) if cell else None


def names(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Names by kind, value and when they were given."""
    expected: list[Piece] = []
    for fact, units, since, until in facts.pieces(UNIT, *span):
        if fact.values[2] != UNNAMED:
            expected.append(Piece(("serial", fact.values[2], None), units, since, until))
    for fact, units, since, until in facts.pieces(NAME, *span):
        _, kind, value, given = fact.values[:4]
        place = ("serial" if kind.lower() in SERIAL_KINDS else ("name", kind), value, _at(given))
        expected.append(Piece(place, units, since, until))
    sql = (
        "SELECT unit, kind, value, from_at, entry, until_entry FROM production_unit_name WHERE tenant = %s "
        "AND unit >= %s AND unit < %s"
    )
    found = []
    for unit, kind, value, given, since, until in reading.fetch(sql, (facts.tenant, *span)):
        named = "serial" if kind == 0 else ("name", known.floor_name("name", kind))
        found.append(Piece((named, value, given), BitMap([unit]), since, until))
    return expected, found


def panels(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Units on panels, each at its position."""
    expected = [
        Piece((fact.values[3], fact.values[4]), units, since, until)
        for fact, units, since, until in facts.pieces(UNIT, *span)
        if fact.values[3]
    ]
    for fact, units, since, until in facts.pieces(PANEL, *span):
        first, _, _, code, positions, *_ = fact.values
        names = positions.split()
        for unit in units:
            place = names[unit - first] if names else str(unit - first + 1)
            expected.append(Piece((code, place), BitMap([unit]), since, until))
    sql = (
        "SELECT first_unit, until_unit, code, positions, entry, until_entry FROM production_panel WHERE tenant = %s "
        "AND first_unit >= %s AND first_unit < %s"
    )
    found = []
    for first, end, code, positions, since, until in reading.fetch(sql, (facts.tenant, *span)):
        places = positions.split("\n") if positions is not None else [str(n + 1) for n in range(end - first)]
        if len(places) != end - first:
            found.append(Piece((code, "as many positions as units"), BitMap([first]), since, until))
        found += [Piece((code, place), BitMap([first + n]), since, until) for n, place in enumerate(places)]
    return expected, found


def states(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Stated states as stated; begun by replaying what happened, entry by entry."""
    stated, happened, touched = [], [], defaultdict(BitMap)
    for shape in (UNIT, PANEL, *EVENTS):
        for fact, units, since, until in facts.pieces(shape, *span):
            if until is not None:
                touched[until] |= units
            if shape == UNIT:
                stated.append(Piece(STATES[fact.values[5]], units, since, until))
            elif shape == PANEL:
                stated.append(Piece(SKIPPED, units & skipped_units(fact.values), since, until))
            else:
                happened.append((units, since, until))
    stated = [piece for piece in stated if piece.place]
    sql = (
        "SELECT state, first_unit, until_unit, entry, until_entry FROM production_unit_state WHERE tenant = %s "
        "AND first_unit >= %s AND first_unit < %s"
    )
    found = [
        Piece(state, BitMap(range(first, max(first, end))), since, until)
        for state, first, end, since, until in reading.fetch(sql, (facts.tenant, *span))
    ]
    return [*stated, *_begun(stated, happened, touched)], found


def _begun(stated: list[Piece], happened: list[tuple], touched: dict[int, BitMap]) -> Iterator[Piece]:
    starts: dict[int, BitMap] = defaultdict(BitMap)
    state_starts, state_ends = defaultdict(BitMap), defaultdict(BitMap)
    merged: dict[tuple, BitMap] = defaultdict(BitMap)
    for units, since, until in happened:
        merged[since, until] |= units
    for (since, _), units in merged.items():
        starts[since] |= units
    for piece in stated:
        state_starts[piece.since] |= piece.units
        if piece.until is not None:
            state_ends[piece.until] |= piece.units
    begun, in_state, last = BitMap(), BitMap(), 0
    for entry in sorted({*starts, *state_starts, *touched}):
        now = begun
        if entry in touched:
            in_state = in_state - state_ends[entry]
            left = BitMap()
            for (since, until), units in merged.items():
                if since < entry and (until is None or until > entry):
                    left |= units
            now = (begun - touched[entry]) | (touched[entry] & left & (begun | (touched[entry] - in_state)))
        in_state = in_state | state_starts[entry]
        now = now | (starts[entry] - in_state)
        if now != begun:
            if begun:
                yield Piece(BEGUN, begun, last, entry)
            begun, last = now, entry
    if begun:
        yield Piece(BEGUN, begun, last, None)


def runs(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Material runs by order, positions, package and certainty; growth steps are pieces of their own."""
    expected, ways = [], set()
    for fact, units, since, until in facts.pieces(MATERIAL, *span):
        _, _, order, refdes, package, certainty, machine, feeder, at = fact.values
        place = (order, known.positions(refdes), package, int(certainty == "certain"))
        expected.append(Piece(place, units, since, until))
        ways |= {(place, (machine, feeder)), (place, ("at", _at(at)))}
    found = []
    sql = f"{SELECT} WHERE tenant = %s AND first_unit >= %s AND first_unit < %s"
    for order, group, first, package, certain, entry, end, packed, machine, feeder, at, until, growth in reading.fetch(
        sql, (facts.tenant, *span)
    ):
        place = (known.order(order, entry, until), known.label(group), known.package(package, entry, until), certain)
        way = (known.floor_name("machine", machine), known.floor_name("feeder", feeder))
        units, odd = opened(first, end, packed)
        place = (*place, *(part for part in (way, ("at", at)) if (place, part) not in ways), *odd)
        for step, added in growth_steps(growth):
            found.append(Piece(place, added & units, step, until))
            units = units - added
        found.append(Piece(place, units, entry, until))
    return expected, found


def processes(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Process runs with all that they say."""
    expected, pieces = [], groupby(facts.pieces(PROCESS, *span), key=lambda piece: (piece[0].entry, piece[0].row))
    for _, mine in pieces:
        stated = list(mine)
        fact, alive = stated[0][0], [tuple(piece) for _, *piece in stated]
        first, end, order, step, machine, program, started, finished, *rest = fact.values
        said = (step, rest[3], rest[2], _at(finished))
        outside = known.limits.outside(fact.entry, (first, end), *said)
        for units, found_outside, since, until in known.judged.periods(said, outside, alive):
            place = (order, step, machine, program, _at(started), _at(finished), *rest, found_outside)
            expected.append(Piece(place, units, since, until))
    sql = (
        "SELECT work_order, step, machine, program, started_at, finished_at, operator, result, readings, side, pass_number, "
        "outside, first_unit, until_unit, entry, until_entry FROM production_process_run WHERE tenant = %s AND first_unit >= %s "
        "AND first_unit < %s"
    )
    found = []
    for order, step, machine, program, *rest, first, end, since, until in reading.fetch(sql, (facts.tenant, *span)):
        floor = (
            known.floor_name("step", step),
            known.floor_name("machine", machine),
            known.floor_name("program", program),
        )
        found.append(
            Piece(
                (known.order(order, since, until), *floor, *rest), BitMap(range(first, max(first, end))), since, until
            )
        )
    return expected, found


def replacements(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Replacements by position and time."""
    expected = []
    for fact, units, since, until in facts.pieces(REPLACEMENT, *span):
        _, refdes, removed, installed, operator, reason, at = fact.values
        expected.append(Piece((refdes, _at(at), removed, installed, operator, reason), units, since, until))
    sql = (
        "SELECT unit, refdes, happened_at, removed, installed, operator, reason, entry, until_entry "
        "FROM production_replacement WHERE tenant = %s AND unit >= %s AND unit < %s"
    )
    found = []
    for unit, refdes, at, removed, installed, operator, reason, since, until in reading.fetch(
        sql, (facts.tenant, *span)
    ):
        packages = (known.package(removed, since, until), known.package(installed, since, until))
        found.append(Piece((refdes, at, *packages, operator, reason), BitMap([unit]), since, until))
    return expected, found


def assemblies(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """Links of the children of these units."""
    expected = []
    for fact, _, since, until in facts.pieces(ASSEMBLY, *span):
        parent, child, position, at, removed = fact.values
        if span[0] <= child < span[1]:
            expected.append(Piece((parent, position, _at(at), _at(removed)), BitMap([child]), since, until))
    sql = (
        "SELECT parent, position, happened_at, removed_at, child, entry, until_entry FROM production_assembly "
        "WHERE tenant = %s AND child >= %s AND child < %s"
    )
    rows = reading.fetch(sql, (facts.tenant, *span))
    return expected, [Piece(tuple(place), BitMap([child]), since, until) for *place, child, since, until in rows]


def mark_readings(facts: Facts, known: Names, span: Span) -> tuple[list[Piece], list[Piece]]:
    """What was read of marks, by time."""
    expected = [
        Piece((MARK_RESULTS.index(result), read, station, operator, _at(at)), units, since, until)
        for fact, units, since, until in facts.pieces(MARK_READING, *span)
        for _, read, result, station, operator, at in [fact.values]
    ]
    sql = (
        "SELECT unit, result, read, station, operator, happened_at, entry, until_entry FROM production_mark_reading "
        "WHERE tenant = %s AND unit >= %s AND unit < %s"
    )
    found = [
        Piece((result, read, known.floor_name("station", station), operator, at), BitMap([unit]), since, until)
        for unit, result, read, station, operator, at, since, until in reading.fetch(sql, (facts.tenant, *span))
    ]
    return expected, found


Check = Callable[[Facts, Names, Span], tuple[list[Piece], list[Piece]]]
UNIT_TABLES: dict[str, tuple[str, Check]] = {
    "production_unit_name": ("unit", names),
    "production_panel": ("first_unit", panels),
    "production_unit_state": ("first_unit", states),
    "production_material_run": ("first_unit", runs),
    "production_process_run": ("first_unit", processes),
    "production_replacement": ("unit", replacements),
    "production_assembly": ("child", assemblies),
    "production_mark_reading": ("unit", mark_readings),
}
"""Table -> the column that places a row on the axis, and how it is rebuilt over a span of units."""
OFTEN = frozenset({"production_material_run", "production_process_run"})
"""Tables in which two facts, written differently, may say the same of a unit."""
