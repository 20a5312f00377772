"""sent_out.csv, taken_back.csv and outside_papers.csv -> units that left for a subcontractor, came back, and what came with them.

A delivery note has one party, one order and one step, and holds a unit once; it begins with its first row. Refused are a party
that does not exist, a unit that comes back without having left with that note, or twice, or before it left. History is recorded
as it was: units that another note has outside already are a warning.
"""

from abc import abstractmethod

from pyroaring import BitMap

from asbuilt.access.people import People
from asbuilt.built.production import models
from asbuilt.built.production.events import SENT_OUT, TAKEN_BACK
from asbuilt.built.production.intake.kept import ProcessRecordIntake
from asbuilt.built.production.kept import KEPT
from asbuilt.built.production.orders import Orders
from asbuilt.built.production.outside import Line, away, backs_of, lines_of, units_of
from asbuilt.built.production.spans_of_rows import SpanReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.built.production.withdraw_outside import BACK, SENT
from asbuilt.designed.catalog.hints import Hints
from asbuilt.designed.catalog.limits import lengths, refuse_long
from asbuilt.designed.parties.queries import numbers_by_name
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk


class NotesIntake(TableIntake):
    """Base: rows of notes over spans of an order."""

    place_of_span = 0  # of the cell first_serial

    def __init__(self, *args):
        super().__init__(*args)
        self.orders = Orders(self.tenant)
        self.spans = SpanReader(self, self.orders)
        self.people = People(self.tenant, self.entry.number)
        self.lines: dict[str, list[Line]] = {}  # note -> what left with it, by rows that stand and rows of this file

    def sent(self, note: str) -> list[Line]:
        """What left with the note."""
        if note not in self.lines:
            self.lines[note] = lines_of(self.tenant, note)
        return self.lines[note]

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row) for row in rows]
        before = self.ids_known(ids)
        at = self.place_of_span
        units = self.spans.resolve([(row[1], row[at], row[at + 1], "") for row in rows])
        written, texts, taken, low, high = [], [], [], None, None
        for line, row, fact, found in zip(lines, rows, ids, units, strict=True):
            if fact in before:
                self.known += 1
                continue
            order = self.spans.order(line, row[1])
            span = self.spans.check(line, order, row[at], row[at + 1], found) if order else None
            said = self.said(line, row, span) if span else None
            if said is None:
                continue
            text, stored = said
            texts.append(row_text([*span, *text]))
            written.append((self.tenant, *span, self.entry.number, *stored))
            taken.append(fact)
            low, high = min(low or span[0], span[0]), max(high or span[1], span[1])
        self.commit(texts, taken, low, high)
        self.write(written)

    @abstractmethod
    def said(self, line: int, row: tuple, span: tuple[int, int]) -> tuple[list, tuple] | None:
        """The values of the fact behind its span and those of the row, or None after naming what is wrong."""

    @abstractmethod
    def write(self, rows: list[tuple]) -> None:
        """Put them where reads look."""


class SentOutIntake(NotesIntake):
    """Each row is a span of units that left with a delivery note."""

    table = "sent_out"
    shape = SENT_OUT
    place_of_span = 5

    def __init__(self, *args):
        super().__init__(*args)
        self.parties = numbers_by_name(self.tenant)
        self.hints = Hints(lambda: self.parties, "Add the party to parties.csv first.")
        self.states = StateWriter(self.tenant, self.entry.number)
        self.most = lengths(models.SentOut, ("note", "step", "side", "transport"))

    def said(self, line, row, span):
        note, order, party, step, side, _, _, transport, operator, sent_at = row
        if refuse_long(self, line, ("note", "step", "side", "transport"), (note, step, side, transport), self.most):
            return None
        number = self.parties.get(party)
        if number is None:
            reason = f"No party is called {party}"
            return self.wrong(line, "party", party, "parties.unknown", reason, self.hints.of(party))
        at = parse_instant(sent_at)
        person = self.people.number(operator)
        mine = Line(*span, note, number, step, side, transport, person, at, self.entry.number)
        if not self._fits(line, row, mine):
            return None
        self._warn(line, mine)
        self.lines[note].append(mine)
        self.states.begun(*span)
        return [note, order, party, step, side, transport, person, sent_at], (
            note, number, step, side, transport, person, at,
        )  # fmt: skip

    def _fits(self, line: int, row: tuple, mine: Line) -> bool:
        """Whether the row agrees with what is known of its note."""
        known = self.sent(mine.note)
        if not known:
            return True
        head = known[0]
        order = self.orders.of_unit(head.first_unit)
        said = {
            "order": (order.code if order else "", row[1]), "party": (head.party, mine.party),
            "step": (head.step, mine.step), "side": (head.side, mine.side),
        }  # fmt: skip
        column = next((name for name, (there, here) in said.items() if there != here), None)
        if column is not None:
            reason = f"Note {mine.note} has another {column}"
            remedy = "A note has one order, one party and one step; give the others a note of their own."
            return self._refuse(line, column, row, head, "production.note_other", reason, remedy)
        twice = units_of(known) & BitMap(range(mine.first_unit, mine.until_unit))
        if twice:
            reason = f"{len(twice)} of these units stand on note {mine.note} already"
            remedy = "Let each unit stand on a note once."
            return self._refuse(line, "first_serial", row, head, "production.sent_twice", reason, remedy)
        return True

    def _refuse(self, line: int, column: str, row: tuple, head: Line, code: str, reason: str, remedy: str) -> bool:
        value = (
            row[5]
            if column == "first_serial"
            else dict(zip(("note", "order", "party", "step", "side"), row, strict=False))[column]
        )
        if head.entry != self.entry.number:
            self.contradicts(line, column, value, reason)
        else:
            self.wrong(line, column, value, code, reason, remedy)
        return False

    def _warn(self, line: int, mine: Line) -> None:
        self.warn_ahead(line, mine.sent_at)
        for other in away(self.tenant, BitMap(range(mine.first_unit, mine.until_unit))):
            if other.line.note != mine.note:
                said = f"{len(other.units)} of these units did not come back with note {other.line.note} yet"
                self.warn(f"{self.file} line {line}: {said}.")

    def write(self, rows):
        columns = ("tenant", "first_unit", "until_unit", "entry", *SENT)
        bulk.insert_rows("production_sent_out", columns, rows)

    def finish(self):
        """Something happened to these units."""
        self.states.finish()


