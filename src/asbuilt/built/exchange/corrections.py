"""corrections.csv -> withdrawals.

Rows are taken together at the end of the file, so that a whole may go row by row in any order. A row recorded before,
word for word, is passed over. first_serial and last_serial run along the axis of one order, both included.
"""

from asbuilt.access.rights import FACT_WITHDRAW
from asbuilt.built.exchange.resolving import FactFinder, Withdraw
from asbuilt.built.exchange.rows_that_decide import refuse_undoing
from asbuilt.built.exchange.withdrawing import (
    REASON_CHARACTERS_MAX,
    ROWS_MAX,
    deciding_rows,
    finish,
    recorded_before,
    refuse_doubled,
    take_away,
)
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.kernel.errors import AsbuiltError, Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger.intake import TableIntake, fact_bytes
from asbuilt.ledger.withdrawals import WITHDRAWAL

FACT_CELLS = 7


class CorrectionsIntake(TableIntake):
    """Each row withdraws a fact or a span of it."""

    table = "corrections"
    shape = WITHDRAWAL
    actor = None

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.asked: list[tuple[int, Withdraw, bytes]] = []
        self.seen: dict[bytes, int] = {}

    def take(self, lines, rows):
        """Read the requests; facts are looked up once, at the end."""
        if self.actor is not None:
            self.actor.require(FACT_WITHDRAW)
        ends = [self._ends(lines, rows, column, place) for column, place in (("first_serial", 5), ("last_serial", 6))]
        for line, row, first, last in zip(lines, rows, *ends, strict=True):
            own = fact_bytes(self.table, row[:FACT_CELLS])
            if recorded_before(self.tenant, own):
                self.known += 1
            elif own in self.seen:
                reason = f"The same correction stands on line {self.seen[own]} too."
                self.wrong(line, "fact", row[0], "exchange.correction_doubled", reason, "Keep one row.")
            elif self._right(line, row):
                self.seen[own] = line
                span = self._span(line, row, first, last)
                if span is not False:
                    asked = Withdraw(row[0], row[2], row[3], parse_instant(row[4]), *(span or (None, None)))
                    self.asked.append((line, asked, own))

    def _ends(self, lines, rows, column: str, place: int) -> list[int | None]:
        given = [n for n, row in enumerate(rows) if row[place]]
        found: list[int | None] = [None] * len(rows)
        if given:
            units = self.units.resolve(
                [lines[n] for n in given], column, [rows[n][place] for n in given], [rows[n][7] for n in given]
            )
            for n, unit in zip(given, units, strict=True):
                found[n] = unit
        return found

    def _right(self, line: int, row: tuple) -> bool:
        if len(self.asked) == ROWS_MAX:
            said = f"{self.file} has more than {ROWS_MAX:,} corrections."
            raise Invalid("exchange.too_many_withdrawals", said, remedy="Load it in parts.")
        if len(row[2]) > REASON_CHARACTERS_MAX or not row[2].strip():
            reason = f"A reason has 1 to {REASON_CHARACTERS_MAX:,} characters."
            self.wrong(line, "reason", row[2], "exchange.reason_missing", reason, "Say why the fact is wrong.")
            return False
        if len(row[3]) > 120:
            reason = "has more than 120 characters"
            self.wrong(line, "person", row[3], "tables.cell_too_long", reason, "Give the badge or login code.")
            return False
        return True

    def _span(self, line: int, row: tuple, first: int | None, last: int | None) -> Span | None | bool:
        if not row[5]:
            return None
        if first is None or last is None:
            return False
        orders = self.units.spans.orders
        order = orders.of_unit(first)
        if last < first:
            reason = f"The span runs backwards from {row[5]} to {row[6]}."
            remedy = "Give the first unit along the order first."
            self.wrong(line, "last_serial", row[6], "production.span_backwards", reason, remedy)
            return False
        if order is None or not order.holds(first, last + 1):
            reason = f"The span from {row[5]} to {row[6]} leaves its order."
            remedy = "Make one row for each order."
            self.wrong(line, "last_serial", row[6], "production.span_outside_order", reason, remedy)
            return False
        return first, last + 1

    def finish(self):
        """Find the facts, name every row that is wrong, then withdraw them together."""
        if not self.asked or self.errors.total:
            return
        finder = FactFinder(self.tenant, {asked.fact for _, asked, _ in self.asked})
        chosen = []
        for line, asked, own in self.asked:
            try:
                found = finder.choose(asked, own)
                if self.actor is not None:
                    refuse_undoing(self.actor, deciding_rows(self.tenant, found))
                chosen += found
            except AsbuiltError as refusal:
                self.wrong(line, "fact", asked.fact, refusal.code, refusal.message, refusal.remedy)
        if self.errors.total:
            return
        refuse_doubled(chosen)
        finish(self.entry, chosen, take_away(self.entry, chosen))
        self.stored += len(chosen)
