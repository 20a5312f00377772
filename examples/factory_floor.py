"""The floor of the example factory: work orders, when they were soldered, units and how tables address them.

Times are local (Europe/Berlin) and naive; `iso` adds the offset: +01:00 until 28 March 2027 02:00, +02:00 after it.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

SUMMER = datetime(2027, 3, 28, 2)
HOT, GOOD = 272.0, 247.0


def seeded(name: str) -> random.Random:
    """Chance of its own for each part of the factory, so that a change in one leaves the others as they were."""
    return random.Random(f"asbuilt example factory: {name}")


def iso(local: datetime) -> str:
    """ISO 8601 with the offset that Germany had then."""
    return local.isoformat(timespec="seconds") + ("+02:00" if local >= SUMMER else "+01:00")


class Slot(NamedTuple):
    """Units first..last of an order, soldered from start to end. `report`: one row a run, a panel or a unit."""

    first: int
    last: int
    start: datetime
    end: datetime
    oven: str
    report: str
    zone5: float

    def at(self, n: int) -> datetime:
        """When unit n of the order entered the oven, whole seconds."""
        share = (n - self.first) / (self.last - self.first + 1)
        return self.start + timedelta(seconds=int((self.end - self.start).total_seconds() * share))


@dataclass
class Unit:
    """One unit of an order; `serial` is `-` while it has none."""

    order: str
    n: int
    product: str
    serial: str
    panel: str
    position: str
    state: str
    placed_at: datetime | None
    line: str

    @property
    def address(self) -> str:
        """How a table names this unit: its serial number, else the panel and position, else the order and place."""
        if self.serial != "-":
            return self.serial
        return f"{self.panel}/{self.position}" if self.state == "skipped" else f"{self.order}#{self.n}"


class Order(NamedTuple):
    """A work order. `named` and `begun` count the units that have a name, and those on which work began."""

    code: str
    product: str
    revision: str
    bom_version: str
    quantity: int
    customer: str
    opened_at: datetime
    slots: list[Slot]
    named: int
    begun: int


def moment(text: str) -> datetime:
    """`03-15 06:10` -> that minute of 2027."""
    return datetime.strptime(f"2027-{text}", "%Y-%m-%d %H:%M" if text.count(":") == 1 else "%Y-%m-%d %H:%M:%S")


def workdays(first: str, count: int, saturdays: bool = False) -> list[datetime]:
    """`count` days from `first` on, at midnight, without Sundays, and without Saturdays unless wanted."""
    day, days = moment(f"{first} 00:00"), []
    while len(days) < count:
        if day.weekday() < (6 if saturdays else 5):
            days.append(day)
        day += timedelta(days=1)
    return days


def shifts(first_day: str, quantity: int, size: int, oven: str, panel_days: tuple[int, ...] = ()) -> list[Slot]:
    """Day shifts 06:00-14:00, one a workday, `size` units each; on `panel_days` (from 0) the oven reported panels."""
    slots = []
    for place, day in enumerate(workdays(first_day, -(-quantity // size))):
        first, last = place * size + 1, min(quantity, (place + 1) * size)
        report = "panel" if place in panel_days else "run"
        slots.append(Slot(first, last, day + timedelta(hours=6), day + timedelta(hours=14), oven, report, GOOD))
    return slots


def slot(first: int, last: int, start: str, end: str, oven: str, report: str, zone5: float) -> Slot:
    """A slot with its times as text."""
    return Slot(first, last, moment(start), moment(end), oven, report, zone5)


def two_lines(quantity: int, chunk: int, first: str, last: str) -> list[Slot]:
    """An order on both lines at once: five panels to line 1, five to line 2, and so on. OVEN-2 reports each panel."""
    start, pairs = moment(first), quantity // chunk // 2
    step = (moment(last) - start) / pairs
    slots = []
    for place in range(2 * pairs):
        begin = start + step * (place // 2)
        oven, report, zone5 = ("OVEN-2", "panel", HOT) if place % 2 else ("OVEN-1", "run", GOOD)
        slots.append(Slot(place * chunk + 1, (place + 1) * chunk, begin, begin + step * 0.9, oven, report, zone5))
    return slots


MAIN_HOT = [
    slot(1, 200, "03-14 22:00", "03-15 06:00", "OVEN-2", "run", HOT),
    slot(201, 400, "03-15 06:10", "03-15 14:00", "OVEN-2", "panel", HOT),
    slot(401, 600, "03-16 06:00", "03-16 14:00", "OVEN-2", "run", HOT),
    slot(601, 700, "03-17 06:00", "03-17 14:00", "OVEN-2", "panel", HOT),
    slot(701, 876, "03-17 18:00", "03-18 05:00", "OVEN-2", "run", HOT),
    slot(877, 880, "03-18 00:57", "03-18 01:03", "OVEN-2", "panel", HOT),
    slot(881, 1000, "03-18 06:00", "03-18 14:00", "OVEN-2", "run", GOOD),
]
RADIO_HOT = [
    slot(1, 150, "03-14 20:00", "03-15 04:00", "OVEN-2", "run", HOT),
    slot(151, 350, "03-15 06:00", "03-15 22:00", "OVEN-2", "unit", HOT),
    slot(351, 600, "03-16 06:00", "03-16 22:00", "OVEN-2", "run", HOT),
    slot(601, 800, "03-17 06:00", "03-17 20:00", "OVEN-1", "run", GOOD),
    slot(801, 860, "03-17 20:00", "03-18 00:50", "OVEN-2", "run", HOT),
    slot(861, 861, "03-18 00:52", "03-18 00:57:30", "OVEN-2", "unit", HOT),
    slot(862, 862, "03-18 00:57", "03-18 01:02:30", "OVEN-2", "unit", HOT),
    slot(863, 863, "03-18 01:00", "03-18 01:05:30", "OVEN-2", "unit", GOOD),
    slot(864, 1033, "03-18 06:00", "03-18 22:00", "OVEN-1", "run", GOOD),
    slot(1034, 1200, "03-19 06:00", "03-19 22:00", "OVEN-1", "run", GOOD),
]


def box_days(first: str, quantity: int) -> list[Slot]:
    """Box build, 200 a day from 06:00 to 16:00, Saturdays too; what is over goes into the last day."""
    days = workdays(first, quantity // 200, saturdays=True)
    slots = []
    for place, day in enumerate(days):
        last = quantity if place == len(days) - 1 else (place + 1) * 200
        start, end = day + timedelta(hours=6), day + timedelta(hours=16)
        slots.append(Slot(place * 200 + 1, last, start, end, "", "run", 0.0))
    return slots


def order(code, kind, quantity, customer, opened, slots, named=None, begun=None) -> Order:
    """A work order; all units named and begun unless told otherwise. `kind` is product, revision and BOM version."""
    return Order(code, *kind, quantity, customer, moment(opened), slots, named or quantity, begun or quantity)


MAIN_A, MAIN_B, RADIO, BOX = ("MB-200", "A", "3"), ("MB-200", "B", "4"), ("RB-50", "A", "1"), ("EG-200", "B", "2")
ORDERS = [
    order("WO-1031", MAIN_A, 1200, "HALDEN", "02-10 09:00", shifts("02-15", 1200, 160, "OVEN-1")),
    order("WO-1032", RADIO, 1300, "OSTWERK", "02-10 09:10", shifts("02-16", 1300, 200, "OVEN-2")),
    order("WO-1033", MAIN_A, 1200, "HALDEN", "02-17 09:00", shifts("02-24", 1200, 160, "OVEN-2", (3,))),
    order("WO-1034", RADIO, 1300, "OSTWERK", "02-19 10:00", shifts("02-25", 1300, 200, "OVEN-2")),
    order("WO-1035", MAIN_B, 1200, "HALDEN", "02-25 09:00", shifts("03-03", 1200, 160, "OVEN-1")),
    order("WO-1036", RADIO, 1300, "OSTWERK", "02-26 09:00", shifts("03-04", 1300, 200, "OVEN-1")),
    order("WO-1037", MAIN_B, 1000, "HALDEN", "03-08 09:00", MAIN_HOT),
    order("WO-1038", RADIO, 1200, "OSTWERK", "03-08 09:20", RADIO_HOT),
    order("WO-1039", MAIN_B, 480, "HALDEN", "03-10 11:00", two_lines(480, 20, "03-16 14:00", "03-17 22:00")),
    order("WO-1041", BOX, 2000, "HALDEN", "02-22 08:00", box_days("03-01", 2000)),
    order("WO-1042", BOX, 2000, "HALDEN", "03-08 08:00", box_days("03-15", 2000)),
    order("WO-1047", BOX, 1001, "HALDEN", "03-19 08:00", box_days("03-26", 1001)),
    order("WO-1044", RADIO, 150, "LUMO", "03-30 08:00", shifts("04-06", 150, 150, "OVEN-2")),
    order("WO-1098", MAIN_B, 240, "HALDEN", "04-07 08:00", shifts("04-12", 200, 100, "OVEN-1"), 160, 200),
]
FIRST_SERIAL = {"MB-200": 56001, "RB-50": 30001, "EG-200": 10000}
SERIAL = {"MB-200": "MB-{:06d}", "RB-50": "RB-{:06d}", "EG-200": "{}"}
NO_X_OUT = {("WO-1035", n) for n in range(395, 446)} | {("WO-1037", n) for n in range(877, 881)}


def _bad_boards() -> tuple[set, set]:
    """(order, n) of X-out positions, at most one a panel, and of scrapped boards."""
    chance, skipped, scrapped = seeded("x-out"), set(), set()
    for work in ORDERS:
        if work.product == "MB-200":
            for panel in range(work.named // 4):
                place = (work.code, 4 * panel + 1 + chance.randrange(4))
                if chance.random() < 0.012 and place not in NO_X_OUT:
                    skipped.add(place)
        if work.product != "EG-200":
            for n in range(1, work.named + 1):
                if chance.random() < 0.002 and (work.code, n) not in skipped | NO_X_OUT:
                    scrapped.add((work.code, n))
    return skipped, scrapped


def units() -> list[Unit]:
    """All units in the order of the axis, with serial numbers in that order within each product."""
    skipped, scrapped = _bad_boards()
    following, made = dict(FIRST_SERIAL), []
    for work in ORDERS:
        slots = {n: s for s in work.slots for n in range(s.first, s.last + 1)}
        for n in range(1, work.quantity + 1):
            panel = f"P{work.code[3:]}-{(n + 3) // 4:03d}" if work.product == "MB-200" else ""
            position = str((n + 3) % 4 + 1) if panel else ""
            place, serial = (work.code, n), "-"
            if n <= work.named and place not in skipped:
                serial = SERIAL[work.product].format(following[work.product])
                following[work.product] += 1
            state = "built" if n <= work.named else ("" if n <= work.begun else "planned")
            state = "skipped" if place in skipped else "scrapped" if place in scrapped else state
            found = slots.get(n)
            line = {"OVEN-1": "1", "OVEN-2": "2", "": "3"}[found.oven] if found else ""
            placed_at = found.at(n) if found else None
            made.append(Unit(work.code, n, work.product, serial, panel, position, state, placed_at, line))
    return made
