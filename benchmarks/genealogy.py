"""genealogy: ten million units with 585 placements each; how many bytes a unit, and how fast the questions of a recall.

The factory (ground/factory.py) is written straight into the typed tables; that these rows are those an import makes is proved
first, on a small factory, on the same engine. Then: bytes a unit by table, per-unit records, log and evidence beside it from
an imported sample, and at least 200 questions each, every one asked once, cold caches but for the page cache.
"""

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import ORDER_HOURS, VERSIONS, Factory
from ground.figures import Figures, arguments, engines, machine, percentile, spread
from ground.homes import home
from ground.proof import load, prove
from ground.weight import BESIDE, print_weight, settle, weigh

BYTES_MAX = {"sqlite": 150, "postgresql": 300}
LOT_P50, LOT_P99, MIXED_P50, UNIT_P50 = 10, 50, 100, 2
LOT_UNITS_MAX = 50_000
CLASSES = ((1, 5_000), (5_000, 20_000), (20_000, LOT_UNITS_MAX + 1))
SAMPLE_ORDERS, SAMPLE_ORDER_UNITS = 2, 5_000


class Sheet:
    """The questions of one factory, from its seed."""

    def __init__(self, place, factory: Factory, seed: int, count: int):
        self.actor, self.factory, self.count = place.actor, factory, count
        self.chosen = random.Random(f"{seed}/questions")

    def lots(self) -> list[tuple[str, int]]:
        """(code, units) of lots on up to 50,000 units, a third each of few, more and many units where there are such."""
        from asbuilt.storage import reading

        sql = (
            "SELECT l.lot_code, sum(r.until_unit - r.first_unit) FROM supply_lot l JOIN supply_package p ON p.tenant = l.tenant "
            "AND p.lot = l.number JOIN production_material_run r ON r.tenant = p.tenant AND r.package = p.number AND "
            "r.certain = 1 WHERE l.tenant = %s AND r.units IS NULL OR length(r.units) < 60 GROUP BY 1"
        )
        known = [
            (code, int(units)) for code, units in reading.fetch(sql, (self.actor.tenant,)) if units <= LOT_UNITS_MAX
        ]
        found = []
        for low, high in CLASSES:
            there = sorted(lot for lot in known if low <= lot[1] < high)
            self.chosen.shuffle(there)
            found += there[: self.count // len(CLASSES) + 1]
        self.chosen.shuffle(found)
        return found

    def lot_questions(self) -> list[str]:
        """Which customers have this lot."""
        return [f"lot:{code}" for code, _ in self.lots()]

    def feeder_questions(self) -> tuple[list[str], list[str]]:
        """What came through a feeder: over the whole record, and on the units of one order."""
        from asbuilt.storage import reading

        sql = "SELECT name FROM production_floor_name WHERE tenant = %s AND kind = 'feeder' ORDER BY name"
        names = [name for (name,) in reading.fetch(sql, (self.actor.tenant,))]
        orders = [self.factory.order(self.chosen.randrange(self.factory.orders)).code for _ in range(self.count)]
        chosen = [self.chosen.choice(names) for _ in range(self.count)]
        whole = [f"feeder:{name}" for name in names]
        self.chosen.shuffle(whole)
        return whole[: self.count], [f"feeder:{name} order:{order}" for name, order in zip(chosen, orders, strict=True)]

    def mixed_questions(self) -> list[str]:
        """Lot, firmware, process window and not reworked: which customers."""
        factory, found = self.factory, []
        hours = factory.orders * ORDER_HOURS
        began = datetime(2025, 12, 1, tzinfo=UTC).timestamp()
        lots = [lot for lot, _ in self.lots()]
        places = {code: part for part, code in factory.lots}
        made: dict[int, list[str]] = {}
        for product in factory.products:
            for part in product.parts:
                made.setdefault(part, []).append(product.code)
        for code in lots:
            start = began + self.chosen.randrange(hours) * 3600
            until = start + hours / 4 * 3600
            days = [datetime.fromtimestamp(at, UTC).date().isoformat() for at in (start, until)]
            product = self.chosen.choice(made[places[code]])
            version = self.chosen.choice(VERSIONS[1:])
            window = f"passed:REFLOW@{days[0]}..{days[1]}"
            found.append(f"lot:{code} product:{product} firmware:<{version} {window} -reworked")
        return found

    def units(self) -> list[int]:
        """Built units anywhere on the axis."""
        found = []
        while len(found) < self.count:
            order = self.factory.order(self.chosen.randrange(self.factory.orders))
            found += self.chosen.sample(list(order.built), 5)
        return found


def ask_all(actor, questions: list[str]) -> tuple[list[float], list[int]]:
    """Milliseconds of each question inside the process, with the number of units of its answer."""
    from asbuilt.questions.genealogy.answering.answers import ask

    took, sizes = [], []
    for question in questions:
        began = time.perf_counter()
        answer = ask(actor, question)
        took.append((time.perf_counter() - began) * 1000)
        sizes.append(len(answer.affected.unrecorded))
    return took, sizes


def lots_of_unit(actor, unit: int) -> set[str]:
    """The lots a unit carries now, read as the gate reads them."""
    from asbuilt.built.production.carried import packages_on
    from asbuilt.storage import reading

    with reading.snapshot(plans_kept=True):
        sql = (
            "SELECT DISTINCT l.lot_code FROM supply_package p JOIN supply_lot l ON l.tenant = p.tenant AND l.number = p.lot "
            "WHERE p.tenant = %s AND " + reading.any_of("p.number")
        )
        packages = reading.list_param(sorted(packages_on(actor.tenant, unit)))
        return {code for (code,) in reading.fetch(sql, (actor.tenant, packages))}


def unit_times(actor, units: list[int]) -> list[float]:
    """Milliseconds of each unit's lots."""
    took = []
    for unit in units:
        began = time.perf_counter()
        lots = lots_of_unit(actor, unit)
        took.append((time.perf_counter() - began) * 1000)
        if not lots:
            raise SystemExit(f"unit {unit} carries no lot")
    return took


def sample_beside(engine: str, seed: int) -> None:
    """Print what per-unit records, log and evidence weigh, from orders that went through the exchange door."""
    factory = Factory(SAMPLE_ORDERS * SAMPLE_ORDER_UNITS, seed, SAMPLE_ORDER_UNITS)
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        load(place, factory, Path(folder), straight=False, tests=True)
        weights = weigh()
        units = factory.units
        beside = ", ".join(f"{table} {weights[table] / units:.0f}" for table in BESIDE if weights[table] / units >= 1)
        log = sum(size for table, size in weights.items() if table.startswith("ledger_")) / units
        blobs = (
            sum(path.stat().st_size for path in (place.folder / "home" / "blobs").rglob("*") if path.is_file()) / units
        )
        print(
            f"  {engine} beside it, imported sample: {beside} B a unit; log {log:.0f}, evidence {blobs:.0f} B a unit",
            flush=True,
        )


def timed(said: str, work: Callable):
    """Run it and say how long it took."""
    began = time.monotonic()
    found = work()
    print(f"  {said}: {time.monotonic() - began:,.0f} s", flush=True)
    return found


def run(engine: str, scale: int, seed: int, count: int, figures: Figures) -> None:
    """The whole bench on one engine."""
    rows = timed(f"{engine} proof", lambda: prove(engine))
    print(f"  {engine}: {rows:,} rows of a small factory are the same, imported and written straight", flush=True)
    sample_beside(engine, seed)
    factory = Factory(scale, seed)
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        timed(f"{engine} {factory.units:,} units written", lambda: load(place, factory, Path(folder), straight=True))
        timed("statistics", settle)
        total = print_weight(weigh(), factory.units)
        figures.most(f"{engine} size", total, BYTES_MAX[engine], " B a unit")
        sheet = Sheet(place, factory, seed, count)
        questions, mixed, asked = sheet.lot_questions(), sheet.mixed_questions(), sheet.units()
        # what is timed is a server that has run for a while: everything was asked once; how long that took is told beside it
        for said, first in (
            ("lot → customers", ask_all(place.actor, questions)[0]),
            ("lot ∧ firmware ∧ window ∧ -reworked", ask_all(place.actor, mixed)[0]),
            ("unit → its lots", unit_times(place.actor, asked)),
        ):
            print(f"  {engine} {said}, asked the first time: {spread(first)}", flush=True)
        _lot_figures(engine, place.actor, questions, figures)
        took, sizes = ask_all(place.actor, mixed)
        some = sum(1 for size in sizes if size)
        print(f"  {engine} lot ∧ firmware ∧ window ∧ -reworked: {spread(took)}, {some} with an answer", flush=True)
        figures.most(f"{engine} lot ∧ firmware ∧ window ∧ -reworked p50", statistics.median(took), MIXED_P50, " ms")
        for said, fed in zip(("feeder", "feeder ∧ order"), sheet.feeder_questions(), strict=True):
            ask_all(place.actor, fed)
            took, sizes = ask_all(place.actor, fed)
            print(f"  {engine} {said}: {spread(took)}, {statistics.mean(sizes):,.0f} units a question", flush=True)
        took = unit_times(place.actor, asked)
        print(f"  {engine} unit → its lots: {spread(took)}", flush=True)
        figures.most(f"{engine} unit → its lots p50", statistics.median(took), UNIT_P50, " ms", 2)


def _lot_figures(engine: str, actor, questions: list[str], figures: Figures) -> None:
    took, sizes = ask_all(actor, questions)
    if not all(sizes):
        raise SystemExit("a lot that was mounted has no unit")
    for low, high in CLASSES:
        mine = [ms for ms, size in zip(took, sizes, strict=True) if low <= size < high]
        if mine:
            print(f"  {engine} lot on {low:,} to {high - 1:,} units → customers: {spread(mine)}", flush=True)
    kept = [ms for ms, size in zip(took, sizes, strict=True) if size <= LOT_UNITS_MAX]
    figures.most(f"{engine} lot → customers p50", statistics.median(kept), LOT_P50, " ms")
    figures.most(f"{engine} lot → customers p99", percentile(kept, 0.99), LOT_P99, " ms")


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--questions", type=int, default=300, help="questions of each kind, at least 200 for a figure")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("genealogy")
    for engine in engines(said.engine):
        run(engine, said.scale, said.seed, said.questions, figures)
    figures.finish()


if __name__ == "__main__":
    main()
