"""Withdrawing what units.csv and names.csv said of units: names, panels, states.

A name goes only where no standing fact gives it any more. A panel row that loses a unit parts around it. What state a unit
is in is counted anew from the facts that stand: stated ones win, and a unit to which something happened has begun.
"""

from collections.abc import Iterable, Iterator, Sequence

from pyroaring import BitMap

from asbuilt.built.production.events import NAME, PANEL, UNIT
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.intake.names import SERIAL_KINDS
from asbuilt.built.production.intake.panels import skipped_units
from asbuilt.built.production.intake.units import STATES, UNNAMED
from asbuilt.built.production.orders import SERIAL
from asbuilt.built.production.states import BEGUN, BUILT, SCRAPPED, SKIPPED
from asbuilt.built.production.stating import COLUMNS as STATE_COLUMNS
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow, facts_of_units, standing
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

GAP_JOINED = 10_000
PANEL_COLUMNS = ("tenant", "first_unit", "until_unit", "code", "positions", "entry")
Name = tuple[int, int, str, int]  # unit, kind, value, when it was given (by units.csv: never)
NEVER = -(2**62)


def near_spans(units: BitMap) -> list[Span]:
    """The spans of the units, near ones joined: few looks at the axis."""
    joined: list[list[int]] = []
    for first, until in spans_of(units):
        if joined and first - joined[-1][1] < GAP_JOINED:
            joined[-1][1] = until
        else:
            joined.append([first, until])
    return [(first, until) for first, until in joined]


def standing_over(tenant: int, units: BitMap, shapes: Sequence[str]) -> Iterator[tuple[FactRow, list[Span]]]:
    """Facts of these shapes that stand and speak of units near these, with their spans; some perhaps twice."""
    for first, until in near_spans(units):
        yield from standing(tenant, facts_of_units(tenant, first, until, shapes))


def names_said(tenant: int, facts: Iterable[FactRow]) -> set[Name]:
    """The names that facts of units.csv and names.csv give."""
    kinds = FloorNames(tenant).known("name")
    said: set[Name] = set()
    for fact in facts:
        if fact.shape == UNIT.name:
            if fact.values[2] != UNNAMED:
                said.add((fact.values[0], SERIAL, fact.values[2], NEVER))
            continue
        unit, kind, value, given = fact.values[:4]
        said.add((unit, SERIAL if kind.lower() in SERIAL_KINDS else kinds[kind], value, parse_instant(given)))
    return said


def withdraw_names(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Close the names that these facts of units.csv or names.csv gave; returns the units. Record withdrawals first."""
    gone = names_said(entry.tenant, facts)
    units = BitMap(unit for unit, *_ in gone)
    if units:
        left = (fact for fact, _ in standing_over(entry.tenant, units, [UNIT.name, NAME.name]))
        gone -= names_said(entry.tenant, left)
    sql = (
        "UPDATE production_unit_name SET until_entry = %s WHERE tenant = %s AND unit = %s AND kind = %s AND value = %s "
        f"AND coalesce(from_at, {NEVER}) = %s AND until_entry IS NULL"
    )
    bulk.run_many(sql, [(entry.number, entry.tenant, *name) for name in sorted(gone)])
    return units


def withdraw_panels(entry: Entry, units: BitMap) -> None:
    """Take these units off their panels."""
    sql = (
        "SELECT first_unit, until_unit, code, positions, entry FROM production_panel WHERE tenant = %s AND first_unit < %s "
        "AND until_unit > %s AND until_entry IS NULL"
    )
    closed, left = [], []
    for low, high in near_spans(units):
        for first, until, code, positions, since in reading.fetch(sql, (entry.tenant, high, low)):
            kept = BitMap(range(first, until)) - units
            if len(kept) == until - first:
                continue
            names = positions.split("\n") if positions is not None else [str(n + 1) for n in range(until - first)]
            closed.append((entry.number, entry.tenant, first, since))
            left += [
                (entry.tenant, start, end, code, _positions(names[start - first : end - first]), entry.number)
                for start, end in spans_of(kept)
            ]
    sql = "UPDATE production_panel SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND entry = %s"
    bulk.run_many(sql, closed)
    bulk.insert_rows("production_panel", PANEL_COLUMNS, left)


def _positions(names: list[str]) -> str | None:
    return None if names == [str(n + 1) for n in range(len(names))] else "\n".join(names)


def restate_states(entry: Entry, units: BitMap, happened: BitMap) -> None:
    """Count the states of these units anew; `happened` holds those to which something happened, by the facts that stand."""
    if not units:
        return
    stated = {state: BitMap() for state in (BUILT, SCRAPPED, SKIPPED)}
    for fact, _ in standing_over(entry.tenant, units, [UNIT.name]):
        state = STATES[fact.values[5]]
        if state and fact.values[0] in units:
            stated[state].add(fact.values[0])
    for fact, spans in standing_over(entry.tenant, units, [PANEL.name]):
        stated[SKIPPED] |= skipped_units(fact.values) & bitmap_of(spans) & units
    rows = _states_over(entry.tenant, units)
    begun = bitmap_of(span for span, state, _ in rows if state == BEGUN)
    unstated = units - stated[BUILT] - stated[SCRAPPED] - stated[SKIPPED]
    wanted = {**stated, BEGUN: units & happened & (begun | unstated)}
    closed, written = [], []
    for state, should in wanted.items():
        there = BitMap()
        for (first, until), of, since in rows:
            if of != state:
                continue
            span = BitMap(range(first, until))
            kept = span - (units - should)
            if len(kept) < len(span):
                closed.append((entry.number, entry.tenant, first, state, since))
                written += [(low, high, state) for low, high in spans_of(kept)]
            there |= kept
        written += [(low, high, state) for low, high in spans_of(should - there)]
    sql = "UPDATE production_unit_state SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND state = %s AND entry = %s"
    bulk.run_many(sql, closed)
    for state in wanted:
        spans = _inside_blocks(entry.tenant, sorted((low, high) for low, high, of in written if of == state))
        bulk.insert_rows(
            "production_unit_state", STATE_COLUMNS, [(entry.tenant, *s, state, entry.number) for s in spans]
        )


def _states_over(tenant: int, units: BitMap) -> list[tuple[Span, int, int]]:
    sql = (
        "SELECT first_unit, until_unit, state, entry FROM production_unit_state WHERE tenant = %s AND first_unit < %s "
        "AND until_unit > %s AND until_entry IS NULL"
    )
    found = set()
    for low, high in near_spans(units):
        found.update(((row[0], row[1]), row[2], row[3]) for row in reading.fetch(sql, (tenant, high, low)))
    return sorted(found)


def _inside_blocks(tenant: int, spans: list[Span]) -> list[Span]:
    """The spans, none of which leaves a block that stands: readers find rows by where they begin."""
    if not spans:
        return []
    sql = (
        "SELECT first_unit, until_unit FROM production_block WHERE tenant = %s AND first_unit < %s AND until_unit > %s "
        "AND until_entry IS NULL ORDER BY first_unit"
    )
    blocks = reading.fetch(sql, (tenant, max(until for _, until in spans), spans[0][0]))
    found = [
        (max(first, low), min(until, high))
        for first, until in spans
        for low, high in blocks
        if low < until and first < high
    ]
    return found