class TakenBackIntake(NotesIntake):
    """Each row is a span of units that came back with the note that they left with."""

    table = "taken_back"
    shape = TAKEN_BACK
    place_of_span = 2

    def __init__(self, *args):
        super().__init__(*args)
        self.backs: dict[str, tuple[BitMap, BitMap]] = {}  # note -> units back as recorded before, and in this file

    def said(self, line, row, span):
        note, order, first, _, result, started_at, finished_at, operator, back_at = row
        started, finished, at = map(parse_instant, (started_at, finished_at, back_at))
        if finished < started:
            reason, remedy = "The step ends before it starts.", "Exchange or mend the two times."
            return self.wrong(line, "finished_at", finished_at, "production.times_backwards", reason, remedy)
        lines = self.sent(note)
        if not lines:
            reason, remedy = f"There is no delivery note {note}", "Add its row to sent_out.csv first."
            return self.wrong(line, "note", note, "production.note_unknown", reason, remedy)
        if not self._fits(line, row, BitMap(range(*span)), at):
            return None
        self.warn_ahead(line, at)
        person = self.people.number(operator)
        return [note, order, result, started_at, finished_at, person, back_at], (
            note, result, started, finished, person, at,
        )  # fmt: skip

    def _fits(self, line: int, row: tuple, units: BitMap, at: int) -> bool:
        note, first = row[0], row[2]
        lines = self.sent(note)
        strange = units - units_of(lines)
        if strange:
            reason = f"{len(strange)} of these units did not go out with note {note}"
            self.wrong(line, "first_serial", first, "production.not_on_note", reason, "Scan the note they came with.")
            return False
        if any(at < one.sent_at for one in lines if units & BitMap(range(one.first_unit, one.until_unit))):
            reason = f"They come back before they leave with note {note}"
            self.wrong(line, "back_at", row[8], "production.back_before_sent", reason, "Mend the time.")
            return False
        if note not in self.backs:
            self.backs[note] = (units_of(backs_of(self.tenant, note)), BitMap())
        recorded, here = self.backs[note]
        reason = f"{len(units & (recorded | here))} of these units came back with note {note} already"
        if units & recorded:
            self.contradicts(line, "first_serial", first, reason)
            return False
        if units & here:
            self.wrong(line, "first_serial", first, "production.back_twice", reason, "Let each unit come back once.")
            return False
        here |= units
        self.backs[note] = (recorded, here)
        return True

    def write(self, rows):
        columns = ("tenant", "first_unit", "until_unit", "entry", *BACK)
        bulk.insert_rows("production_taken_back", columns, rows)


class OutsidePapersIntake(ProcessRecordIntake):
    """Each row is a paper that came with the units of a note."""

    table, shape, kept = "outside_papers", KEPT["outside_papers"].shape, KEPT["outside_papers"]

    def check(self, line, cells):
        note = cells["note"]
        if not lines_of(self.tenant, note):
            reason, remedy = f"There is no delivery note {note}", "Add its row to sent_out.csv first."
            self.wrong(line, "note", note, "production.note_unknown", reason, remedy)
