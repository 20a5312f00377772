"""holds.csv -> holds placed and lifted, row by row in the order of the file.

A row that places says what is held: a lot by all that names it, a span of units, or a question; several rows of one code are
one hold. A row that lifts names the hold, and units where only those go free. Nothing is lifted that does not stand. A row that allows says
what work the hold lets through: a release, a step, or the question whose units are done.
"""

from asbuilt.access.people import People
from asbuilt.built.production.events import HOLD
from asbuilt.built.production.holds import (
    ACTIONS,
    ALLOW,
    ALLOWED,
    DONE,
    HOLDS_BY_QUESTION_MAX,
    KINDS,
    LIFT,
    LIFTER,
    LOT,
    PLACE,
    QUESTION,
    RELEASE,
    STEP,
    UNITS,
    WHOLE,
    mark_lifted,
    questions_open,
    release_of,
)
from asbuilt.built.production.question_checks import QUESTION_CHECKS
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.supply.queries import LotFinder
from asbuilt.kernel.errors import Invalid
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "number", "code", "action", "kind", "lot", "first_unit", "until_unit", "question", "silent", "lifted_by",
    "reason", "person", "decided_at", "entry",
)  # fmt: skip
FACT_CELLS = 16
REASON_CHARACTERS_MAX = 2_000
_KINDS_OF = {PLACE: (LOT, UNITS, QUESTION), LIFT: (WHOLE, UNITS), ALLOW: ALLOWED}
CODE_CHARACTERS_MAX = 200


