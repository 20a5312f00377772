"""Comparing the lines of files with their facts, for `ledger verify`."""

from collections.abc import Iterator

from asbuilt.answers.compliance.filing.events import FILED
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.checks.report import Finding
from asbuilt.ledger.facts import all_facts
from asbuilt.storage import reading

TABLE = "compliance_filing"


def rebuild(tenant: int) -> Iterator[Finding]:
    """A finding for each line that differs from what was recorded."""
    expected = {}
    for fact in all_facts(tenant, FILED.name):
        about, kind, name, at, said, why, person, happened_at = fact.values
        moment = parse_instant(at) if at else None
        expected[fact.entry, fact.row] = (about, kind, name, moment, said, why, person, parse_instant(happened_at))
    sql = 'SELECT entry, "row", about, kind, name, at, said, why, person, happened_at FROM compliance_filing WHERE tenant = %s'
    for entry, row, *line in reading.stream(sql, (tenant,)):
        wanted, where = expected.pop((entry, row), None), {"table": TABLE, "entry": entry, "row": row}
        if wanted is None:
            yield Finding("ledger.projection_row_unrecorded", f"{TABLE}: {entry}/{row} was never recorded.", where)
        elif wanted != tuple(line):
            yield Finding("ledger.projection_row_changed", f"{TABLE}: {entry}/{row} is not what was recorded.", where)
    for entry, row in sorted(expected):
        where = {"table": TABLE, "entry": entry, "row": row}
        yield Finding("ledger.projection_row_missing", f"{TABLE}: {entry}/{row} is missing.", where)
