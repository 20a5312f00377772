"""boundary: the first and the last unit of a change among ten million.

The factory of bench genealogy, written straight; each product has a second BOM version, by which the later half of its orders was planned, but for
one order in twenty that ran on by the old one. For each product there are ECOs of its BOM version and of its firmware, with a boundary.
Measured is what the page of an ECO asks: first unit built so, last unit built the old way, how many of each, how far they overlap; each asked once,
and that of the BOM version held against a count from the plan.
"""

import os
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.factory import VERSIONS, Factory
from ground.figures import Clock, Figures, arguments, engines, machine, percentile, spread
from ground.homes import home, keep
from ground.proof import load
from ground.tables import write_common
from ground.weight import settle

P50_MS, STRAY = 100, 20


def planned_anew(place, factory: Factory, folder: Path) -> set[int]:
    """A second BOM version of each product, through the door; the later orders are planned by it. Returns the orders that are."""
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.storage import bulk, reading
    from asbuilt.storage.transactions import write_tx

    write_common(factory, folder / "common")
    lines = (folder / "common" / "bom.csv").read_text(encoding="utf-8").splitlines()
    second = [lines[0], *(",".join([*line.split(",")[:2], "2", *line.split(",")[3:]]) for line in lines[1:])]
    (folder / "second").mkdir()
    (folder / "second" / "bom.csv").write_text("\n".join(second) + "\n", encoding="utf-8")
    import_folder(place.actor, folder / "second")
    tenant, anew = place.actor.tenant, set()
    of_product: dict[str, list[int]] = {}
    for number in range(factory.orders):
        of_product.setdefault(factory.product_of(number).code, []).append(number)
    for numbers in of_product.values():
        anew |= {number for place_, number in enumerate(numbers[len(numbers) // 2 :]) if place_ % STRAY != 1}
    boms = dict(reading.fetch(
        "SELECT b.revision, b.number FROM catalog_bom b WHERE b.tenant = %s AND b.version = '2'", (tenant,)
    ))  # fmt: skip
    with write_tx(tenant):
        for number in sorted(anew):
            first = 1 + number * factory.order_units
            sql = "SELECT revision FROM production_block WHERE tenant = %s AND first_unit = %s AND until_entry IS NULL"
            revision = reading.fetch_one(sql, (tenant, first))[0]
            bulk.run(
                "UPDATE production_block SET bom = %s WHERE tenant = %s AND first_unit = %s",
                (boms[revision], tenant, first),
            )
    return anew


def expected(factory: Factory, anew: set[int]) -> dict[str, tuple[int, int, int, int]]:
    """Product -> first new, last old, old behind, new before: by the plan, for the BOM version."""
    ends: dict[str, list[list]] = {}
    for number in range(factory.orders):
        order = factory.order(number)
        ends.setdefault(order.product.code, [[], []])[number in anew].append(order.built)
    found = {}
    for code, (old, new) in ends.items():
        if not old or not new:
            continue
        first, last = new[0][0], old[-1][len(old[-1]) - 1]
        behind = sum(len(units) for units in old if units[0] > first)
        before = sum(len(units) for units in new if units[0] < last)
        found[code] = (first, last, behind, before)
    return found


def ecos(place, products: list[str]) -> None:
    """Two ECOs a product; what is asked is what the record says, whoever agreed."""
    from asbuilt.designed.changes.controlling.actions.proposing import add_change, propose_eco

    for code in products:
        name = propose_eco(place.actor, title=f"BOM of {code}", why="bench", products=[code])
        add_change(place.actor, eco=name, kind="bom", product=code, subject=["A"], old="1", new="2")
        name = propose_eco(place.actor, title=f"Firmware of {code}", why="bench", products=[code])
        add_change(
            place.actor, eco=name, kind="firmware", product=code, subject=["app"], old=VERSIONS[0], new=VERSIONS[1]
        )


def run(engine: str, options, figures: Figures) -> None:
    """The whole bench on one engine."""
    factory = Factory(options.scale, options.seed, min(5_000, options.scale // 100))
    with home(engine) as place, tempfile.TemporaryDirectory(prefix="asbuilt-bench-") as folder:
        from asbuilt.designed.changes.controlling.queries import standing_eco
        from asbuilt.questions.genealogy.answering.changes_built import built_by
        from asbuilt.questions.genealogy.evaluating.view import View

        began = time.monotonic()
        if place.first:
            load(place, factory, Path(folder), straight=True)
            keep(place)
        anew = planned_anew(place, factory, Path(folder) / "anew")
        wanted = expected(factory, anew)
        products = sorted(wanted)
        random.Random(options.seed).shuffle(products)
        products = products[: options.products]
        ecos(place, products)
        settle()
        print(f"  {engine}: {factory.units:,} units in {time.monotonic() - began:,.0f} s", flush=True)
        clocks, wrong = {"bom": Clock(), "firmware": Clock()}, 0
        for number in range(1, 2 * len(products) + 1):
            eco = standing_eco(place.actor.tenant, f"ECO-{number}")
            (change,) = eco.changes.values()
            with clocks[change.kind]:
                (one,) = built_by(View(place.actor), eco)
            if change.kind == "bom":
                said = (one.first_new_unit, one.last_old_unit, one.old_behind, one.new_before)
                wrong += said != wanted[change.product]
        for kind, clock in clocks.items():
            print(f"  {kind}: {spread(clock.wall)}; load {os.getloadavg()[0]:.1f}")
            figures.most(f"{engine} {kind} p50", percentile(clock.wall, 0.5), P50_MS, " ms", 1)
        figures.most(f"{engine} boundaries that differ from the plan", wrong, 0, "", 0)


def main() -> None:
    """Both engines, one after the other."""
    parser = arguments(__doc__.split("\n")[0], 10_000_000, "units")
    parser.add_argument("--products", type=int, default=40, help="products whose changes are asked")
    said = parser.parse_args()
    machine(said.seed)
    figures = Figures("boundary")
    for engine in engines(said.engine):
        run(engine, said, figures)
    figures.finish()


if __name__ == "__main__":
    main()
