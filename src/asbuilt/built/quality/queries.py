"""Reads of test runs. `as_of` is an entry's number: what was recorded up to and with it; without it, what stands."""

from dataclasses import dataclass

from pyroaring import BitMap

from asbuilt.built.production.standing import EVER, NOW
from asbuilt.built.quality.outcomes import FAIL, OUTCOME_WORDS, OUTCOMES
from asbuilt.storage import reading


@dataclass(frozen=True, slots=True)
class TestRow:
    """One run of a plan on a unit; plan, station and operator as numbers of their names, outcome as a word."""

    __test__ = False

    unit: int
    plan: int
    started_at: int
    entry: int
    finished_at: int
    plan_version: str
    outcome: str
    station: int | None
    operator: int | None
    measurements: str


def stands(as_of: int | None) -> tuple[str, tuple[int, ...]]:
    """A condition for rows that stand now or stood as of an entry, with its parameters."""
    if as_of is None:
        return "until_entry IS NULL", ()
    return "entry <= %s AND (until_entry IS NULL OR until_entry > %s)", (as_of, as_of)


def tests_of_unit(tenant: int, unit: int, as_of: int | None = None) -> list[TestRow]:
    """Every test run of a unit, by the time it ended. One statement."""
    condition, params = stands(as_of)
    sql = (
        "SELECT unit, plan, started_at, entry, finished_at, plan_version, outcome, station, operator, measurements "
        f"FROM quality_test_run WHERE tenant = %s AND unit = %s AND {condition} ORDER BY finished_at, entry, started_at"
    )
    rows = reading.fetch(sql, (tenant, unit, *params))
    return [TestRow(*row[:6], OUTCOME_WORDS[row[6]], *row[7:]) for row in rows]


def outcomes_of_unit(tenant: int, unit: int, as_of: int | None = None) -> dict[int, str]:
    """Plan -> outcome of the unit's last run of it. One statement."""
    found = OUTCOMES.keys_over(tenant, unit, unit + 1, NOW, as_of)
    return {plan: OUTCOME_WORDS[outcome] for plan, outcome in found}


def units_with_outcome(tenant: int, plan: int, outcome: str, *, ever: bool = False, as_of: int | None = None) -> BitMap:
    """Units whose last run of the plan (any run, for ever) ended so. One statement."""
    return OUTCOMES.units(tenant, (plan, OUTCOME_WORDS.index(outcome)), EVER if ever else NOW, as_of)


def outcomes_over(
    tenant: int, first: int, until: int, *, ever: bool = False, as_of: int | None = None
) -> dict[tuple[int, str], BitMap]:
    """(plan, outcome) -> its units of [first, until). One statement."""
    found = OUTCOMES.keys_over(tenant, first, until, EVER if ever else NOW, as_of)
    return {(plan, OUTCOME_WORDS[outcome]): units for (plan, outcome), units in found.items()}


def failed_units(tenant: int, first: int, until: int) -> BitMap:
    """Units of [first, until) that failed the last run of some plan. One statement."""
    failed = BitMap()
    for (_, outcome), units in OUTCOMES.keys_over(tenant, first, until).items():
        if outcome == FAIL:
            failed |= units
    return failed
