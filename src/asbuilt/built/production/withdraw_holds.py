"""Withdrawing rows of holds: what was placed never stood, what was lifted stands again, from that entry on."""

from collections.abc import Sequence

from asbuilt.built.production.holds import ACTIONS, KINDS, PLACE, mark_lifted
from asbuilt.built.supply.queries import LotFinder
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

_KEPT = ("code", "action", "kind", "lot", "question", "silent", "lifted_by", "reason", "person", "decided_at")


def withdraw_holds(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> set[str]:
    """Close these rows, or the units of them that go; returns the codes of holds that lost a row that placed them."""
    codes = set()
    for fact, spans in gone:
        _close(entry, fact, spans)
        if ACTIONS[fact.values[1]] == PLACE:
            codes.add(fact.values[0])
    mark_lifted(entry.tenant, {fact.values[0] for fact, _ in gone})
    return codes


def _close(entry: Entry, fact: FactRow, spans: list[Span]) -> None:
    code, action, kind, *_, first, until, question, silent, _, reason, person, at = fact.values
    sql = (
        f"SELECT number, first_unit, until_unit, {', '.join(_KEPT)} FROM production_hold WHERE tenant = %s AND code = %s "
        "AND action = %s AND kind = %s AND entry >= %s AND until_entry IS NULL AND question = %s AND silent = %s "
        "AND reason = %s AND coalesce(person, 0) = %s AND decided_at = %s"
    )
    said = (
        code,
        ACTIONS[action],
        KINDS[kind],
        fact.entry,
        question,
        int(silent == "true"),
        reason,
        person or 0,
        parse_instant(at),
    )
    found = reading.fetch(sql, (entry.tenant, *said))
    if first is not None:
        found = [row for row in found if first <= row[1] and row[2] <= until]
    else:
        lot = LotFinder(entry.tenant).find(*fact.values[3:8]) if kind == "lot" else None
        found = [row for row in found if row[1] is None and row[6] == lot][:1]
    leaving = bitmap_of(spans)
    number = (
        reading.fetch_one("SELECT max(number) FROM production_hold WHERE tenant = %s", (entry.tenant,))[0] or 0
    ) + 1
    for old, low, high, *kept in found:
        left = spans_of(bitmap_of([(low, high)]) - leaving) if low is not None else []
        if low is not None and left == [(low, high)]:
            continue
        sql = "UPDATE production_hold SET until_entry = %s WHERE tenant = %s AND number = %s"
        bulk.run(sql, (entry.number, entry.tenant, old))
        rows = [(entry.tenant, number + n, *span, entry.number, *kept) for n, span in enumerate(left)]
        bulk.insert_rows("production_hold", ("tenant", "number", "first_unit", "until_unit", "entry", *_KEPT), rows)
        number += len(rows)


def placed_no_more(tenant: int, codes: set[str]) -> list[str]:
    """Those of the codes that rows still lift though nothing places them any more. One statement."""
    sql = (
        "SELECT DISTINCT w.code FROM production_hold w WHERE w.tenant = %s AND w.action = 2 AND w.until_entry IS NULL AND "
        "NOT EXISTS (SELECT 1 FROM production_hold p WHERE p.tenant = w.tenant AND p.code = w.code AND p.action = 1 "
        "AND p.until_entry IS NULL) AND "
    ) + reading.any_of("w.code", "text")
    return [code for (code,) in reading.fetch(sql, (tenant, reading.list_param(sorted(codes))))] if codes else []
