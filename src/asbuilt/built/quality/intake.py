"""tests.csv -> test runs of units, and what the last run of each plan said.

A plan begins with its first mention. The last run by `finished_at` says how a unit stands; a run that ended before it
began is refused.
"""

from collections.abc import Callable
from hashlib import sha256
from itertools import count, repeat
from json.encoder import encode_basestring as quoted

from pyroaring import BitMap

from asbuilt.access.models import Person
from asbuilt.access.people import People
from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.models import FloorName
from asbuilt.built.production.spans_of_rows import UnitReader
from asbuilt.built.production.unit_records import Records, Stored, UnitRecordsIntake, instants, range_or_list
from asbuilt.built.quality import identities
from asbuilt.built.quality.defects import MARK, write_defects
from asbuilt.built.quality.events import TEST
from asbuilt.built.quality.models import TestRun
from asbuilt.built.quality.outcomes import OUTCOME_WORDS, OUTCOMES, plan_of
from asbuilt.designed.catalog.limits import lengths
from asbuilt.kernel.instants import format_instant
from asbuilt.storage import bulk, reading

CODES = {word: code for code, word in enumerate(OUTCOME_WORDS)}
COLUMNS = (
    "tenant", "unit", "plan", "started_at", "entry", "row", "finished_at", "plan_version", "outcome", "station", "operator",
    "measurements",
)  # fmt: skip
SERIAL, PRODUCT = 0, 9


class TestsIntake(UnitRecordsIntake):
    """Each row is one run of a test plan on a unit."""

    __test__ = False  # a table's name, no test of pytest's

    table = "tests"
    shape = TEST
    record_table = "quality_test_run"
    standing = OUTCOMES
    same: Callable[[str], str] = staticmethod(lambda measurements: measurements)  # what makes two measurements one

    def __init__(self, *args):
        super().__init__(*args)
        self.units = UnitReader(self)
        self.floor = FloorNames(self.tenant)
        self.people = People(self.tenant, self.entry.number)
        self.name_most = lengths(FloorName, ("name",))[0]
        self.code_most = lengths(Person, ("code",))[0]
        self.version_most = lengths(TestRun, ("plan_version",))[0]

    def take(self, lines, rows):
        """Column by column, as every row has the same few plans, stations and operators."""
        units = self.units.resolve(lines, "serial", [row[SERIAL] for row in rows], [row[PRODUCT] for row in rows])
        backwards = [n for n, row in enumerate(rows) if row[7] < row[6]]
        for n in backwards:
            reason = "The test ended before it began."
            self.wrong(lines[n], "finished_at", rows[n][7], "quality.ends_before_start", reason, "Check both times.")
        if None in units or backwards:
            good = [n for n, unit in enumerate(units) if unit is not None and rows[n][7] >= rows[n][6]]
            lines, rows, units = ([column[n] for n in good] for column in (lines, rows, units))
        if rows:
            self._take_units(lines, rows, units)

    def _take_units(self, lines, rows, units):
        _, plans, versions, stations, operators, outcomes, started, finished, measured, _ = zip(*rows, strict=True)
        begin, end = instants(started, self.minutes), instants(finished, self.minutes)
        plan = self.numbers(lines, "plan", plans, self.name_most, self._named("plan"))
        station = self.numbers(lines, "station", stations, self.name_most, self._named("station"))
        person = self.numbers(lines, "operator", operators, self.code_most, self.people.number)
        self.numbers(lines, "plan_version", versions, self.version_most, len)
        plan_numbers = [plan[text] for text in plans]
        if None in plan_numbers:  # a name too long was refused above
            return
        outcome = [CODES[text] for text in outcomes]
        keys = {pair: pair for pair in set(zip(plan_numbers, outcome, strict=True))}
        columns = (
            units, plan_numbers, begin, end, versions, outcome, [station[text] for text in stations],
            [person[text] for text in operators], measured,
        )  # fmt: skip
        records = Records(
            lines,
            units,
            list(zip(units, plan_numbers, begin, strict=True)),
            plan_numbers,
            [keys[pair] for pair in zip(plan_numbers, outcome, strict=True)],
            end,
            lambda n: (*(column[n] for column in columns[3:-1]), self.same(measured[n])),
        )
        kept = self.sort_out(records)
        if kept is not None:
            rows = [rows[n] for n in kept]
            columns = tuple([column[n] for n in kept] for column in columns)
        if rows:
            self._write(rows, columns)

    def _named(self, kind: str):
        return lambda name: self.floor.number(kind, name)

    def _write(self, rows, columns):
        units, plan, begin, end, version, outcome, station, operator, measured = columns
        tenant, entry = repeat(self.tenant), repeat(self.entry.number)
        written = zip(
            tenant,
            units,
            plan,
            begin,
            entry,
            count(self.facts.count),
            end,
            version,
            outcome,
            station,
            operator,
            measured,
            strict=False,
        )
        first = self.facts.count
        bulk.insert_rows("quality_test_run", COLUMNS, written)
        found = [n for n, text in enumerate(measured) if MARK in text]
        if found:
            told = ((units[n], plan[n], begin[n], first + n, measured[n]) for n in found)
            write_defects(self.tenant, self.entry.number, told)
        shown = [n for n, text in enumerate(measured) if identities.MARK in text]
        if shown:
            told = ((units[n], plan[n], begin[n], first + n, measured[n]) for n in shown)
            identities.write_identities(self.tenant, self.entry.number, told)
        texts, ids = [], []
        for unit, person, row in zip(units, operator, rows, strict=True):
            before = f"{quoted(row[1])},{quoted(row[2])},{quoted(row[3])},"
            after = f',"{row[5]}","{row[6]}","{row[7]}",{quoted(row[8])}]'
            texts.append(f"[{unit},{before}{'null' if person is None else person}{after}".encode())
            ids.append(sha256(f'["tests",{quoted(row[0])},{before}{quoted(row[4])}{after}'.encode()).digest()[:8])
        self.commit(texts, ids, min(units), max(units) + 1)
        self.states.begun_units(BitMap(units))

    def group_of(self, key):
        """The plan."""
        return plan_of(key)

    def recorded(self, units):
        condition, params = range_or_list(units)
        sql = (
            "SELECT unit, plan, started_at, entry, until_entry, outcome, finished_at, plan_version, station, operator, "
            f"measurements FROM quality_test_run WHERE tenant = %s AND {condition}"
        )
        for unit, plan, begin, entry, until, outcome, end, version, *rest in reading.fetch(sql, (self.tenant, *params)):
            said = (end, version, outcome, *rest[:-1], self.same(rest[-1]))
            yield Stored((unit, plan, begin), entry, until is not None, plan, (plan, outcome), end, said)

    def name_of(self, ident):
        """For messages."""
        when = format_instant(ident[2])
        return "started_at", when, f"The run of this plan on this unit at {when}"
