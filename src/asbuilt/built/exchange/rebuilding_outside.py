"""Rebuilding what left for subcontractors and what came back, and units of nonconformities, order by order."""

from collections.abc import Iterator

from pyroaring import BitMap

from asbuilt.built.exchange.rebuilding_names import Names
from asbuilt.built.exchange.standing_compared import Piece
from asbuilt.built.production.events import SENT_OUT, TAKEN_BACK
from asbuilt.built.production.withdraw_outside import BACK, SENT
from asbuilt.built.quality.events import NONCONFORMITY_UNITS
from asbuilt.built.quality.withdraw_nonconformities import UNITS
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span
from asbuilt.storage import reading

Sides = tuple[list[Piece], list[Piece]]


def sent_out(facts, known: Names, span: Span) -> Sides:
    """What left: note, party, step, how, by whom, when."""
    expected = []
    for fact, units, since, until in facts.pieces(SENT_OUT.name, *span):
        _, _, note, _, party, step, side, transport, operator, at = fact.values
        place = (note, known.party(party, fact.entry), step, side, transport, operator, parse_instant(at))
        expected.append(Piece(place, units, since, until))
    return expected, list(_found(facts.tenant, "production_sent_out", SENT, span))


def taken_back(facts, known: Names, span: Span) -> Sides:
    """What came back: note, how the step ended, when it was done, when it came."""
    expected = []
    for fact, units, since, until in facts.pieces(TAKEN_BACK.name, *span):
        _, _, note, _, result, started, finished, operator, at = fact.values
        place = (note, result, parse_instant(started), parse_instant(finished), operator, parse_instant(at))
        expected.append(Piece(place, units, since, until))
    return expected, list(_found(facts.tenant, "production_taken_back", BACK, span))


def nonconforming(facts, known: Names, span: Span) -> Sides:
    """Units of nonconformities and of their dispositions."""
    expected = []
    for fact, units, since, until in facts.pieces(NONCONFORMITY_UNITS.name, *span):
        _, _, code, _, disposition, operator, at = fact.values
        expected.append(Piece((code, disposition, operator, parse_instant(at)), units, since, until))
    return expected, list(_found(facts.tenant, "quality_nonconformity_unit", UNITS, span))


def _found(tenant: int, table: str, columns: tuple[str, ...], span: Span) -> Iterator[Piece]:
    sql = (
        f"SELECT {', '.join(columns)}, first_unit, until_unit, entry, until_entry FROM {table} WHERE tenant = %s "
        "AND first_unit >= %s AND first_unit < %s"
    )
    for *place, first, end, since, until in reading.fetch(sql, (tenant, *span)):
        yield Piece(tuple(place), BitMap(range(first, max(first, end))), since, until)


OUTSIDE_TABLES = {
    "production_sent_out": ("first_unit", sent_out),
    "production_taken_back": ("first_unit", taken_back),
    "quality_nonconformity_unit": ("first_unit", nonconforming),
}
