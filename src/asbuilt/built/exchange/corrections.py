"""corrections.csv -> withdrawals and corrections.

Rows that withdraw are taken together at the end of the file, so that a whole may go row by row in any order; then each row that corrects takes
its fact away and records it with the cells that it gives, `{"package": "P-7"}`, one after the other: a row sees what those before it made. All is
one entry, and every row that cannot be is named. A row recorded before, word for word, is passed over. first_serial and last_serial run along the
axis of one order, both included.
"""

import json
import re

from asbuilt.access.rights import FACT_WITHDRAW
from asbuilt.built.exchange.correcting import FILE, correct_one, stands_so
from asbuilt.built.exchange.resolving import FactFinder, Withdraw
from asbuilt.built.exchange.resting import Taken, refuse_hanging
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
from asbuilt.kernel.errors import AsbuiltError, Invalid, Refused
from asbuilt.kernel.instants import parse_instant
from asbuilt.kernel.spans import Span
from asbuilt.ledger.intake import TableIntake, fact_bytes
from asbuilt.ledger.withdrawals import WITHDRAWAL
from asbuilt.storage.transactions import part_tx

CORRECT = "correct"
CORRECTED_MAX = 1_000  # each is checked against all that stands, while others wait for their turn
CELLS = 7  # the column of the right cells
_ROW = re.compile(rf"^{FILE} line \d+: ")  # where a correction is alone, a warning names its own row


class CorrectionsIntake(TableIntake):
    """Each row withdraws a fact or a span of it, or corrects it."""

    table = "corrections"
    shape = WITHDRAWAL
    actor = None

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.asked: list[tuple[int, Withdraw, bytes]] = []
        self.corrected: list[tuple[int, Withdraw, bytes, dict[str, str]]] = []
        self.seen: dict[bytes, int] = {}

    def take(self, lines, rows):
        """Read the requests; facts are looked up once, at the end."""
        if self.actor is not None:
            self.actor.require(FACT_WITHDRAW)
        ends = [self._ends(lines, rows, column, place) for column, place in (("first_serial", 5), ("last_serial", 6))]
        for line, row, first, last in zip(lines, rows, *ends, strict=True):
            # what withdraws is called as it was before rows could correct
            own = fact_bytes(self.table, row[: CELLS + 1] if row[CELLS] else row[:CELLS])
            if recorded_before(self.tenant, own):
                self.known += 1
            elif own in self.seen:
                reason = f"The same correction stands on line {self.seen[own]} too."
                self.wrong(line, "fact", row[0], "exchange.correction_doubled", reason, "Keep one row.")
            elif self._right(line, row):
                self.seen[own] = line
                span = self._span(line, row, first, last)
                cells = self._cells(line, row)
                if span is not False and cells is not None:
                    asked = Withdraw(row[0], row[2], row[3], parse_instant(row[4]), *(span or (None, None)))
                    if cells:
                        self.corrected.append((line, asked, own, cells))
                    else:
                        self.asked.append((line, asked, own))

    def _ends(self, lines, rows, column: str, place: int) -> list[int | None]:
        given = [n for n, row in enumerate(rows) if row[place]]
        found: list[int | None] = [None] * len(rows)
        if given:
            units = self.units.resolve(
                [lines[n] for n in given], column, [rows[n][place] for n in given], [rows[n][-1] for n in given]
            )
            for n, unit in zip(given, units, strict=True):
                found[n] = unit
        return found

    def _cells(self, line: int, row: tuple) -> dict[str, str] | None:
        """Column to right cell where the row corrects, empty where it withdraws; None where that is wrong."""
        if row[1] != CORRECT and not row[CELLS]:
            return {}
        cells = json.loads(row[CELLS]) if row[CELLS] else {}
        if (
            isinstance(cells, dict)
            and cells
            and row[1] == CORRECT
            and all(isinstance(one, str) for one in cells.values())
        ):
            return cells
        reason = "A row that corrects says each right cell as text, one that withdraws says none."
        remedy = 'Write {"quantity": "500"}, or nothing where the row withdraws.'
        self.wrong(line, "cells", row[CELLS], "exchange.cells_malformed", reason, remedy)
        return None

    def _right(self, line: int, row: tuple) -> bool:
        if len(self.asked) == ROWS_MAX or len(self.corrected) == CORRECTED_MAX:
            said = f"{self.file} has more than {ROWS_MAX:,} withdrawals or {CORRECTED_MAX:,} corrections."
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
        """Find the facts, name every row that is wrong, withdraw those together, then correct these."""
        if not (self.asked or self.corrected) or self.errors.total:
            return
        # one look for all of the file: each goes through the ids of all that was ever recorded
        finder = FactFinder(self.tenant, {row[1].fact for row in (*self.asked, *self.corrected)})
        chosen = self._chosen(finder)
        if self.errors.total:
            return
        refuse_doubled(chosen)
        taken = take_away(self.entry, chosen) if chosen else Taken()
        self.stored += len(chosen)
        for row in self.corrected:
            chosen += self._correct(finder, row, taken)
        if chosen and not self.errors.total:
            finish(self.entry, chosen, taken)

    def _chosen(self, finder: FactFinder) -> list:
        chosen = []
        for line, asked, own in self.asked:
            try:
                found = finder.choose(asked, own)
                if self.actor is not None:
                    refuse_undoing(self.actor, deciding_rows(self.tenant, found))
                chosen += found
            except AsbuiltError as refusal:
                self.wrong(line, "fact", asked.fact, refusal.code, refusal.message, refusal.remedy)
        return chosen

    def _correct(self, finder: FactFinder, row: tuple[int, Withdraw, bytes, dict[str, str]], taken: Taken) -> list:
        """What one row took away; nothing where it is wrong, or says what another row of the file brought along."""
        line, asked, own, cells = row
        warnings: list[str] = []
        self.entry.readable()
        try:
            with part_tx():
                found = finder.choose(asked, own)
                if len(found) != 1:
                    raise _several(asked.fact, len(found))
                done = correct_one(self.actor, self.entry, found[0], cells, warnings, images=self.images)
                refuse_hanging(self.tenant, done.taken)
        except AsbuiltError as refusal:
            if refusal.code == "exchange.withdrawn_before" and stands_so(self.tenant, asked.fact, cells):
                self.known += 1
            else:
                self._refused(line, asked, refusal)
            return []
        taken.holes |= done.taken.holes
        taken.boms |= done.taken.boms
        self.stored += 1
        for warning in warnings:
            self.warn(f"{self.file} line {line}: {_ROW.sub('', warning)}")
        return done.gone

    def _refused(self, line: int, asked: Withdraw, refusal: AsbuiltError) -> None:
        rows = getattr(refusal, "rows", ())
        for one in rows:
            self.wrong(line, one.column or "cells", one.value, one.code, one.reason, one.remedy)
        if not rows:
            self.wrong(line, "fact", asked.fact, refusal.code, refusal.message, refusal.remedy)


def _several(fact: str, count: int) -> Refused:
    return Refused(
        "exchange.correct_one",
        f"{fact} names {count} equal rows.",
        {"fact": fact},
        "Correct one unit at a time.",
    )
