"""Find recorded facts of a table by what their rows say, to withdraw or correct them.

    find_facts(actor, "parties", "Distribtor")   -> the facts that stand and hold this text, in the order of recording

What a row says of units stands in it by their numbers: facts of a unit, an order or a lot are found there. Refused: a table that is none.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.built.exchange.fact_cells import FactCells
from asbuilt.built.exchange.intakes import INTAKES
from asbuilt.formats.nearest import did_you_mean
from asbuilt.formats.tables import TABLES
from asbuilt.kernel.errors import NotFound
from asbuilt.kernel.spans import Span
from asbuilt.ledger.facts import FactRow, fact_id, segment_texts, standing
from asbuilt.storage import reading

FACTS_SHOWN = 100
READ_MAX = 50_000  # rows looked at in one call; the next one goes on behind them
Place = tuple[int, int]  # entry, row


@dataclass(frozen=True)
class FoundFact:
    """A fact that stands: its id, where it was recorded, its row, the spans of units it spoke of and those it still speaks of."""

    fact: str
    table: str
    entry: int
    row: int
    cells: dict[str, str]
    units: list[Span]
    units_standing: list[Span]


@dataclass(frozen=True)
class FactsFound:
    """Facts in the order of recording; `after` is where to go on, None where all was looked at."""

    facts: list[FoundFact]
    after: Place | None


def find_facts(
    actor: Actor, table: str, holding: str = "", *, after: Place | None = None, most: int = FACTS_SHOWN
) -> FactsFound:
    """The facts of a table that stand and hold a text, whatever its case, behind a place. NotFound: no such table, or a party's reader."""
    actor.require(RECORD_READ)
    if table not in INTAKES or actor.party is not None:
        remedy = did_you_mean(table, INTAKES) or "Name a table such as parties."
        raise NotFound(
            "exchange.facts_table_unknown", f"There is no table {table[:40]}.", {"table": table[:40]}, remedy
        )
    wanted = json.dumps(holding, ensure_ascii=False)[1:-1].casefold()
    found: list[FoundFact] = []
    read = 0
    with reading.snapshot():
        cells = FactCells(actor.tenant)
        for rows in _segments(actor.tenant, table, after):
            fitting = [one for one in rows if wanted in one.text.decode().casefold()]
            for fact, spans in standing(actor.tenant, fitting):
                if len(found) == most:
                    return FactsFound(found, (found[-1].entry, found[-1].row))
                found.append(_found(actor.tenant, table, cells, fact, spans))
            read += len(rows)
            if read >= READ_MAX:
                return FactsFound(found, (rows[-1].entry, rows[-1].row))
    return FactsFound(found, None)


def _segments(tenant: int, table: str, after: Place | None) -> Iterator[list[FactRow]]:
    """The rows of a table behind a place, a segment at a time, in the order of recording."""
    sql = "SELECT entry, first_row, shape FROM ledger_segment WHERE tenant = %s AND entry >= %s AND "
    listed = reading.fetch(
        sql + reading.any_of("shape", "text"), (tenant, (after or (0, 0))[0], reading.list_param(_shapes(table)))
    )
    for rows in _opened(tenant, listed):
        if rows := [one for one in rows if after is None or (one.entry, one.row) > after]:
            yield rows


def facts_in(tenant: int, table: str, entries: Iterable[int]) -> Iterator[FactRow]:
    """The rows of a table that these entries recorded, whether they stand or not."""
    sql = f"SELECT entry, first_row, shape FROM ledger_segment WHERE tenant = %s AND {reading.any_of('entry')} AND "
    wanted = (tenant, reading.list_param(sorted(set(entries))), reading.list_param(_shapes(table)))
    for rows in _opened(tenant, reading.fetch(sql + reading.any_of("shape", "text"), wanted)):
        yield from rows


def _shapes(table: str) -> list[str]:
    intake = INTAKES[table]
    return [shape.name for shape in (intake.shape, *intake.older)]


def _opened(tenant: int, listed: Iterable[tuple[int, int, str]]) -> Iterator[list[FactRow]]:
    body = "SELECT body FROM ledger_segment WHERE tenant = %s AND entry = %s AND shape = %s AND first_row = %s"
    for entry, first, shape in sorted(listed):
        texts = segment_texts(reading.fetch_one(body, (tenant, entry, shape, first))[0])
        yield [FactRow(entry, shape, row, text, tuple(json.loads(text))) for row, text in enumerate(texts, first)]


def _found(tenant: int, table: str, cells: FactCells, fact: FactRow, spans: list[Span]) -> FoundFact:
    row = next(iter(cells.rows([(fact, fact.units)])))
    said = dict(zip(TABLES[table].columns, row, strict=True))
    return FoundFact(
        fact_id(tenant, fact.entry, fact.shape, fact.row), table, fact.entry, fact.row, said, fact.units, spans
    )
