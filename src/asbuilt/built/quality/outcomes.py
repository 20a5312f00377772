"""What the last run of each test plan said of each unit, kept as runs of units. Last is by `finished_at`."""

from pyroaring import BitMap

from asbuilt.built.production.standing import Key, Standing
from asbuilt.built.production.unit_records import last_and_ever, range_or_list
from asbuilt.storage import reading

OUTCOMES = Standing("quality_outcome_run", ("plan", "outcome"), shared=True)
OUTCOME_WORDS = ("pass", "fail", "error", "aborted")
FAIL = 1


def plan_of(key: Key) -> int:
    """The test plan of a key: the group within which a unit has one last outcome."""
    return key[0]


def said_by_records(tenant: int, units: BitMap) -> tuple[dict[Key, BitMap], dict[Key, BitMap]]:
    """(now, ever) of these units, counted anew from the test runs that stand. One statement."""
    if not units:
        return {}, {}
    condition, params = range_or_list(units)
    sql = (
        f"SELECT unit, plan, outcome FROM quality_test_run WHERE tenant = %s AND {condition} AND until_entry IS NULL "
        "ORDER BY finished_at, entry, row"
    )
    rows = reading.fetch(sql, (tenant, *params))
    return last_and_ever(((unit, (plan, outcome)) for unit, plan, outcome in rows if unit in units), plan_of)


def restate(tenant: int, entry: int, units: BitMap) -> None:
    """Count anew what was last said of these units: after test runs of theirs were withdrawn."""
    now, ever = said_by_records(tenant, units)
    OUTCOMES.restate(tenant, entry, units, now, ever)
