"""Tables taken by one intake alone, without the door around it."""

from dataclasses import dataclass

import pytest


class _Undone(Exception):
    """Leaves the entry, so that nothing of a refused file stays."""


@dataclass
class Taken:
    """What an intake said: wrong rows as (line, column, code, text), contradictions, warnings, counts."""

    wrong: list
    contradictions: list
    warnings: list
    stored: int
    known: int
    entry: int


@pytest.fixture
def take(actor):
    """take(Intake, "a,b\\nc,d", chunk=…, **attributes) feeds rows (no quotes) and keeps them if all are right."""
    from asbuilt.formats.refusals import ErrorList
    from asbuilt.ledger.recording import recording

    def take_rows(intake_class, text: str, chunk: int = 1000, **attributes) -> Taken:
        rows = [tuple(line.split(",")) for line in text.strip().split("\n")]
        errors, contradictions, warnings = ErrorList(), ErrorList(), []
        try:
            with recording(actor, "test.taken") as entry:
                intake = intake_class(entry, f"{intake_class.table}.csv", errors, contradictions, warnings.append)
                vars(intake).update(attributes)
                for at in range(0, len(rows), chunk):
                    intake.take(range(at + 2, at + 2 + len(rows[at : at + chunk])), rows[at : at + chunk])
                intake.finish()
                if errors.total or contradictions.total:
                    raise _Undone
        except _Undone:
            pass
        wrong = [(row.line, row.column, row.code, f"{row.reason} {row.remedy}") for row in errors.rows]
        against = [(row.line, row.column, row.reason) for row in contradictions.rows]
        return Taken(wrong, against, warnings, intake.stored, intake.known, entry.number)

    return take_rows


@pytest.fixture
def withdraw():
    """withdraw(actor, table, condition, *values) ends one row in an entry of its own; returns that entry."""
    from asbuilt.ledger.recording import recording
    from asbuilt.storage import bulk

    def end(actor, table: str, condition: str, *values) -> int:
        with recording(actor, "test.withdrawn") as entry:
            stands = "tenant = %s AND until_entry IS NULL"
            sql = f"UPDATE {table} SET until_entry = %s WHERE {stands} AND {condition}"
            assert bulk.run(sql, (entry.number, actor.tenant, *values)) == 1
            return entry.number

    return end
