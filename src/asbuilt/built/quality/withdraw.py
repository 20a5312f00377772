"""Withdrawing test runs: the run is closed, and what the last run of its plan said is counted anew."""

from collections.abc import Sequence

from pyroaring import BitMap

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.quality import outcomes
from asbuilt.built.quality.defects import withdraw_defects
from asbuilt.built.quality.identities import withdraw_identities
from asbuilt.kernel.instants import parse_instant
from asbuilt.ledger.facts import FactRow
from asbuilt.ledger.recording import Entry
from asbuilt.storage import bulk


def withdraw_test_runs(entry: Entry, facts: Sequence[FactRow]) -> BitMap:
    """Close the runs of these facts; returns the units whose outcomes were counted anew."""
    plans = FloorNames(entry.tenant).known("plan")
    closed = [
        (
            entry.number,
            entry.tenant,
            fact.values[0],
            plans[fact.values[1]],
            parse_instant(fact.values[6]),
            fact.entry,
            fact.row,
        )
        for fact in facts
    ]
    sql = (
        "UPDATE quality_test_run SET until_entry = %s WHERE tenant = %s AND unit = %s AND plan = %s AND started_at = %s "
        "AND entry = %s AND row = %s AND until_entry IS NULL"
    )
    bulk.run_many(sql, closed)
    withdraw_defects(closed)
    withdraw_identities(closed)
    units = BitMap([row[2] for row in closed])
    outcomes.restate(entry.tenant, entry.number, units)
    return units
