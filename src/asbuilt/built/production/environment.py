"""Reads of areas and what was measured in them: where a machine stands, what the air was like there at a time.

A measurement speaks of a run where it was taken during the run, or is the last one before it and not older than an hour.
Silence is a gap, and said: a machine that nobody put into an area has no environment.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from asbuilt.storage import reading

OLD_US_MAX = 3_600_000_000
LIST_MAX = 500
MEASURED = ("temperature_c", "humidity_percent", "cleanroom_class")


@dataclass(frozen=True)
class AreaRow:
    """A machine stands in an area from a time on; an empty area: in none."""

    machine: str
    area: str
    operator: int | None
    from_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class MeasuredRow:
    """What was measured; an empty text was not."""

    area: str
    temperature_c: str
    humidity_percent: str
    cleanroom_class: str
    sensor: str
    measured_at: int
    entry: int
    row: int


@dataclass(frozen=True)
class Surroundings:
    """The air at a run: area, lowest and highest of what was measured as words (`21.4` or `21.4 to 23`), when last; no
    measurement speaks of it where `measured_at` is None."""

    area: str
    temperature_c: str = ""
    humidity_percent: str = ""
    cleanroom_class: str = ""
    measured_at: int | None = None


def areas(tenant: int, stands: str = "t.until_entry IS NULL") -> list[AreaRow]:
    """Where machines stand and stood, by machine, the newest first. One statement; `stands` is a condition on `t`."""
    sql = (
        'SELECT t.machine, t.area, t.operator, t.from_at, t.entry, t."row" FROM production_area t WHERE t.tenant = %s '
        f'AND {stands} ORDER BY t.machine, t.from_at DESC, t.entry DESC, t."row" DESC'
    )
    return [AreaRow(*row) for row in reading.fetch(sql, (tenant,))]


def area_of(rows: Iterable[AreaRow], machine: str, at: int) -> str:
    """The area in which the machine stood at an instant; empty where none is known. `rows` as `areas` gives them."""
    return next((row.area for row in rows if row.machine == machine and row.from_at <= at), "")


def measured(tenant: int, area: str = "", *, limit: int = LIST_MAX) -> list[MeasuredRow]:
    """Measurements that stand, the newest first. One statement."""
    sql = (
        'SELECT area, temperature_c, humidity_percent, cleanroom_class, sensor, measured_at, entry, "row" FROM '
        "production_environment WHERE tenant = %s AND until_entry IS NULL"
    )
    params: tuple = (tenant,)
    if area:
        sql, params = sql + " AND area = %s", (tenant, area)
    sql += ' ORDER BY measured_at DESC, entry DESC, "row" DESC LIMIT %s'
    return [MeasuredRow(*row) for row in reading.fetch(sql, (*params, limit))]


def surroundings(
    tenant: int, area: str, started_at: int, finished_at: int, stands: str = "t.until_entry IS NULL"
) -> Surroundings:
    """The air in an area at a run. One statement; `stands` is a condition on `t`."""
    sql = (
        "SELECT t.temperature_c, t.humidity_percent, t.cleanroom_class, t.measured_at FROM production_environment t "
        f"WHERE t.tenant = %s AND t.area = %s AND t.measured_at >= %s AND t.measured_at <= %s AND {stands} "
        "ORDER BY t.measured_at"
    )
    rows = reading.fetch(sql, (tenant, area, started_at - OLD_US_MAX, finished_at))
    during = [row for row in rows if row[3] >= started_at]
    before = [row for row in rows if row[3] < started_at]
    told = during or before[-1:]
    if not told:
        return Surroundings(area)
    temperature, humidity = (_between([row[place] for row in told]) for place in (0, 1))
    classes = dict.fromkeys(row[2] for row in told if row[2])
    return Surroundings(area, temperature, humidity, ", ".join(classes), told[-1][3])


def _between(texts: Iterable[str]) -> str:
    numbers = sorted({text for text in texts if text}, key=float)
    if not numbers:
        return ""
    return numbers[0] if float(numbers[0]) == float(numbers[-1]) else f"{numbers[0]} to {numbers[-1]}"
