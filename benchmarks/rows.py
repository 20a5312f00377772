"""rows: the same 20,000 units in our schema and in one row a placement, on the same engine in the same run.

The other schema is what peers keep (reference/peers.md, part B), laid out as their object mappers do: placement (row id, unit,
designator, package) with an index on unit and one on package, made after the load so that its pages are full; the customer of each
shipped unit as a row of its own; lots, packages and parties are shared. Material facts are runs, holes, replacements and
meetings with their indexes on our side, placements with theirs on the other.

Lot to customers, for all lots on more than 5,000 units: the customers alone, which is what `asbuilt ask --only customers` says, against the one SQL
statement that a peer's mapper would send to count the units of a lot by customer, each the best of three in a row; the ratio is that of the sums.
Beside it the first of each, which comes right after the other side's statement and finds the processor's caches full of that; and `ask` with all
it says (five groupings, spans, gaps, proof), which a peer's statement does not; both must give the same customers.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import CUSTOMERS, Factory, OrderFacts
from ground.figures import Figures, arguments, engines, machine, spread
from ground.homes import home
from ground.proof import load
from ground.weight import settle, weigh

SMALLER, FASTER, LOT_UNITS_MIN = 250, 30, 5_000
OURS = ("production_material_run", "production_material_hole", "production_replacement", "production_group_meeting")
REPEATS = 3


def carried(order: OrderFacts) -> Iterator[tuple]:
    """(unit, product, line, package) of every line of every unit; in a splice, the package that went before."""
    package_of: list[dict[int, int]] = [{} for _ in order.product.parts]
    for run in order.runs:
        there = package_of[run.line]
        there.update(dict.fromkeys(run.certain, run.package))
        for unit in run.possible:
            there.setdefault(unit, run.package)
    for line, there in enumerate(package_of):
        yield from ((unit, order.product.code, line, package) for unit, package in there.items())


def write_placements(factory: Factory, tenant: int) -> int:
    """The other schema, spread out inside the database in the order of its key; returns its rows."""
    from asbuilt.designed.parties.queries import numbers_by_name
    from asbuilt.storage import bulk, reading
    from asbuilt.storage.transactions import write_tx

    numbers = numbers_by_name(tenant)
    parties = {customer: numbers[f"C{customer:03d}"] for customer in range(CUSTOMERS)}
    number = "integer" if reading.vendor() == "sqlite" else "bigint"
    columns = f"id {number} PRIMARY KEY, unit integer NOT NULL, refdes varchar(120) NOT NULL, package integer NOT NULL"
    with write_tx(tenant):
        bulk.run(f"CREATE TABLE placement ({columns})")
        bulk.run("CREATE TEMPORARY TABLE bench_carried (unit integer, product text, line integer, package integer)")
        bulk.run("CREATE TEMPORARY TABLE bench_position (product text, line integer, refdes varchar(120))")
        for product in factory.products:
            rows = [(product.code, line, p) for line, positions in enumerate(product.positions) for p in positions]
            bulk.insert_rows("bench_position", ("product", "line", "refdes"), rows)
        for order in factory.each_order():
            bulk.insert_rows("bench_carried", ("unit", "product", "line", "package"), carried(order))
        bulk.run(
            "INSERT INTO placement SELECT row_number() OVER (ORDER BY c.unit, p.refdes), c.unit, p.refdes, c.package "
            "FROM bench_carried c JOIN bench_position p ON p.product = c.product AND p.line = c.line"
        )
        bulk.run("CREATE INDEX placement_unit ON placement (unit)")
        bulk.run("CREATE INDEX placement_package ON placement (package)")
        bulk.run("CREATE TABLE unit_shipped (unit integer PRIMARY KEY, customer integer NOT NULL)")
        for order in factory.each_order():
            shipped = ((unit, parties[box[1]]) for box in order.lines for unit in range(*box[2:4]))
            bulk.insert_rows("unit_shipped", ("unit", "customer"), shipped)
        bulk.run("DROP TABLE bench_carried")
        bulk.run("DROP TABLE bench_position")
    return reading.fetch_one("SELECT count(*) FROM placement")[0]


def customers_by_placements(tenant: int, code: str) -> list[tuple]:
    """Customer and units of a lot, from one row a placement and one row a shipped unit."""
    from asbuilt.storage import reading

    sql = (
        "SELECT c.code, c.name, count(DISTINCT p.unit) FROM supply_lot o "
        "JOIN supply_package k ON k.tenant = o.tenant AND k.lot = o.number JOIN placement p ON p.package = k.number "
        "LEFT JOIN unit_shipped u ON u.unit = p.unit "
        "LEFT JOIN parties_party c ON c.tenant = o.tenant AND c.number = u.customer "
        "WHERE o.tenant = %s AND o.lot_code = %s GROUP BY c.code, c.name"
    )
    return reading.fetch(sql, (tenant, code))


def compare(engine: str, factory: Factory, actor, figures: Figures) -> None:
    """Time both on the same lots; the counts of certain and possible units must hold theirs between them."""
    from asbuilt.questions.genealogy.answering.answers import ask
    from asbuilt.questions.genealogy.answering.customers_alone import customers

    ours, whole, theirs, first = [], [], [], [0.0, 0.0]
    for code in dict.fromkeys(factory.lots[place][1] for place in factory.packages):
        answer = ask(actor, f"lot:{code}")
        if len(answer.affected.unrecorded) <= LOT_UNITS_MIN:
            continue
        # the first of each comes after something else that fills the processor's caches
        counted, other = timed(lambda code=code: customers_by_placements(actor.tenant, code))
        alone, mine = timed(lambda code=code: customers(actor, f"lot:{code}"))
        answer, all_of_it = timed(lambda code=code: ask(actor, f"lot:{code}"))
        units = sum(count for *_, count in counted)
        if not len(answer.affected.certain) - 200 <= units <= len(answer.affected.unrecorded) + 200:
            raise SystemExit(f"{code}: {units} units by placements, {answer.affected.counts()} by ours")
        if alone.customers != answer.by["customer"]:
            raise SystemExit(f"{code}: the customers alone are not those of the whole answer")
        ours.append(min(mine))
        whole.append(min(all_of_it))
        theirs.append(min(other))
        first = [first[0] + mine[0], first[1] + other[0]]
    if not ours:
        raise SystemExit(f"no lot is on more than {LOT_UNITS_MIN:,} units: give a larger --scale")
    shown = (
        f"customers alone {spread(ours)}; ask with all it says {spread(whole)}; one row a placement {spread(theirs)}"
    )
    print(f"  {engine} {shown}; {sum(theirs) / sum(whole):.1f} x against ask with all it says", flush=True)
    print(f"  {engine} each for the first time, after another: {first[1] / first[0]:.1f} x", flush=True)
    figures.least(f"{engine} lot to customers alone faster", sum(theirs) / sum(ours), FASTER, " x")


def timed(ask: Callable) -> tuple[object, list[float]]:
    """What is answered, and the milliseconds of each of REPEATS times in a row."""
    took = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        found = ask()
        took.append((time.perf_counter() - began) * 1000)
    return found, took


def main() -> None:
    """Both schemas on each engine."""
    said = arguments(__doc__.split("\n")[0], 20_000, "units").parse_args()
    machine(said.seed)
    figures = Figures("rows")
    factory = Factory(said.scale, said.seed, open_lots=2)
    for engine in engines(said.engine):
        with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
            load(place, factory, Path(folder), straight=True)
            count = write_placements(factory, place.actor.tenant)
            settle()
            weights = weigh()
            mine, other = sum(weights[table] for table in OURS), weights["placement"]
            units = factory.units
            print(
                f"  {engine}: {count:,} placements, {other / units:,.0f} B a unit; ours {mine / units:,.1f} B a unit",
                flush=True,
            )
            figures.least(f"{engine} material facts smaller", other / mine, SMALLER, " x")
            compare(engine, factory, place.actor, figures)
    figures.finish()


if __name__ == "__main__":
    main()
