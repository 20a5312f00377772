"""Withdrawing units of a nonconformity: the row is closed; where only a part of a span goes, the rest stands anew from that entry
on. And what would be left hanging when a nonconformity goes."""

from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from asbuilt.built.quality.kept_nonconformities import KEPT
from asbuilt.kernel.spans import Span, bitmap_of, spans_of
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk, reading

UNITS = ("nonconformity", "disposition", "operator", "stated_at")
_TABLE = "quality_nonconformity_unit"


def withdraw_units(entry: Entry, gone: Sequence[tuple[FactRow, list[Span]]]) -> None:
    """From this entry on these units are not in these nonconformities, or not in these dispositions."""
    leaving: dict[tuple[str, str], BitMap] = {}
    for fact, spans in gone:
        code, _, disposition = fact.values[2:5]
        leaving[code, disposition] = leaving.get((code, disposition), BitMap()) | bitmap_of(spans)
    for (code, disposition), units in leaving.items():
        _cut(entry, code, disposition, units)


def _cut(entry: Entry, code: str, disposition: str, leaving: BitMap) -> None:
    sql = (
        f"SELECT first_unit, until_unit, entry, {', '.join(UNITS)} FROM {_TABLE} WHERE tenant = %s AND nonconformity = %s "
        "AND disposition = %s AND first_unit < %s AND until_unit > %s AND until_entry IS NULL"
    )
    closed, left = [], []
    span = (leaving.max() + 1, leaving.min())
    for low, until, since, *said in reading.fetch(sql, (entry.tenant, code, disposition, *span)):
        rest = BitMap(range(low, until)) - leaving
        if len(rest) == until - low:
            continue
        closed.append((entry.number, entry.tenant, low, code, disposition, since))
        left += [(entry.tenant, a, b, entry.number, *said) for a, b in spans_of(rest)]
    bulk.run_many(
        f"UPDATE {_TABLE} SET until_entry = %s WHERE tenant = %s AND first_unit = %s AND nonconformity = %s "
        "AND disposition = %s AND entry = %s",
        closed,
    )
    bulk.insert_rows(_TABLE, ("tenant", "first_unit", "until_unit", "entry", *UNITS), left)


def without_proposal(tenant: int, codes: Iterable[str]) -> list[str]:
    """Dispositions of these nonconformities that somebody agreed to or approved, and that nobody proposed by the rows that stand."""
    sql = (
        "SELECT DISTINCT t.nonconformity, t.disposition FROM quality_disposition t WHERE t.tenant = %s AND t.step <> 'proposed' "
        "AND t.until_entry IS NULL AND NOT EXISTS (SELECT 1 FROM quality_disposition o WHERE o.tenant = t.tenant AND "
        "o.nonconformity = t.nonconformity AND o.disposition = t.disposition AND o.step = 'proposed' AND o.until_entry IS NULL) AND "
    )
    wanted = (tenant, reading.list_param(sorted(set(codes))))
    rows = reading.fetch(sql + reading.any_of("t.nonconformity", "text"), wanted)
    return sorted(f"{code} {disposition}" for code, disposition in rows)


def without_nonconformity(tenant: int, codes: Iterable[str]) -> dict[str, list[str]]:
    """Exchange table -> those of these codes that do not stand any more and of which it still says something."""
    sql = "SELECT 1 FROM {} WHERE tenant = %s AND nonconformity = %s AND until_entry IS NULL LIMIT 1"
    tables = {name: kept.db_table for name, kept in KEPT.items() if name != "nonconformities"}
    tables["nonconformity_units"] = _TABLE
    found: dict[str, list[str]] = {}
    for code in sorted(set(codes)):
        if not reading.fetch(sql.format("quality_nonconformity"), (tenant, code)):
            for name, table in tables.items():
                if reading.fetch(sql.format(table), (tenant, code)):
                    found.setdefault(name, []).append(code)
    return found
