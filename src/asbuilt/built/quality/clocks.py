"""Clocks of testers that lag: a run from before its unit's order was opened, or far behind its arrival where earlier runs of its station were not.

Such a run is taken as it is told, as a tester may have worked offline, and is said in words where it comes in; the gate does not go by its time
(`answers.gate.shown`): a failure counts from when it came in.
"""

from collections.abc import Iterator, Sequence

from asbuilt.built.production.floor_names import FloorNames
from asbuilt.built.production.orders import Orders
from asbuilt.kernel.instants import DAY_US, format_instant, parse_instant
from asbuilt.storage import reading

FAR_DAYS = 7
PLAN, STATION, STARTED, FINISHED = 1, 3, 6, 7


class Clocks:
    """Tells of runs that come in whether their times can be. A statement an order, and one a plan and station whose runs come late."""

    def __init__(self, tenant: int, orders: Orders, received_at: int):
        self.tenant, self.orders, self.received_at = tenant, orders, received_at
        self._opened: dict[int, int | None] = {}
        self._on_time: dict[tuple[str, str], int | None] = {}

    def warnings(self, lines: Sequence[int], rows: Sequence[tuple], units: Sequence[int]) -> Iterator[tuple[int, str]]:
        """(line, what speaks against its clock) of rows of tests.csv."""
        for line, row, unit in zip(lines, rows, units, strict=True):
            started, finished = parse_instant(row[STARTED]), parse_instant(row[FINISHED])
            opened = self._opened_at(unit)
            if opened is not None and started < opened:
                at, since = format_instant(started)[:16], format_instant(opened)[:16]
                yield (
                    line,
                    f"the run of {row[PLAN]} on {row[0]} began at {at}Z, before its order was opened at {since}Z",
                )
            elif row[STATION] and self.received_at - finished > FAR_DAYS * DAY_US and self._was_on_time(row, finished):
                days = (self.received_at - finished) // DAY_US
                at = format_instant(finished)[:16]
                yield (
                    line,
                    f"{row[STATION]} says that it ended at {at}Z, {days:,} days ago, and told of earlier runs at once",
                )

    def _opened_at(self, unit: int) -> int | None:
        order = self.orders.of_unit(unit)
        if order is None:
            return None
        if order.number not in self._opened:
            sql = "SELECT opened_at FROM production_order WHERE tenant = %s AND number = %s AND until_entry IS NULL"
            found = reading.fetch_one(sql, (self.tenant, order.number))
            self._opened[order.number] = found[0] if found else None
        return self._opened[order.number]

    def _was_on_time(self, row: tuple, finished: int) -> bool:
        """Whether this station told of its newest run of the plan, of the last two weeks, within a week; and this one ended before it."""
        key = (row[PLAN], row[STATION])
        if key not in self._on_time:
            floor = FloorNames(self.tenant)
            plan, station = floor.known("plan").get(row[PLAN]), floor.known("station").get(row[STATION])
            sql = (
                "SELECT t.finished_at, e.recorded_at FROM quality_test_run t JOIN ledger_entry e ON e.tenant = t.tenant AND e.number = t.entry "
                "WHERE t.tenant = %s AND t.plan = %s AND t.station = %s AND t.until_entry IS NULL AND t.finished_at > %s "
                "ORDER BY t.finished_at DESC LIMIT 1"
            )
            since = self.received_at - 2 * FAR_DAYS * DAY_US
            found = reading.fetch_one(sql, (self.tenant, plan, station, since)) if None not in (plan, station) else None
            self._on_time[key] = found[0] if found and found[1] - found[0] <= FAR_DAYS * DAY_US else None
        last = self._on_time[key]
        return last is not None and finished < last