class HoldsIntake(TableIntake):
    """Each row places a part of a hold or lifts it. `person` stands where a row names nobody (a verb: who acts)."""

    table = "holds"
    shape = HOLD

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.people = People(self.tenant, self.entry.number)
        self.lots = LotFinder(self.tenant)
        last = reading.fetch_one("SELECT max(number) FROM production_hold WHERE tenant = %s", (self.tenant,))
        self.last_number = last[0] or 0
        self.state: dict[str, tuple[bool, bool, bool]] = {}  # code -> placed, by question, lifted
        self.by_question: int | None = None
        self.codes: list[str] = []

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row[:FACT_CELLS]) for row in rows]
        before = self.ids_known(ids)
        self._load({row[0] for row in rows})
        firsts, lasts = (
            self._ends(lines, rows, column, place) for column, place in (("first_serial", 8), ("last_serial", 9))
        )
        written, texts, taken, ends = [], [], [], []
        for line, row, fact, first, last in zip(lines, rows, ids, firsts, lasts, strict=True):
            if fact in before:
                self.known += 1
                continue
            said = self._said(line, row, first, last)
            if said is None:
                continue
            lot, span, lifted_by = said
            person = self.people.number(row[14]) or self.person
            self.last_number += 1
            written.append((
                self.tenant, self.last_number, row[0], ACTIONS[row[1]], KINDS[row[2]], lot, *span, row[10],
                int(row[11] == "true"), lifted_by, row[13], person, parse_instant(row[15]), self.entry.number,
            ))  # fmt: skip
            texts.append(row_text([*row[:8], *span, *row[10:14], person, row[15]]))
            taken.append(fact)
            ends += [end for end in span if end is not None]
            before.add(fact)
        self.commit(texts, taken, *((min(ends), max(ends)) if ends else (None, None)))
        bulk.insert_rows("production_hold", COLUMNS, written)
        mark_lifted(self.tenant, {row[2] for row in written})

    def _load(self, codes: set[str]) -> None:
        wanted = sorted(codes - set(self.state))
        sql = (
            "SELECT code, max(CASE WHEN action = %s THEN 1 ELSE 0 END), max(CASE WHEN kind = %s THEN 1 ELSE 0 END), "
            "max(CASE WHEN action = %s AND kind = %s THEN 1 ELSE 0 END) FROM production_hold WHERE tenant = %s "
            "AND until_entry IS NULL AND " + reading.any_of("code", "text") + " GROUP BY code"
        )
        params = (PLACE, QUESTION, LIFT, WHOLE, self.tenant, reading.list_param(wanted))
        for code, *said in reading.fetch(sql, params):
            self.state[code] = tuple(map(bool, said))

    def _ends(self, lines, rows, column: str, place: int) -> list[int | None]:
        given = [n for n, row in enumerate(rows) if row[place]]
        found: list[int | None] = [None] * len(rows)
        if given:
            texts, products = [rows[n][place] for n in given], [rows[n][16] for n in given]
            units = self.units.resolve([lines[n] for n in given], column, texts, products)
            for n, unit in zip(given, units, strict=True):
                found[n] = unit
        return found

    def _said(self, line, row, first, last) -> tuple | None:
        """(lot, span, role that may lift) of a row, or None after naming what is wrong."""
        action, kind = ACTIONS[row[1]], KINDS[row[2]]
        if not row[13].strip() or len(row[13]) > REASON_CHARACTERS_MAX or len(row[0]) > CODE_CHARACTERS_MAX:
            reason = f"A hold has a code of up to {CODE_CHARACTERS_MAX} characters and a reason of up to {REASON_CHARACTERS_MAX:,}."
            return self.wrong(line, "reason", row[13], "production.hold_reason", reason, "Say why, in a sentence.")
        placed, by_question, lifted = self.state.get(row[0], (False, False, False))
        if lifted and not (self.anew and action != LIFT):
            reason, remedy = f"Hold {row[0]} is lifted already.", "Place a new one with a code of its own."
            return self.wrong(line, "hold", row[0], "production.hold_lifted", reason, remedy)
        if action != PLACE and not placed:
            reason = f"There is no hold {row[0]}."
            return self.wrong(line, "hold", row[0], "production.hold_unknown", reason, self._near(row[0]))
        if kind not in _KINDS_OF[action]:
            reason = f"A row with action {row[1]} does not go with kind {row[2] or '(empty)'}."
            remedy = "To place, say lot, units or question; to lift, leave it empty, or say units; to allow, say release, step or done."
            return self.wrong(line, "kind", row[2], "production.hold_kind", reason, remedy)
        span = self._span(line, row, first, last) if kind == UNITS else (None, None)
        lot = self._lot(line, row) if kind == LOT else None
        if (
            span is None
            or (kind == LOT and lot is None)
            or (kind == QUESTION and not self._asks(line, row, by_question))
            or (action == ALLOW and not self._allows(line, row, kind))
        ):
            return None
        self.state[row[0]] = (True, by_question or kind == QUESTION, lifted or (action == LIFT and kind == WHOLE))
        return lot, span, row[12] or LIFTER

    def _near(self, code: str) -> str:
        if not self.codes:
            sql = "SELECT DISTINCT code FROM production_hold WHERE tenant = %s AND until_entry IS NULL"
            self.codes = [found for (found,) in reading.fetch(sql, (self.tenant,))]
        return self.units.spans.nearest(code, self.codes) or "Place it in an earlier row."

    def _span(self, line, row, first, last) -> tuple[int, int] | None:
        if not row[8]:
            reason = "A hold on units names none."
            return self.wrong(
                line, "first_serial", "", "production.serial_missing", reason, "Write first and last unit."
            )
        if first is None or last is None:
            return None
        order = self.units.spans.orders.of_unit(first)
        if last < first:
            reason = f"The span runs backwards from {row[8]} to {row[9]}."
            remedy = "Give the first unit along the order first."
            return self.wrong(line, "last_serial", row[9], "production.span_backwards", reason, remedy)
        if order is None or not order.holds(first, last + 1):
            reason = f"The span from {row[8]} to {row[9]} leaves its order."
            return self.wrong(
                line, "last_serial", row[9], "production.span_outside_order", reason, "Make one row for each order."
            )
        return first, last + 1

    def _lot(self, line, row) -> int | None:
        found = self.lots.find(*row[3:8])
        if found is None:
            reason, remedy = (
                f"There is no lot {row[6] or '(empty)'} so described.",
                "Write its five cells as in lots.csv.",
            )
            self.wrong(line, "lot_code", row[6], "supply.lot_unknown", reason, remedy)
        return found

    def _allows(self, line, row, kind: int) -> bool:
        """Whether the row says what is let through."""
        if kind == DONE:
            return self._can_be_asked(line, row)
        try:
            if kind == RELEASE:
                release_of(row[10])
        except ValueError:
            reason = "This names no release."
            remedy = 'Write ["PRODUCT", "app", "2.3.2", "SHA-256 in hex"].'
            self.wrong(line, "question", row[10], "production.hold_release", reason, remedy)
            return False
        if kind == STEP and not 1 <= len(row[10].strip()) <= CODE_CHARACTERS_MAX:
            reason = f"A step has a name of up to {CODE_CHARACTERS_MAX} characters."
            self.wrong(line, "question", row[10], "production.hold_step", reason, "Write the step of the route.")
            return False
        return True

    def _asks(self, line, row, by_question: bool) -> bool:
        if not self._can_be_asked(line, row):
            return False
        if not by_question:
            if self.by_question is None:
                self.by_question = questions_open(self.tenant)
            self.by_question += 1
        if (self.by_question or 0) > HOLDS_BY_QUESTION_MAX:
            reason = f"{HOLDS_BY_QUESTION_MAX} holds by question are open; that is the most."
            self.wrong(line, "question", row[10], "production.holds_by_question", reason, "Lift one, or hold units.")
            return False
        return True

    def _can_be_asked(self, line, row) -> bool:
        if not row[10].strip():
            reason = "A hold by question has no question."
            self.wrong(line, "question", "", "production.hold_question", reason, "Write the question.")
            return False
        try:
            for check in QUESTION_CHECKS.values():
                check(row[10])
        except Invalid as refusal:
            self.wrong(line, "question", row[10], refusal.code, refusal.message, refusal.remedy)
            return False
        return True
