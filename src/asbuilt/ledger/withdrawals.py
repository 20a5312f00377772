"""Withdrawals: a fact, or a span of it, that no longer stands from an entry on.

The withdrawal is a fact of its own, of the shape below; `ledger_withdrawal` is its projection, which questions read. A
whole fact is withdrawn with units 0 to 0. Nothing is deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from asbuilt.kernel.canonical import row_text
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.ledger.shapes import Shape
from asbuilt.storage import bulk

WITHDRAWAL = Shape(
    "ledger.withdrawal/1",
    90,
    ("fact", "fact_entry", "fact_shape", "fact_row", "first_unit", "until_unit", "reason", "person", "decided_at"),
)
COLUMNS = ("tenant", "fact", "entry", "first_unit", "until_unit", "fact_entry", "fact_row", "shape", "decided_at")


@dataclass(frozen=True)
class Withdrawn:
    """A fact and its id (16 hex digits), a span of it or 0 to 0, why, by whom (tenant-local number), when decided."""

    fact: FactRow
    fact_id: str
    first_unit: int
    until_unit: int
    reason: str
    person: str | int | None
    decided_at: int | None
    own_id: bytes  # the eight bytes of the correction's own fact id


def withdraw_facts(entry: Entry, withdrawn: Sequence[Withdrawn]) -> int:
    """Record the withdrawals in the entry and put them where questions look; returns the row number of the first."""
    texts, rows = [], []
    for one in withdrawn:
        fact, span = one.fact, (one.first_unit, one.until_unit)
        values = (one.fact_id, fact.entry, fact.shape, fact.row, *span, one.reason, one.person, one.decided_at)
        texts.append(row_text(values))
        rows.append(projection(entry.tenant, entry.number, values))
    first = entry.facts(WITHDRAWAL).add(texts, [one.own_id for one in withdrawn])
    bulk.insert_rows("ledger_withdrawal", COLUMNS, rows)
    return first


def projection(tenant: int, entry: int, values: Sequence) -> tuple:
    """The row of `ledger_withdrawal` that a withdrawal recorded by this entry gives."""
    fact, fact_entry, shape, row, first, until, _, _, decided_at = values
    return (tenant, bytes.fromhex(fact), entry, first, until, fact_entry, row, shape, decided_at)
