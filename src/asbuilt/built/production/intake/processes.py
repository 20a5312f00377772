"""processes.csv -> process runs: a step at a machine over units and time.

A run whose readings lie outside of the limits that its step has in the routing in force is recorded as it is, with what lay
outside in words: that is its alarm, for a person to decide about (`production.alarms`).
"""

from asbuilt.access.people import People
from asbuilt.built.production.events import PROCESS
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.limits import LimitsInForce
from asbuilt.built.production.spans_of_rows import SpanReader
from asbuilt.built.production.stating import StateWriter
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.intake import TableIntake, fact_bytes, row_text
from asbuilt.storage import bulk, reading

COLUMNS = (
    "tenant", "number", "work_order", "step", "machine", "program", "side", "pass_number", "first_unit", "until_unit",
    "started_at", "finished_at", "operator", "result", "readings", "outside", "entry",
)  # fmt: skip


class ProcessesIntake(TableIntake):
    """Each row is one run of a step over a span of an order."""

    table = "processes"
    shape = PROCESS

    def __init__(self, *args):
        super().__init__(*args)
        self.spans = SpanReader(self)
        self.floor = FloorNames(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.states = StateWriter(self.tenant, self.entry.number)
        self.limits = LimitsInForce(self.tenant)
        last = reading.fetch_one("SELECT max(number) FROM production_process_run WHERE tenant = %s", (self.tenant,))
        self.last_number = last[0] or 0

    def take(self, lines, rows):
        ids = [fact_bytes(self.table, row[:13]) for row in rows]
        before = self.ids_known(ids)
        units = self.spans.resolve([(row[0], row[4], row[5], row[13]) for row in rows])
        written, texts, taken, low, high = [], [], [], None, None
        for line, row, fact, span in zip(lines, rows, ids, units, strict=True):
            if fact in before:
                self.known += 1
                continue
            order = self.spans.order(line, row[0])
            first_until = self.spans.check(line, order, row[4], row[5], span) if order else None
            started, finished = parse_instant(row[6]), parse_instant(row[7])
            if finished < started:
                reason = "The run ends before it starts."
                self.wrong(
                    line, "finished_at", row[7], "production.times_backwards", reason, "Exchange or mend the two times."
                )
                continue
            if not first_until:
                continue
            first, until = first_until
            self.warn_ahead(line, finished)
            operator = self.people.number(row[8]) or self.person
            outside = self.limits.outside(self.entry.number, first_until, row[1], row[11], row[10], finished)
            if outside:
                self.warn(f"{self.file} line {line}: {row[1]} lay outside of its limits: {outside}.")
            self.last_number += 1
            written.append((
                self.tenant, self.last_number, order.number, self.floor.number("step", row[1]), self._named("machine", row[2]),
                self._named("program", row[3]), row[11], row[12], first, until, started, finished, operator, row[9], row[10],
                outside, self.entry.number,
            ))  # fmt: skip
            texts.append(row_text([first, until, *row[:4], row[6], row[7], operator, *row[9:13]]))
            taken.append(fact)
            low, high = min(low or first, first), max(high or until, until)
            self.states.begun(first, until)
        self.commit(texts, taken, low, high)
        bulk.insert_rows("production_process_run", COLUMNS, written)

    def _named(self, kind: str, name: str) -> int | None:
        return self.floor.number(kind, name) if name else None

    def finish(self):
        self.states.finish()
