"""Comparing the lines with their facts, for `ledger verify`."""

from collections.abc import Iterator

from asbuilt.designed.changes.events import LINE
from asbuilt.designed.changes.said.lines import READ, TABLE
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading


def rebuild(tenant: int) -> Iterator[Finding]:
    """A finding for each line that differs from what was recorded."""
    expected = {}
    for fact in all_facts(tenant, LINE.name):
        about, kind, party, name, at, said, why, person, happened_at = fact.values
        moment = parse_instant(at) if at else None
        line = (about, kind, party, name, moment, said, why, person, parse_instant(happened_at))
        expected[fact.entry, fact.row] = line
    for entry, row, *line in reading.stream(f"SELECT {READ} FROM {TABLE} WHERE tenant = %s", (tenant,)):
        wanted, where = expected.pop((entry, row), None), {"table": TABLE, "entry": entry, "row": row}
        if wanted is None:
            yield Finding("ledger.projection_row_unrecorded", f"{TABLE}: {entry}/{row} was never recorded.", where)
        elif wanted != tuple(line):
            yield Finding("ledger.projection_row_changed", f"{TABLE}: {entry}/{row} is not what was recorded.", where)
    for entry, row in sorted(expected):
        where = {"table": TABLE, "entry": entry, "row": row}
        yield Finding("ledger.projection_row_missing", f"{TABLE}: {entry}/{row} is missing.", where)
