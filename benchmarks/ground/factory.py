"""A synthetic factory: what happened, order by order, before anybody writes it down.

`tables` writes it as exchange tables, `rows` as the rows that importing those tables makes. Shape (issue 3, bench genealogy):

- 117 position groups with 585 placements a product; about four packages a line and order, each of another lot
- at each change of package a splice: 2 to 4 units for which both packages are possible
- a fifth of the orders runs on two lines at once, panels of four in any order, so that runs interleave
- 0.3 % skipped positions; serial numbers of 14 random characters; 0.5 % of units with a replacement; boxes of 50
- process runs of 500 units in four steps; one firmware version an order, 1 % of units programmed again with the next
- on one line in two hundred the first scan is missing: 20 units without a run there

A lot has 1 to 40 packages, most of them few; a part is used in two or three products. All follows from the seed.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from pyroaring import BitMap

LINES, PLACEMENTS, PANEL, BOX, PASS_UNITS = 117, 585, 4, 50, 500
STEPS = ("PRINT", "PLACE", "REFLOW", "AOI")
VERSIONS = ("1.0.0", "1.1.0", "1.2.0", "1.3.0")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MACHINES, CUSTOMERS = 4, 300
BEGAN = int(datetime(2025, 12, 1, tzinfo=UTC).timestamp()) * 1_000_000
HOUR = 3_600 * 1_000_000
ORDER_HOURS = 4
SKIPPED, REWORKED, REPROGRAMMED, GAPS = 0.003, 0.005, 0.01, 0.005
GAP_UNITS = 20


@dataclass(frozen=True)
class Product:
    """A product: its code, the part of each line, the positions of each line."""

    code: str
    parts: tuple[int, ...]
    positions: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Run:
    """A package at a line of the BOM: units it is certainly on, units around its splices it may be on."""

    line: int
    package: int
    machine: str
    feeder: str
    at: int
    certain: BitMap
    possible: BitMap


@dataclass
class OrderFacts:
    """Everything that happened on one order. Units are numbers of the axis; packages count from 1."""

    number: int
    code: str
    product: Product
    first: int
    until: int
    serials: list[str] = field(default_factory=list)
    skipped: BitMap = field(default_factory=BitMap)
    panels: list[tuple[str, int, int]] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    missing: list[tuple[int, BitMap]] = field(default_factory=list)
    passes: list[tuple] = field(default_factory=list)
    replacements: list[tuple] = field(default_factory=list)
    version: int = 0
    again: BitMap = field(default_factory=BitMap)
    lines: list[tuple] = field(default_factory=list)
    operator: str = ""
    station: str = ""

    @property
    def built(self) -> BitMap:
        """The units of the order that were built."""
        return BitMap(range(self.first, self.until)) - self.skipped

    @property
    def begins(self) -> int:
        """When it begins, microseconds since 1970."""
        return BEGAN + self.number * ORDER_HOURS * HOUR

    def programmed(self, unit: int, step: int) -> int:
        """When a unit was programmed, for the first time (0) or again (1)."""
        return self.begins + (5 + step * 40) * HOUR + (unit - self.first) * 2_000_000

    def tested(self, unit: int) -> int:
        """When the test of a unit began."""
        return self.begins + 30 * HOUR + (unit - self.first) * 2_000_000

    def uid(self, unit: int) -> bytes:
        """What its microcontroller says it is."""
        return sha256(self.serials[unit - self.first].encode()).digest()[:12]


class Factory:
    """A plan of `orders` orders of `order_units` units, and what happened on each."""

    def __init__(self, units: int, seed: int, order_units: int = 5_000, open_lots: int = 8):
        self.seed, self.order_units, self.open_lots = seed, min(order_units, units), open_lots
        self.orders = max(1, units // self.order_units)
        self.units = self.orders * self.order_units
        chosen = random.Random(seed)
        count = max(2, self.orders // 50)
        self.part_count = max(LINES, count * LINES * 2 // 5)
        self.products = [self._product(chosen, n) for n in range(count)]
        self.lots: list[tuple[int, str]] = []
        self.packages: list[int] = []  # package - 1 -> place of its lot
        self._reels: list[list[list[int]]] = []
        self._plan(chosen)

    def _product(self, chosen: random.Random, number: int) -> Product:
        cuts = sorted(chosen.sample(range(1, PLACEMENTS), LINES - 1))
        sizes = [after - before for before, after in zip([0, *cuts], [*cuts, PLACEMENTS], strict=True)]
        positions, next_number = [], dict.fromkeys("RCULD", 1)
        for size in sizes:
            letter = chosen.choices("RCULD", (30, 40, 15, 8, 7))[0]
            start = next_number[letter]
            next_number[letter] += size
            positions.append(tuple(f"{letter}{start + n}" for n in range(size)))
        return Product(f"BOARD-{number:03d}", tuple(chosen.sample(range(self.part_count), LINES)), tuple(positions))

    def _plan(self, chosen: random.Random) -> None:
        """Which packages of which lots go to which order and line: several open lots a part, taken in turn."""
        waiting: dict[int, list[list[int]]] = {}
        for order in range(self.orders):
            of_lines = []
            for part in self.product_of(order).parts:
                there, before, reels = waiting.setdefault(part, []), None, []
                for _ in range(chosen.choices((2, 3, 4, 5, 6), (1, 2, 4, 2, 1))[0]):
                    while len(there) < self.open_lots:
                        self.lots.append((part, f"L{len(self.lots):06X}{chosen.randrange(16**4):04X}"))
                        there.append([len(self.lots) - 1, int(40 ** chosen.random())])
                    lot = chosen.choice([lot for lot in there if lot is not before])
                    before, lot[1] = lot, lot[1] - 1
                    if lot[1] < 1:
                        there.remove(lot)
                    self.packages.append(lot[0])
                    reels.append(len(self.packages))
                of_lines.append(reels)
            self._reels.append(of_lines)

    def product_of(self, order: int) -> Product:
        """The product of an order."""
        return self.products[order * 7 % len(self.products)]

    def each_order(self) -> Iterator[OrderFacts]:
        """What happened, order by order."""
        for number in range(self.orders):
            yield self.order(number)

    def order(self, number: int) -> OrderFacts:
        """What happened on one order."""
        chosen = random.Random(f"{self.seed}/{number}")
        first = 1 + number * self.order_units
        order = OrderFacts(number, f"WO-{number:05d}", self.product_of(number), first, first + self.order_units)
        order.operator, order.station = f"{number % 60:03d}", f"PRG-{number % 8}"
        order.skipped = BitMap(unit for unit in range(order.first, order.until) if chosen.random() < SKIPPED)
        order.serials = ["".join(chosen.choices(ALPHABET, k=14)) for _ in range(self.order_units)]
        for place, unit in enumerate(range(order.first, order.until, PANEL)):
            order.panels.append((f"P{number:05d}{place:04d}", unit, min(unit + PANEL, order.until)))
        self._mount(order, chosen)
        self._pass(order)
        self._rework(order, chosen)
        order.version = min(2, number * 3 // self.orders)
        built = list(order.built)
        order.again = BitMap(chosen.sample(built, max(1, int(REPROGRAMMED * len(built)))))
        self._ship(order, chosen)
        return order

    # ---- material

    def _mount(self, order: OrderFacts, chosen: random.Random) -> None:
        machines = [f"NXT-{(order.number + n) % MACHINES + 1}" for n in range(2 if order.number % 5 == 3 else 1)]
        sequences = self._sequences(order, chosen, len(machines))
        at = order.begins
        for line, reels in enumerate(self._reels[order.number]):
            half = -(-len(reels) // len(machines))
            for place, (machine, sequence) in enumerate(zip(machines, sequences, strict=True)):
                mine = reels[place * half : (place + 1) * half]
                late = GAP_UNITS if place == 0 and chosen.random() < GAPS else 0
                if late:
                    order.missing.append((line, BitMap(sequence[:late])))
                feeder = f"{machine}/{line + 1:03d}"
                for package, certain, possible in _spliced(chosen, sequence, mine, late):
                    order.runs.append(Run(line, package, machine, feeder, at, certain, possible))

    def _sequences(self, order: OrderFacts, chosen: random.Random, lines: int) -> list[list[int]]:
        """The built units in the order in which each line saw them."""
        if lines == 1:
            return [list(order.built)]
        panels = list(range(len(order.panels)))
        chosen.shuffle(panels)
        half = len(panels) // 2
        found = []
        for mine in (panels[:half], panels[half:]):
            units = (unit for panel in mine for unit in range(*order.panels[panel][1:]))
            found.append([unit for unit in units if unit not in order.skipped])
        return found

    # ---- process, rework, shipping

    def _pass(self, order: OrderFacts) -> None:
        begins = order.begins
        for place, first in enumerate(range(order.first, order.until, PASS_UNITS)):
            until = min(first + PASS_UNITS, order.until)
            for number, step in enumerate(STEPS):
                started = begins + (place * 20 + number * 5) * 60 * 1_000_000
                readings = f'{{"zone5":{248 + (order.number + place) % 9}}}' if step == "REFLOW" else ""
                machine = f"{step}-{order.number % MACHINES + 1}"
                program = f"{order.product.code}-{step}"
                order.passes.append((step, machine, program, first, until, started, started + HOUR // 3, readings))

    def _rework(self, order: OrderFacts, chosen: random.Random) -> None:
        at = order.begins + ORDER_HOURS * HOUR
        for unit in sorted(chosen.sample(list(order.built), max(1, int(REWORKED * self.order_units)))):
            line = chosen.randrange(LINES)
            mine = [run for run in order.runs if run.line == line]
            removed = next((run.package for run in mine if unit in run.certain), None)
            refdes = chosen.choice(order.product.positions[line])
            order.replacements.append((unit, refdes, removed, mine[-1].package, at))

    def _ship(self, order: OrderFacts, chosen: random.Random) -> None:
        if order.number >= self.orders * 0.95:
            return
        at, shipment, customer = order.begins + 72 * HOUR, 0, 0
        for place, first in enumerate(range(order.first, order.until, BOX)):
            if place % 20 == 0:
                shipment += 1
                customer = min(chosen.randrange(CUSTOMERS), chosen.randrange(CUSTOMERS))
            code = f"S{order.number:05d}-{shipment}"
            order.lines.append((code, customer, first, min(first + BOX, order.until), at))


def _spliced(chosen: random.Random, sequence: Sequence[int], reels: Sequence[int], late: int):
    """(package, certain, possible) of packages that follow each other along a sequence, with a splice at each change."""
    size = len(sequence)
    even = [size * n // len(reels) for n in range(1, len(reels))]
    cuts = [cut + chosen.randint(-size // (8 * len(reels)), size // (8 * len(reels))) for cut in even]
    zones = [(cut - 1, cut - 1 + chosen.randint(2, 4)) for cut in cuts]
    begins = [late, *(until for _, until in zones)]
    ends = [*(first for first, _ in zones), size]
    for place, package in enumerate(reels):
        possible = BitMap()
        for zone in zones[max(place - 1, 0) : place + 1]:
            possible.update(sequence[slice(*zone)])
        yield package, BitMap(sequence[begins[place] : ends[place]]), possible
