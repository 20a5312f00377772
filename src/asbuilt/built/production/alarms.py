"""Reads of alarms: process runs that lay outside of the limits of their step, and what a person decided about each.

The alarm is the run itself: a run that is withdrawn takes its alarm along, one that is cut leaves the alarm with what is left. What
was decided is a fact of its own, about the runs of one order, step, side and machine that began and ended then.
"""

from dataclasses import dataclass

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.kernel.errors import NotFound
from asbuilt.storage import reading

LIST_MAX = 200
_NAME = "SELECT n.name FROM production_floor_name n WHERE n.tenant = p.tenant AND n.number = p.{}"
_DECIDED = (
    'EXISTS (SELECT 1 FROM production_alarm_closing c WHERE c.tenant = p.tenant AND c."order" = o.code AND c.started_at = p.started_at '
    "AND c.finished_at = p.finished_at AND c.side = p.side AND c.until_entry IS NULL "
    f"AND c.step = ({_NAME.format('step')}) AND c.machine = coalesce(({_NAME.format('machine')}), ''))"
)


@dataclass(frozen=True)
class Closing:
    """What was decided about an alarm: held (then by which hold) or dismissed, why, by whom (a person's number)."""

    decision: str
    hold: str
    reason: str
    operator: int | None
    decided_at: int


@dataclass(frozen=True)
class Alarm:
    """A run out of limits: `number` is the run's, `outside` the readings in words, units [first, until)."""

    number: int
    order: str
    step: str
    side: str
    machine: str
    program: str
    first_unit: int
    until_unit: int
    started_at: int
    finished_at: int
    operator: int | None
    outside: str
    entry: int
    closing: Closing | None

    @property
    def units(self) -> int:
        """How many."""
        return self.until_unit - self.first_unit


def alarms(tenant: int, *, order: str = "", number: int | None = None, limit: int = LIST_MAX) -> list[Alarm]:
    """Alarms that stand, those without a decision first, then the newest first. Four statements."""
    sql = (
        "SELECT p.number, o.code, p.step, p.side, p.machine, p.program, p.first_unit, p.until_unit, p.started_at, "
        "p.finished_at, p.operator, p.outside, p.entry FROM production_process_run p JOIN production_order o "
        "ON o.tenant = p.tenant AND o.number = p.work_order WHERE p.tenant = %s AND p.outside <> '' "
        "AND p.until_entry IS NULL"
    )
    params: list = [tenant]
    for column, value in (("o.code", order or None), ("p.number", number)):
        if value is not None:
            sql, params = f"{sql} AND {column} = %s", [*params, value]
    sql += f" ORDER BY CASE WHEN {_DECIDED} THEN 1 ELSE 0 END, p.finished_at DESC, p.number DESC LIMIT %s"
    rows = reading.fetch(sql, [*params, limit])
    names = FloorNames(tenant).names(n for row in rows for n in (row[2], row[4], row[5]))
    closed = _closings(tenant, {row[1] for row in rows}) if rows else {}
    found = []
    for run, code, step, side, machine, program, *rest in rows:
        said = (code, names[step], side, names.get(machine, ""))
        started, finished = rest[2:4]
        found.append(Alarm(run, *said, names.get(program, ""), *rest, closed.get((*said, started, finished))))
    found.sort(key=lambda one: one.closing is not None)
    return found


def alarm(tenant: int, number: int) -> Alarm:
    """The alarm with this number. NotFound where there is none."""
    found = alarms(tenant, number=number)
    if not found:
        raise NotFound(
            "production.alarm_unknown",
            f"There is no alarm {number}.",
            {"alarm": number},
            "The page Alarms and `asbuilt alarm list` show those that stand.",
        )
    return found[0]


def _closings(tenant: int, orders: set[str]) -> dict[tuple, Closing]:
    sql = (
        'SELECT "order", step, side, machine, started_at, finished_at, decision, hold, reason, operator, decided_at FROM '
        "production_alarm_closing WHERE tenant = %s AND until_entry IS NULL AND "
        + reading.any_of('"order"', "text")
        + ' ORDER BY decided_at, entry, "row"'
    )
    rows = reading.fetch(sql, (tenant, reading.list_param(sorted(orders))))
    return {tuple(row[:6]): Closing(*row[6:]) for row in rows}
